/** As much of the WebSocket protocol as a client needs that must cost next to nothing. */

const LENGTH_OF_16_BITS = 126;
const LENGTH_OF_64_BITS = 127;
const HEADER_BYTES_MAX = 10;

export function upgradeBytes(host: string, path: string): Buffer {
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
}

/** A binary message of a client, whose mask is zero and changes nothing. */
export function messageBytes(payload: Uint8Array): Buffer {
  const { length } = payload;
  if (length > 0xffff) throw new Error("a message of more than 64 KiB");
  const isShort = length < LENGTH_OF_16_BITS;
  const header = isShort
    ? [0x82, 0x80 | length]
    : [0x82, 0x80 | LENGTH_OF_16_BITS, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), payload]);
}

/** What one server sends: the end of its handshake, and frames after that. */
export class FrameReader {
  #rest: Buffer | undefined;

  /** Calls `onFrame` with the payload of each frame that is complete with this chunk. */
  read(chunk: Buffer, onFrame: (payload: Buffer) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const start = startOfPayload(bytes, at);
      const end = start + lengthOfPayload(bytes, at, start);
      if (!(end <= bytes.length)) break;
      onFrame(bytes.subarray(start, end));
      at = end;
    }
    this.#rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  }
}

function startOfPayload(bytes: Buffer, at: number): number {
  switch (bytes[at + 1]) {
    case LENGTH_OF_16_BITS:
      return at + 4;
    case LENGTH_OF_64_BITS:
      return at + HEADER_BYTES_MAX;
    default:
      return at + 2;
  }
}

/** NaN while the header is not complete. */
function lengthOfPayload(bytes: Buffer, at: number, start: number): number {
  if (start > bytes.length) return Number.NaN;
  if (start === at + 2) return bytes[at + 1] ?? Number.NaN;
  return start === at + 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
}
