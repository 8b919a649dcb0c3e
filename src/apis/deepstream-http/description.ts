// The API as it tells of itself.

import { Type } from "@sinclair/typebox";
import { type ApiDescription, JSON_TYPE, type Operation } from "../../http/description.ts";
import { textFailures } from "../../http/failures.ts";
import { commandOperation } from "./command-description.ts";
import { RECORDS_TAG, USERS_TAG } from "./description-parts.ts";
import { STATUSES } from "./errors.ts";
import type { DeepstreamHttpOptions } from "./plugin.ts";
import { recordOperations } from "./record-description.ts";
import { userOperations } from "./user-description.ts";

export function deepstreamHttpDescription(options: DeepstreamHttpOptions): ApiDescription {
  return {
    tags: [
      {
        name: RECORDS_TAG,
        description:
          "JSON documents with versions, read and written in ordered batches of commands, with events, calls of programs that are connected, and who is online beside them. The HTTP API of deepstreamHub.",
      },
      {
        name: USERS_TAG,
        description: "Who uses records, events, RPC and presence logs in for a token.",
      },
    ],
    operations: [
      commandOperation(options),
      ...recordOperations(options),
      HEALTH_CHECK,
      ...userOperations(options),
    ],
  };
}

const HEALTH_CHECK: Operation = {
  id: "deepstreamHealthCheck",
  tag: RECORDS_TAG,
  method: "get",
  path: "/health-check",
  summary: "Is it alive, as deepstream tells it",
  caller: "anyone",
  answers: {
    200: {
      description: "It is. The body is empty.",
      content: { [JSON_TYPE]: Type.String() },
    },
    ...textFailures(STATUSES, "stopping"),
  },
  examples: [{ name: "alive", summary: "Is it alive", answer: { status: 200 } }],
};
