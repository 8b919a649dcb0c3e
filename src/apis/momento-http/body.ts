// Reads request bodies within their bounds.

import type { Static, TSchema } from "@sinclair/typebox";
import { Value, type ValueError } from "@sinclair/typebox/value";
import { invalidArgument } from "../../core/errors.ts";

const JSON_BYTES_MAX = 65_536;

/** Rejects with `tooLarge()` before it has read more than `bytesMax`. */
export function readBody(
  request: Request,
  bytesMax: number,
  tooLarge: () => Error,
): Promise<ArrayBuffer> {
  const length = request.headers.get("content-length");
  if (length === null) return readChunks(request.body, bytesMax, tooLarge);
  return Number(length) > bytesMax ? Promise.reject(tooLarge()) : request.arrayBuffer();
}

/** Content types are not looked at: what these endpoints take is JSON. An empty body is `{}`. */
export async function readJson<Schema extends TSchema>(
  request: Request,
  schema: Schema,
): Promise<Static<Schema>> {
  const bytes = await readBody(request, JSON_BYTES_MAX, () =>
    invalidArgument(`The body is too large: at most ${JSON_BYTES_MAX} bytes are allowed.`),
  );
  const value = bytes.byteLength === 0 ? {} : parse(bytes);
  const [error] = Value.Errors(schema, value);
  if (error === undefined) return value as Static<Schema>;
  throw invalidArgument(`The body is not valid: ${explain(error)}.`);
}

async function readChunks(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  bytesMax: number,
  tooLarge: () => Error,
): Promise<ArrayBuffer> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  // Leaving the loop by throwing cancels the stream.
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalidArgument("The body is not valid JSON.");
  }
}

function explain({ path, schema, message }: ValueError): string {
  const where = path === "" ? "it" : path.slice(1).replaceAll("/", ".");
  const choices: unknown[] = Array.isArray(schema.anyOf)
    ? schema.anyOf.flatMap((choice: TSchema) => ("const" in choice ? [choice.const] : []))
    : [];
  if (choices.length > 0) return `${where} must be one of ${choices.join(", ")}`;
  if (Array.isArray(schema.anyOf)) {
    return `${where} must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, or null`;
  }
  if (path === "") return "it must be a JSON object";
  return `${where}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
