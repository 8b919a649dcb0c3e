// A message of deepstream's WebSocket protocol, whichever way it is written on the wire.

import { TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { Json } from "../../core/json.ts";

/** Members that a message does not have are left out, or undefined. */
export interface Message {
  readonly topic: number;
  readonly action: number;
  /** JSON text. */
  readonly data?: string | undefined;
  readonly name?: string | undefined;
  readonly names?: readonly string[] | undefined;
  readonly correlationId?: string | undefined;
  readonly isAck?: boolean | undefined;
  readonly isError?: boolean | undefined;
  readonly isWriteAck?: boolean | undefined;
  readonly path?: string | undefined;
  readonly pattern?: string | undefined;
  readonly subscription?: string | undefined;
  readonly version?: number | undefined;
  readonly versions?: Readonly<Record<string, number>> | undefined;
  readonly originalTOPIC?: number | undefined;
  readonly originalAction?: number | undefined;
  readonly requestorName?: string | undefined;
  readonly requestorData?: Json | undefined;
  readonly url?: string | undefined;
  readonly sdkVersion?: string | undefined;
}

export type Decoded =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "unknown_topic"; readonly topic: number }
  | { readonly kind: "malformed" };

export const MALFORMED: Decoded = { kind: "malformed" };

const TOPICS: ReadonlySet<number> = new Set([
  ...[TOPIC.CONNECTION, TOPIC.AUTH],
  ...[TOPIC.EVENT, TOPIC.RECORD, TOPIC.RPC, TOPIC.PRESENCE],
]);

/** Whether a client may send messages of this topic. */
export function isTopic(topic: number): boolean {
  return TOPICS.has(topic);
}
