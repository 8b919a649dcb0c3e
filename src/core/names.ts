// The names that things may have.

import { invalidArgument } from "./errors.ts";
import { isLongerThan } from "./utf8.ts";

export const NAME_BYTES_MAX = 255;

/** What the name of a cache, topic or token may be, for error messages and documentation. */
export const NAME_RULE =
  '1 to 255 bytes of UTF-8 without control characters, * and U+FFFD, other than "." and ".."';

/** What the id of a token may be. Names are among them; other issuers give ids that are none. */
export const TOKEN_ID_RULE =
  '1 to 255 bytes of UTF-8 without control characters and U+FFFD, other than "." and ".."';

/** Control characters, the wildcard, and the character that takes the place of malformed UTF-8. */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f*\ufffd]/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Returns the name, or throws `invalid_argument` that says which name was wrong (`what`) and what is allowed. */
export function requireName(what: string, name: string): string {
  if (isName(name)) return name;
  throw invalidArgument(`The ${what} is not valid. Allowed are ${NAME_RULE}.`);
}

/** Returns the id, or throws `invalid_argument` that says what is allowed. */
export function requireTokenId(id: string): string {
  if (isTokenId(id)) return id;
  throw invalidArgument(`The token id is not valid. Allowed are ${TOKEN_ID_RULE}.`);
}

/** As a name, but the wildcard is a character like any other. */
export function isTokenId(id: string): boolean {
  return isName(id.replaceAll("*", "x"));
}

export function isName(name: string): boolean {
  if (name.length === 0 || name.length > NAME_BYTES_MAX) return false;
  if (FORBIDDEN.test(name) || name === "." || name === ".." || !name.isWellFormed()) return false;
  return !isLongerThan(name, NAME_BYTES_MAX);
}

/** Throws `invalid_argument` unless this can be the name of a record, an event or an RPC. */
export function requirePlainName(what: string, name: string, bytesMax: number): void {
  if (name.length > 0 && !isLongerThan(name, bytesMax)) {
    if (!CONTROL.test(name) && name.isWellFormed()) return;
  }
  throw invalidArgument(
    `The ${what} is not valid. Allowed are 1 to ${bytesMax} bytes of UTF-8 without control characters.`,
  );
}
