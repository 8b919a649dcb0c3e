// The core's errors on this wire: a plain text with a status for a request, a name and a sentence for a command.

import type { ErrorCode, ServiceError } from "../../core/errors.ts";
import type { ErrorEvent, ErrorTopic } from "./answer-schema.ts";
import { textResponse } from "./answers.ts";

export const STATUSES = {
  invalid_argument: 400,
  body_late: 400,
  unauthenticated: 401,
  permission_denied: 403,
  permission_failed: 403,
  cache_not_found: 404,
  topic_not_found: 404,
  record_not_found: 404,
  user_not_found: 404,
  user_exists: 409,
  limit_exceeded: 429,
  storage_full: 500,
  identity_provider_unavailable: 503,
  stopping: 503,
  outcome_unknown: 503,
} satisfies Record<ErrorCode, number>;

/** `text` where deepstream has words of its own. */
export function errorResponse(error: ServiceError, text = error.message): Response {
  const status = STATUSES[error.code];
  const more: Record<string, string> = {};
  if (status === 429 || status === 503) more["retry-after"] = String(error.retryAfterSeconds);
  // What is still to come of the body would hold the connection.
  if (error.code === "body_late") more.connection = "close";
  return textResponse(status, text, more);
}

/** For what is a bug: nothing of its cause leaves the server. */
export function internalErrorResponse(): Response {
  return textResponse(500, INTERNAL);
}

const INTERNAL = "The server failed to handle this request. The log of the server says more.";

/** What a command was about to do, which names its errors. */
export type Deed =
  | "event"
  | "rpc"
  | "presence"
  | "record-read"
  | "record-write"
  | "record-delete"
  | "record-notify";

interface Names {
  readonly topic: ErrorTopic;
  /** What the command says is wrong. */
  readonly invalid: ErrorEvent;
  /** The command could not be done. */
  readonly failed: ErrorEvent;
}

/** The names are those of deepstream's protocol; where it has none for a failure, the nearest. */
const NAMES = {
  event: { topic: "event", invalid: "INVALID_MESSAGE_DATA", failed: "MESSAGE_DENIED" },
  rpc: { topic: "rpc", invalid: "INVALID_MESSAGE_DATA", failed: "NO_RPC_PROVIDER" },
  presence: { topic: "presence", invalid: "INVALID_PRESENCE_USERS", failed: "MESSAGE_DENIED" },
  "record-read": { topic: "record", invalid: "INVALID_MESSAGE_DATA", failed: "RECORD_LOAD_ERROR" },
  "record-write": {
    topic: "record",
    invalid: "INVALID_MESSAGE_DATA",
    failed: "RECORD_UPDATE_ERROR",
  },
  "record-delete": {
    topic: "record",
    invalid: "INVALID_MESSAGE_DATA",
    failed: "RECORD_DELETE_ERROR",
  },
  "record-notify": {
    topic: "record",
    invalid: "INVALID_MESSAGE_DATA",
    failed: "RECORD_NOTIFY_ERROR",
  },
} satisfies Record<Deed, Names>;

/**
 * As the answer of one command in JSON; undefined: a bug. `operation` is what the protocol calls what
 * was asked for.
 */
export function failureOf(deed: Deed, operation: string, error: ServiceError | undefined): string {
  const { topic, invalid, failed } = NAMES[deed];
  switch (error?.code) {
    case "permission_denied":
      return denial(topic, operation);
    case "permission_failed":
      return failure(topic, "MESSAGE_PERMISSION_ERROR", error.message);
    case "invalid_argument":
      return failure(topic, invalid, error.message);
    default:
      return failure(topic, failed, error?.message ?? INTERNAL);
  }
}

/** Of events in words of their own, as deepstream has it. */
function denial(topic: ErrorTopic, operation: string): string {
  const isEvent = topic === "event";
  const quoted = isEvent ? `'${operation}'` : `"${operation}"`;
  const text = `Message denied. Action ${quoted} is not permitted.`;
  return failure(topic, "MESSAGE_DENIED", text, isEvent ? `,"errorAction":"${operation}"` : "");
}

/** `more` are members in JSON text, each begun by a comma. */
export function failure(topic: ErrorTopic, event: ErrorEvent, text: string, more = ""): string {
  return `{"success":false,"error":${JSON.stringify(text)},"errorTopic":"${topic}","errorEvent":"${event}"${more}}`;
}
