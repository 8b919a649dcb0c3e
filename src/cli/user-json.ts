// Users as JSON: what a running server answers and is sent, and what is typed and printed.

import { type Static, Type } from "@sinclair/typebox";
import type { FlagValues } from "../config/flags.ts";
import { requireUserData } from "../core/access/user.ts";
import type { NewUser, UserSummary } from "../core/access/users.ts";
import { ServiceError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { type Flag, textOf } from "./command.ts";
import { UsageError } from "./failures.ts";

export const UserJson = Type.Object({
  email: Type.String(),
  id: Type.String(),
  client_data: Type.Optional(Type.Unknown()),
  server_data: Type.Optional(Type.Unknown()),
  created_at: Type.Number({ description: "Milliseconds since the Unix epoch." }),
});
export type UserJson = Static<typeof UserJson>;

export const DATA_FLAGS: readonly Flag[] = [
  {
    name: "client-data",
    value: "JSON",
    description: "An object that the user's own client is told at login.",
  },
  {
    name: "server-data",
    value: "JSON",
    description: "What the rules see of the user; no client is told.",
  },
];

export interface UserData {
  readonly clientData: Json | undefined;
  readonly serverData: Json | undefined;
}

/** Throws `UsageError`. */
export function dataOf(flags: FlagValues): UserData {
  const clientData = jsonOf(flags, "client-data");
  const serverData = jsonOf(flags, "server-data");
  const isObject = typeof clientData === "object" && clientData !== null;
  if (clientData !== undefined && (!isObject || Array.isArray(clientData))) {
    throw new UsageError('--client-data must be a JSON object, as in \'{"name":"Alice"}\'.');
  }
  try {
    requireUserData(clientData, serverData);
  } catch (cause) {
    throw cause instanceof ServiceError ? new UsageError(cause.message) : cause;
  }
  return { clientData, serverData };
}

export function encodeUser({
  email,
  id,
  clientData,
  serverData,
  createdAt,
}: UserSummary): UserJson {
  // What is undefined is left out of the JSON.
  return { email, id, client_data: clientData, server_data: serverData, created_at: createdAt };
}

export function encodeNewUser({ email, password, clientData, serverData }: NewUser): object {
  return { email, password, client_data: clientData, server_data: serverData };
}

function jsonOf(flags: FlagValues, name: string): Json | undefined {
  const text = textOf(flags, name);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UsageError(
      `--${name} is not JSON; quote it for the shell, as in '{"name":"Alice"}'.`,
    );
  }
}
