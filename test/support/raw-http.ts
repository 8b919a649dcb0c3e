// Speaks HTTP byte by byte over a socket, with TLS or without, for requests that fetch refuses or repairs.

import net from "node:net";
import tls from "node:tls";

export type RawAnswer = {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: string;
  /** The 1xx answers that came before. */
  readonly interim: readonly number[];
};

/** Sends the bytes as they are and reads one answer; "closed" when the server hung up without one. */
export async function rawHttp(
  url: string,
  bytes: string | Uint8Array,
): Promise<RawAnswer | "closed"> {
  using connection = await openRaw(url);
  connection.write(bytes);
  return await connection.answer(firstWord(bytes) === "HEAD");
}

/** A request with a Host and the given header lines; a body brings its Content-Length. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ""): string {
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`${line} HTTP/1.1`, "Host: millrace.test", ...headers, ...length, "", body].join("\r\n");
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port, protocol } = new URL(url);
  const to = { host: hostname, port: Number(port) };
  const isTls = protocol === "https:";
  const socket = isTls ? tls.connect({ ...to, rejectUnauthorized: false }) : net.connect(to);
  const connection = new RawConnection(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once(isTls ? "secureConnect" : "connect", () => resolve());
    socket.once("error", reject);
  });
  return connection;
}

export class RawConnection implements Disposable {
  readonly #socket: net.Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #changed: () => void = () => {};

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", () => this.#end());
    socket.on("close", () => this.#end());
  }

  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next answer; the 1xx answers before it are in `interim`. */
  async answer(toHead = false): Promise<RawAnswer | "closed"> {
    const interim: number[] = [];
    for (;;) {
      const parsed = parseAnswer(this.#received, toHead, this.#ended);
      if (parsed) this.#received = this.#received.subarray(parsed.length);
      if (parsed && parsed.status >= 200) return { ...parsed, interim };
      if (parsed) interim.push(parsed.status);
      else if (this.#ended) return "closed";
      else await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  /** From now on it reads nothing. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Whether the given status line, such as that of a 100, has arrived. */
  has(text: string): boolean {
    return this.#received.includes(text);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    this.#changed();
  }

  #end(): void {
    this.#ended = true;
    this.#changed();
  }
}

type Parsed = { status: number; reason: string; headers: Headers; body: string; length: number };

function parseAnswer(bytes: Buffer, toHead: boolean, ended: boolean): Parsed | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...lines] = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const [, status = "0", reason = ""] = /^HTTP\/1\.\d (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
  const headers = new Headers(lines.map(splitHeader));
  const rest = bytes.subarray(headEnd + 4);
  const body = takeBody(Number(status), headers, rest, toHead, ended);
  if (!body) return undefined;
  return {
    status: Number(status),
    reason,
    headers,
    body: body.text,
    length: headEnd + 4 + body.length,
  };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

type Body = { text: string; length: number };

function takeBody(
  status: number,
  headers: Headers,
  rest: Buffer,
  toHead: boolean,
  ended: boolean,
): Body | undefined {
  if (toHead || status < 200 || status === 204 || status === 304) return { text: "", length: 0 };
  if (headers.get("transfer-encoding") === "chunked") return takeChunks(rest);
  const stated = headers.get("content-length");
  const length = stated === null ? rest.length : Number(stated);
  if (stated === null ? !ended : rest.length < length) return undefined;
  return { text: rest.subarray(0, length).toString(), length };
}

function takeChunks(rest: Buffer): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.subarray(at, lineEnd).toString(), 16);
    const next = lineEnd + 2 + size + 2;
    if (rest.length < next) return undefined;
    if (size === 0) return { text: Buffer.concat(chunks).toString(), length: next };
    chunks.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

function firstWord(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).subarray(0, 8).toString("latin1").split(" ")[0] ?? "";
}
