// Text from elsewhere in messages for the administrator: on one line, and no more of it than helps.

const LENGTH_MAX = 300;
const QUOTED_LENGTH_MAX = 60;

/** Without characters that end a line or steer a terminal. */
export function printable(text: string): string {
  return cut(text, LENGTH_MAX).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** What users sent, as much as a log may hold of it. */
export function quote(text: string): string {
  return `"${printable(cut(text, QUOTED_LENGTH_MAX))}"`;
}

function cut(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
}
