// Between the bodies of requests and what the core is asked.

import type { Credentials } from "../../core/access/login.ts";
import { invalidArgument } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { readCommand, type WireCommand } from "./schema.ts";

/** Who a request says it is from. */
export type Claim =
  | { readonly kind: "nobody" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "credentials"; readonly credentials: Credentials };

export interface Envelope {
  readonly claim: Claim;
  /** Not looked at yet: who asks comes first. */
  readonly commands: readonly Json[];
}

export type Command =
  | { readonly kind: "emit"; readonly name: string; readonly data: Json | undefined }
  | { readonly kind: "read"; readonly name: string }
  | { readonly kind: "head"; readonly name: string }
  | { readonly kind: "delete"; readonly name: string }
  | {
      readonly kind: "write";
      readonly name: string;
      readonly data: Json;
      readonly version: number | undefined;
    }
  | {
      readonly kind: "patch";
      readonly name: string;
      readonly path: string;
      readonly data: Json;
      readonly version: number | undefined;
    }
  | { readonly kind: "notify"; readonly names: readonly string[] }
  | { readonly kind: "call"; readonly name: string; readonly data: Json | undefined }
  | { readonly kind: "query"; readonly names: readonly string[] | undefined };

/** Throws `invalid_argument` in deepstream's words and its order. */
export function decodeEnvelope(value: Json, allowsCredentials: boolean): Envelope {
  const envelope = isObject(value) ? value : {};
  const { body } = envelope;
  if (!body) throw invalidArgument('Invalid message: the "body" parameter must exist.');
  if (!Array.isArray(body) || body.length === 0) {
    throw invalidArgument(
      'Invalid message: the "body" parameter must be a non-empty array of Objects.',
    );
  }
  return { claim: decodeClaim(envelope, allowsCredentials), commands: body };
}

/** Throws `invalid_argument` that names the first bad command; then none of them may run. */
export function decodeCommands(values: readonly Json[]): readonly Command[] {
  return values.map((value, index) => {
    const found = readCommand(value);
    if (typeof found !== "string") return decodeCommand(found);
    throw invalidArgument(`Failed to parse JIF object at index ${index}. Reason: ${found}`);
  });
}

/** Throws `invalid_argument`. */
export function decodeSignUp(value: Json): { readonly email: string; readonly password: string } {
  const { email, password } = isObject(value) ? value : {};
  if (typeof email === "string" && typeof password === "string") return { email, password };
  throw invalidArgument('A sign-up needs the members "email" and "password", each a string.');
}

export function isObject(value: Json): value is { readonly [member: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decodeClaim(
  envelope: { readonly [member: string]: Json },
  allowsCredentials: boolean,
): Claim {
  const { authData, token } = envelope;
  if (authData !== undefined) {
    if (!allowsCredentials) {
      throw invalidArgument(
        "Authentication using authData is disabled. Try using a token instead.",
      );
    }
    if (isObject(authData)) return { kind: "credentials", credentials: authData };
    throw invalidArgument('Invalid message: the "authData" parameter must be an object');
  }
  if (token === undefined) return { kind: "nobody" };
  if (typeof token === "string" && token !== "") return { kind: "token", token };
  throw invalidArgument('Invalid message: the "token" parameter must be a non-empty string');
}

function decodeCommand({ kind, wire }: WireCommand): Command {
  switch (kind) {
    case "emit":
      return { kind, name: wire.eventName, data: wire.data };
    case "make":
      return { kind: "call", name: wire.rpcName, data: wire.data };
    case "query":
      return { kind, names: wire.names };
    case "read":
    case "head":
      return { kind, name: wire.recordName };
    case "remove":
      return { kind: "delete", name: wire.recordName };
    case "notify":
      return { kind, names: wire.recordNames };
    case "write":
      return writing(wire.recordName, wire.data, wire.version);
    case "patch":
      return wire.path === ""
        ? writing(wire.recordName, wire.data, wire.version)
        : { ...writing(wire.recordName, wire.data, wire.version), kind, path: wire.path };
    case "readList":
      return { kind: "read", name: wire.listName };
    case "removeList":
      return { kind: "delete", name: wire.listName };
    case "writeList":
      return writing(wire.listName, wire.data, wire.version);
  }
}

function writing(name: string, data: Json, version: number | undefined) {
  const isForced = version === undefined || version <= 0;
  return { kind: "write" as const, name, data, version: isForced ? undefined : version };
}
