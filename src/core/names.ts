// The names that caches, topics and tokens may have.

import { invalidArgument } from "./errors.ts";

const NAME_BYTES_MAX = 255;

/** What a name may be, for error messages and documentation. */
export const NAME_RULE =
  '1 to 255 bytes of UTF-8 without control characters, * and U+FFFD, other than "." and ".."';

const encoder = new TextEncoder();
/** Control characters, the wildcard, and the character that takes the place of malformed UTF-8. */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f*\ufffd]/;

/** Returns the name, or throws `invalid_argument` that says which name was wrong (`what`) and what is allowed. */
export function requireName(what: string, name: string): string {
  if (isName(name)) return name;
  throw invalidArgument(`The ${what} is not valid. Allowed are ${NAME_RULE}.`);
}

export function isName(name: string): boolean {
  if (name.length === 0 || name.length > NAME_BYTES_MAX) return false;
  if (FORBIDDEN.test(name) || name === "." || name === ".." || !name.isWellFormed()) return false;
  return name.length * 3 <= NAME_BYTES_MAX || encoder.encode(name).byteLength <= NAME_BYTES_MAX;
}
