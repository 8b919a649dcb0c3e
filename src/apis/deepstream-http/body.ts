// Reads the JSON body of a POST, in deepstream's words where it is none.

import type { BodyShare } from "../../core/body-budget.ts";
import { invalidArgument, ServiceError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { type BodyServices, gather, readBody } from "../../http/body.ts";

const UTF_8 = new TextDecoder("utf-8", { fatal: true });
const UTF_16LE = new TextDecoder("utf-16le", { fatal: true });

/** By their names in lower case. */
const DECODERS: ReadonlyMap<string, TextDecoder> = new Map([
  ["utf-8", UTF_8],
  ["utf8", UTF_8],
  ["utf-16", UTF_16LE],
  ["utf-16le", UTF_16LE],
  ["utf-16be", new TextDecoder("utf-16be", { fatal: true })],
]);
type Compression = "gzip" | "deflate";

const INFLATIONS: ReadonlyMap<string, Compression> = new Map<string, Compression>([
  ["gzip", "gzip"],
  ["deflate", "deflate"],
]);

const JSON_TYPE = "application/json";

/** Parameters are allowed. */
export function isJsonType(headers: Headers): boolean {
  const type = headers.get("content-type") ?? "";
  return type === JSON_TYPE || type.split(";", 1)[0]?.trim().toLowerCase() === JSON_TYPE;
}

/**
 * An object or an array; an empty body is `{}`. `share` holds what it takes until it is disposed.
 * Throws or rejects with `invalid_argument`, `limit_exceeded` or `body_late`.
 */
export function readJson(
  services: BodyServices,
  request: Request,
  share: BodyShare,
  bytesMax: number,
): Promise<Json> {
  const tooLarge = () => unreadable("request entity too large");
  const decoder = decoderOf(request.headers);
  const inflation = inflationOf(request.headers);
  const sent = readBody(services, request, share, { bytesMax, tooLarge });
  if (inflation === undefined) return sent.then((bytes) => jsonOf(bytes, decoder));
  return sent
    .then((bytes) => inflate(bytes, inflation, share, { bytesMax, tooLarge }))
    .then((bytes) => jsonOf(bytes, decoder));
}

function jsonOf(bytes: ArrayBuffer, decoder: TextDecoder): Json {
  if (bytes.byteLength === 0) return {};
  const value = parse(decode(bytes, decoder));
  if (typeof value === "object" && value !== null) return value;
  throw unreadable("it must be an object or an array");
}

function decoderOf(headers: Headers): TextDecoder {
  const type = headers.get("content-type") ?? "";
  if (type === JSON_TYPE) return UTF_8;
  const [, charset] = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type) ?? [];
  if (charset === undefined) return UTF_8;
  const decoder = DECODERS.get(charset.toLowerCase());
  if (decoder !== undefined) return decoder;
  throw unreadable(`unsupported charset "${charset.toUpperCase()}"`);
}

function inflationOf(headers: Headers): Compression | undefined {
  const encoding = headers.get("content-encoding");
  if (encoding === null) return undefined;
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return undefined;
  const inflation = INFLATIONS.get(name);
  if (inflation !== undefined) return inflation;
  throw unreadable(`unsupported content encoding "${encoding}"`);
}

async function inflate(
  bytes: ArrayBuffer,
  format: Compression,
  share: BodyShare,
  bounds: { readonly bytesMax: number; readonly tooLarge: () => Error },
): Promise<ArrayBuffer> {
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  try {
    return await gather(inflated, share, bounds);
  } catch (cause) {
    if (cause instanceof ServiceError || !(cause instanceof TypeError)) throw cause;
    throw unreadable(cause.message);
  }
}

function decode(bytes: ArrayBuffer, decoder: TextDecoder): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw unreadable(`it is not valid ${decoder.encoding.toUpperCase()}`);
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : "it is not valid JSON");
  }
}

function unreadable(why: string): ServiceError {
  return invalidArgument(`Failed to parse body of request: ${why}`);
}
