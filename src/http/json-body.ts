// Reads the JSON bodies of requests to administer: about caches, tokens, users and records.

import type { Static, TSchema } from "@sinclair/typebox";
import { Value, type ValueError } from "@sinclair/typebox/value";
import { invalidArgument } from "../core/errors.ts";
import { type BodyBounds, type BodyServices, readBody } from "./body.ts";

const JSON_BYTES_MAX = 65_536;

/** Content types are not looked at: what these endpoints take is JSON. An empty body is `{}`. */
export async function readJson<Schema extends TSchema>(
  services: BodyServices,
  request: Request,
  schema: Schema,
  bytesMax = JSON_BYTES_MAX,
): Promise<Static<Schema>> {
  using share = services.bodies.open();
  const bytes = await readBody(services, request, share, boundsOf(bytesMax));
  const value = bytes.byteLength === 0 ? {} : parse(bytes);
  const [error] = Value.Errors(schema, value);
  if (error === undefined) return value as Static<Schema>;
  throw invalidArgument(`The body is not valid: ${explain(error)}.`);
}

function boundsOf(bytesMax: number): BodyBounds {
  const tooLarge = () =>
    invalidArgument(`The body is too large: at most ${bytesMax} bytes are allowed.`);
  return { bytesMax, tooLarge };
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
