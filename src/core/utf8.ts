// The size of text in bytes.

const encoder = new TextEncoder();

/** Whether `text` takes more than `bytesMax` bytes of UTF-8; encodes it only where its length does not tell. */
export function isLongerThan(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true;
  return text.length * 3 > bytesMax && encoder.encode(text).byteLength > bytesMax;
}
