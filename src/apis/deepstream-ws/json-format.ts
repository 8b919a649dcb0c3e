// Messages as JSON text, with numbers for topics and actions.

import type { Json } from "../../core/json.ts";
import type { Format } from "./codec.ts";
import { type Decoded, isTopic, MALFORMED, type Message } from "./message.ts";

const TEXTS = [
  ...["data", "name", "correlationId", "path", "pattern", "subscription", "url", "sdkVersion"],
] as const;
const FLAGS = ["isAck", "isError", "isWriteAck"] as const;

export const jsonFormat: Format = {
  encode({ requestorData, ...message }) {
    return JSON.stringify(
      requestorData === undefined
        ? message
        : { ...message, requestorData: JSON.stringify(requestorData) },
    );
  },
  decode(frame) {
    if (typeof frame !== "string") return MALFORMED;
    const value = parse(frame);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return MALFORMED;
    return decodeObject(value as { readonly [member: string]: Json });
  },
};

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Members of another kind than theirs make no message; unknown ones are left out. */
function decodeObject(value: { readonly [member: string]: Json }): Decoded {
  const { topic, action, version, names, parsedData } = value;
  if (!isWhole(topic) || !isWhole(action)) return MALFORMED;
  if (!isTopic(topic)) return { kind: "unknown_topic", topic };
  const message: Record<string, unknown> = { topic, action };
  for (const member of TEXTS) {
    if (value[member] === undefined) continue;
    if (typeof value[member] !== "string") return MALFORMED;
    message[member] = value[member];
  }
  for (const member of FLAGS) {
    if (value[member] === undefined) continue;
    if (typeof value[member] !== "boolean") return MALFORMED;
    message[member] = value[member];
  }
  if (version !== undefined && !isWhole(version)) return MALFORMED;
  if (names !== undefined && !isNames(names)) return MALFORMED;
  // The client leaves out the text of data that is false in its language.
  if (parsedData !== undefined) message.data ??= JSON.stringify(parsedData);
  if (version !== undefined) message.version = version;
  message.names = names ?? [];
  return { kind: "message", message: message as unknown as Message };
}

function isWhole(value: Json | undefined): value is number {
  return Number.isInteger(value);
}

function isNames(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
