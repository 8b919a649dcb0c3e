// Who uses records, events, RPCs and presence.

import { invalidArgument } from "../errors.ts";
import { type Json, renderJson } from "../json.ts";
import { isName } from "../names.ts";

export interface User {
  readonly id: string;
  /** What the user's own client is told at login; undefined: nothing. */
  readonly clientData: Json | undefined;
  /** What the rules see of the user; no client is told. */
  readonly serverData: Json | undefined;
}

/** The id of everybody who has not said who they are. Never listed as present. */
export const ANONYMOUS_ID = "open";

/** What an id may be, for error messages and documentation. */
export const USER_ID_RULE = "1 to 250 bytes of UTF-8 without control characters, * and U+FFFD";

/** Both kinds of data travel in the user's token, which must not grow beyond what is verified. */
const DATA_BYTES_MAX = 8192;
const DATA_DEPTH_MAX = 32;

const encoder = new TextEncoder();

export function isUserId(id: string): boolean {
  // As a key of an answer in JSON it would be lost in many a client.
  return id !== "" && id !== "__proto__" && isName(tokenIdOf(id));
}

/** The id that all tokens of a user carry: revoking it ends them. */
export function tokenIdOf(userId: string): string {
  return `user:${userId}`;
}

/** Throws `invalid_argument` that says what is wrong with what is to be told or known of a user. */
export function requireUserData(clientData: Json | undefined, serverData: Json | undefined): void {
  const texts = [
    clientData === undefined ? "" : renderJson("client data", clientData, DATA_DEPTH_MAX),
    serverData === undefined ? "" : renderJson("server data", serverData, DATA_DEPTH_MAX),
  ];
  if (encoder.encode(texts.join("")).byteLength <= DATA_BYTES_MAX) return;
  throw invalidArgument(
    `The client data and the server data of a user are too large: together they may be ${DATA_BYTES_MAX} bytes of JSON.`,
  );
}
