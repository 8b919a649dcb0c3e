// The names that things may have.

import { invalidArgument } from "./errors.ts";
import { isLongerThan } from "./utf8.ts";

const NAME_BYTES_MAX = 255;

/** What the name of a cache, topic or token may be, for error messages and documentation. */
export const NAME_RULE =
  '1 to 255 bytes of UTF-8 without control characters, * and U+FFFD, other than "." and ".."';

/** Control characters, the wildcard, and the character that takes the place of malformed UTF-8. */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f*\ufffd]/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Returns the name, or throws `invalid_argument` that says which name was wrong (`what`) and what is allowed. */
export function requireName(what: string, name: string): string {
  if (isName(name)) return name;
  throw invalidArgument(`The ${what} is not valid. Allowed are ${NAME_RULE}.`);
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
