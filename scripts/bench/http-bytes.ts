/** As much of HTTP as a client needs that must cost next to nothing. */

const END_OF_HEAD = Buffer.from("\r\n\r\n");
/** No JSON holds it. */
const LAST_CHUNK = Buffer.from("\r\n0\r\n\r\n");
const NO_CONTENT = 204;

export interface RequestParts {
  readonly method: "GET" | "POST";
  readonly host: string;
  readonly target: string;
  /** Of the Authorization header; empty for none. */
  readonly token: string;
  /** Text; empty for none. */
  readonly body: string;
  readonly contentType?: string;
}

export function requestBytes(parts: RequestParts): Buffer {
  const { method, host, target, token, body, contentType = "text/plain" } = parts;
  const authorization = token === "" ? "" : `Authorization: ${token}\r\n`;
  const length = Buffer.byteLength(body);
  const content =
    method === "POST" ? `Content-Type: ${contentType}\r\nContent-Length: ${length}\r\n` : "";
  return Buffer.from(
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${authorization}${content}\r\n${body}`,
  );
}

/** Of the response that begins `bytes`; 0 while it is not complete. */
export function responseLength(bytes: Buffer): number {
  const head = bytes.indexOf(END_OF_HEAD);
  if (head === -1) return 0;
  const bodyStart = head + END_OF_HEAD.length;
  if (statusOf(bytes) === NO_CONTENT) return bodyStart;
  const fields = bytes.toString("latin1", 0, head);
  if (/\r\ntransfer-encoding: *chunked/i.test(fields)) {
    const end = bytes.indexOf(LAST_CHUNK, head);
    return end === -1 ? 0 : end + LAST_CHUNK.length;
  }
  const length = /\r\ncontent-length: *(\d+)/i.exec(fields)?.[1];
  if (length === undefined) throw new Error("a response without Content-Length");
  const end = bodyStart + Number(length);
  return end <= bytes.length ? end : 0;
}

/** From a status line such as `HTTP/1.1 204 No Content`. */
export function statusOf(bytes: Buffer): number {
  return Number(bytes.toString("latin1", 9, 12));
}

export function bodyOf(response: Buffer): Buffer {
  return response.subarray(response.indexOf(END_OF_HEAD) + END_OF_HEAD.length);
}
