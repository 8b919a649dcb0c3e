// The JSON bodies of the administration of users.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { invalidArgument } from "../../core/errors.ts";

const STRICT = { additionalProperties: false };

export const NewUserRequest = Type.Object(
  {
    email: Type.String({ description: "The address that the user logs in with." }),
    password: Type.String({ description: "Kept as a hash only." }),
    client_data: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "What the user's own client is told at login, beside the id.",
      }),
    ),
    server_data: Type.Optional(
      Type.Unknown({ description: "What the rules see of the user; no client is told." }),
    ),
  },
  STRICT,
);
export type NewUserRequest = Static<typeof NewUserRequest>;

export const PasswordRequest = Type.Object(
  { password: Type.String({ description: "Kept as a hash only." }) },
  STRICT,
);
export type PasswordRequest = Static<typeof PasswordRequest>;

const BODY_BYTES_MAX = 65_536;

/** Throws `invalid_argument` that says what is wrong, and nothing of what was sent. */
export async function readBody<Schema extends TSchema>(
  request: Request,
  schema: Schema,
): Promise<Static<Schema>> {
  const value = parse(await readBytes(request.body));
  const [error] = Value.Errors(schema, value);
  if (error === undefined) return value as Static<Schema>;
  const where = error.path === "" ? "it" : error.path.slice(1).replaceAll("/", ".");
  throw invalidArgument(`The body is not valid: ${where}: ${error.message.toLowerCase()}.`);
}

async function readBytes(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  // Leaving the loop by throwing cancels the stream.
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX) {
      throw invalidArgument(`The body is too large: at most ${BODY_BYTES_MAX} bytes are allowed.`);
    }
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalidArgument("The body is not valid JSON.");
  }
}
