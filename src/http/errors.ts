// The core's error codes in JSON: the statuses of Momento's table and the body that its clients read.

import { type ErrorCode, invalidArgument, ServiceError } from "../core/errors.ts";

export interface Shape {
  readonly status: number;
  readonly title: string;
  readonly code: string;
}

export const SHAPES = {
  invalid_argument: { status: 400, title: "Bad Request", code: "invalid_argument" },
  body_late: { status: 400, title: "Bad Request", code: "invalid_argument" },
  unauthenticated: { status: 401, title: "Unauthorized", code: "unauthenticated" },
  permission_denied: { status: 403, title: "Forbidden", code: "permission_denied" },
  permission_failed: { status: 403, title: "Forbidden", code: "permission_failed" },
  cache_not_found: { status: 404, title: "Not Found", code: "cache_not_found" },
  topic_not_found: { status: 404, title: "Not Found", code: "topic_not_found" },
  record_not_found: { status: 404, title: "Not Found", code: "record_not_found" },
  user_not_found: { status: 404, title: "Not Found", code: "user_not_found" },
  user_exists: { status: 409, title: "Conflict", code: "user_exists" },
  limit_exceeded: { status: 429, title: "Too Many Requests", code: "limit_exceeded" },
  storage_full: { status: 500, title: "Internal Server Error", code: "storage_full" },
  identity_provider_unavailable: {
    status: 500,
    title: "Internal Server Error",
    code: "identity_provider_unavailable",
  },
  stopping: { status: 503, title: "Service Unavailable", code: "unavailable" },
  outcome_unknown: { status: 503, title: "Service Unavailable", code: "outcome_unknown" },
} satisfies Record<ErrorCode, Shape>;

/** For what is a bug. */
export const INTERNAL = {
  status: 500,
  title: "Internal Server Error",
  code: "internal",
} satisfies Shape;

export const WRONG_METHOD = {
  status: 404,
  title: "Not Found",
  code: "endpoint_not_found",
} satisfies Shape;

/** The answer to whatever a request failed with; `onBug` takes what is nobody's fault but the server's. */
export function failureResponse(error: unknown, onBug: (cause: unknown) => void): Response {
  if (error instanceof ServiceError) return errorResponse(error);
  if (isAbortedUpload(error)) return errorResponse(abortedUpload());
  onBug(error);
  return internalErrorResponse();
}

/** What reading a body throws when the client goes away: nobody's bug. */
export function isAbortedUpload(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function abortedUpload(): ServiceError {
  return invalidArgument("The request ended before its body was complete.");
}

export function errorResponse(error: ServiceError): Response {
  const shape = SHAPES[error.code];
  const headers = new Headers({ "cache-control": "no-store" });
  if (shape.status === 429 || shape.status === 503) {
    headers.set("retry-after", String(error.retryAfterSeconds));
  }
  if (shape.status === 401) headers.set("www-authenticate", "Bearer");
  // What is still to come of the body would hold the connection.
  if (error.code === "body_late") headers.set("connection", "close");
  return render(shape, error.message, error.limit, headers);
}

/** For what is a bug: nothing of its cause leaves the server. */
export function internalErrorResponse(): Response {
  return render(
    INTERNAL,
    "The server failed to handle this request. The log of the server says more.",
  );
}

export function wrongMethodResponse(method: string, allowed: readonly string[]): Response {
  return render(
    WRONG_METHOD,
    `Endpoint not found: ${method} is not possible here. Allowed are ${allowed.join(", ")}.`,
  );
}

function render(shape: Shape, detail: string, limit?: string, headers?: Headers): Response {
  const { status } = shape;
  return Response.json(bodyOf(shape, detail, limit), { status, ...(headers ? { headers } : {}) });
}

/** What such an answer holds. */
export function bodyOf({ status, title, code }: Shape, detail: string, limit?: string) {
  return { status, title, detail, code, message: detail, ...(limit ? { err: limit } : {}) };
}
