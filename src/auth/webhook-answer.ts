// What a webhook says of a user whom it lets in, made sure of.

import type { LoginResult } from "../core/access/login.ts";
import { ANONYMOUS_ID, isUserId, requireUserData } from "../core/access/user.ts";
import { ServiceError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";

const TOKEN_CHARACTERS_MAX = 16_384;

/** A string says what is wrong with it. Takes JSON, or plain text that is the id. */
export function decodeWebhookAnswer(contentType: string, text: string): LoginResult | string {
  const answer = parse(contentType, text);
  if (answer === undefined) return "its answer is neither JSON nor plain text";
  const members = typeof answer === "string" ? { id: answer } : answer;
  if (typeof members !== "object" || members === null || Array.isArray(members)) {
    return "its answer is neither a JSON object nor a string";
  }
  const { id, token, clientData, serverData } = members as Record<string, Json | undefined>;
  const userId = id ?? ANONYMOUS_ID;
  if (typeof userId !== "string" || !isUserId(userId)) return "the id in its answer is none";
  if (!isToken(token ?? undefined)) return "the token in its answer is none";
  try {
    requireUserData(clientData, serverData);
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    return cause.message;
  }
  return {
    kind: "accepted",
    user: { id: userId, clientData: clientData ?? undefined, serverData: serverData ?? undefined },
    token: typeof token === "string" ? token : undefined,
  };
}

/** An empty answer says nothing of the user. */
function parse(contentType: string, text: string): Json | undefined {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return /^text\/plain\b/i.test(contentType) ? text.trim() : undefined;
  }
}

function isToken(token: Json | undefined): boolean {
  if (token === undefined) return true;
  return typeof token === "string" && token !== "" && token.length <= TOKEN_CHARACTERS_MAX;
}
