// The file of users: who they are, the hashes of their passwords, and what is known of them.

import { isUserId, requireUserData, USER_ID_RULE, type User } from "../core/access/user.ts";
import { ServiceError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";

export interface FileUser extends User {
  readonly passwordHash: string;
}

/** What is wrong with the file, in one sentence for the administrator. */
export class UserFileError extends Error {}

const HASHES = [
  /^\$argon2(?:id|i|d)\$v=19\$m=[1-9][0-9]{0,7},t=[1-9][0-9]{0,3},p=[1-9][0-9]{0,2}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$/,
  /^\$2[abxy]?\$(?:0[4-9]|[12][0-9]|3[01])\$[A-Za-z0-9./]{53}$/,
];
const MEMBERS = ["password", "clientData", "serverData"];

/** The users by their names. Takes YAML, and so JSON. Throws `UserFileError`. */
export function parseUserFile(text: string): ReadonlyMap<string, FileUser> {
  const users = parse(text);
  if (!isObject(users)) {
    throw new UserFileError("it must be users by their names, as in {alice: {password: …}}");
  }
  return new Map(Object.entries(users).map(([name, entry]) => [name, userOf(name, entry)]));
}

function parse(text: string): unknown {
  try {
    return Bun.YAML.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserFileError(`it is neither YAML nor JSON (${reason})`);
  }
}

function userOf(name: string, entry: unknown): FileUser {
  const of = `the user ${JSON.stringify(name.slice(0, 60))}`;
  if (!isUserId(name)) throw new UserFileError(`${of} has a name that is none (${USER_ID_RULE})`);
  if (!isObject(entry)) throw new UserFileError(`${of} must have ${MEMBERS.join(", ")}`);
  const unknown = Object.keys(entry).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) {
    throw new UserFileError(
      `${of} has ${JSON.stringify(unknown.slice(0, 60))}, which is none of ${MEMBERS.join(", ")}`,
    );
  }
  const { password, clientData, serverData } = entry as Record<string, Json | undefined>;
  if (typeof password !== "string" || !HASHES.some((form) => form.test(password))) {
    throw new UserFileError(
      `${of} has a password that is no hash: allowed are Argon2 (as millrace user hash prints) and bcrypt, never the password itself`,
    );
  }
  try {
    requireUserData(clientData, serverData);
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    throw new UserFileError(`${of}: ${cause.message}`);
  }
  return { id: name, passwordHash: password, clientData, serverData };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
