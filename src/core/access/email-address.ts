// Email addresses as names of users: no more is asked of them than that two people can tell them apart.

/** What an address may be, for error messages and documentation. */
export const EMAIL_RULE =
  "3 to 254 bytes of UTF-8 with an @ between other characters, and no space or control character";

const EMAIL_BYTES_MAX = 254;
/** With `u`, half of a surrogate pair is a category of its own. */
const EMAIL = /^[^\p{Cc}\p{Cs}\s\ufffd]+@[^\p{Cc}\p{Cs}\s\ufffd@]+$/u;

const encoder = new TextEncoder();

/** Without the space around it and in lower case; undefined when it is no address. */
export function emailOf(text: string): string | undefined {
  if (text.length > EMAIL_BYTES_MAX * 2) return undefined;
  const email = text.trim().toLowerCase();
  return EMAIL.test(email) && encoder.encode(email).byteLength <= EMAIL_BYTES_MAX
    ? email
    : undefined;
}
