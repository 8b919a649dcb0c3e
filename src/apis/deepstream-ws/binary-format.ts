// Messages as protobuf: one frame, one message with its length before it.

import { getMessage } from "@deepstream/protobuf/dist/src/message-builder";
import { parse } from "@deepstream/protobuf/dist/src/message-parser";
import type { Format } from "./codec.ts";
import { isTopic, MALFORMED, type Message } from "./message.ts";

/** The field of the topic in the envelope, and that it is a number. */
const TOPIC_TAG = 0x10;
const VARINT_BYTES_MAX = 5;

export const binaryFormat: Format = {
  encode: (message) => getMessage(message, false),
  decode(frame) {
    if (typeof frame === "string") return MALFORMED;
    const [message] = parse(frame) as unknown as readonly Message[];
    if (message !== undefined && isTopic(message.topic)) return { kind: "message", message };
    // The package does not tell a topic that it does not know from bytes that are no message.
    const topic = topicOf(frame);
    return topic === undefined || isTopic(topic) ? MALFORMED : { kind: "unknown_topic", topic };
  },
};

function topicOf(frame: Uint8Array): number | undefined {
  const start = readVarint(frame, 0);
  if (start === undefined || frame[start.end] !== TOPIC_TAG) return undefined;
  return readVarint(frame, start.end + 1)?.value;
}

function readVarint(
  bytes: Uint8Array,
  start: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let place = 0; place < VARINT_BYTES_MAX; place += 1) {
    const byte = bytes[start + place];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return { value, end: start + place + 1 };
  }
  return undefined;
}
