// The core's error codes on the administrator's side, as the other administration answers them.

import type { ErrorCode, ServiceError } from "../../core/errors.ts";

type Shape = readonly [status: number, title: string];

const BAD_REQUEST: Shape = [400, "Bad Request"];
const NOT_FOUND: Shape = [404, "Not Found"];
const FAILED: Shape = [500, "Internal Server Error"];
const UNAVAILABLE: Shape = [503, "Service Unavailable"];

const SHAPES = {
  invalid_argument: BAD_REQUEST,
  unauthenticated: [401, "Unauthorized"],
  permission_denied: [403, "Forbidden"],
  cache_not_found: NOT_FOUND,
  topic_not_found: NOT_FOUND,
  user_not_found: NOT_FOUND,
  user_exists: [409, "Conflict"],
  limit_exceeded: [429, "Too Many Requests"],
  storage_full: FAILED,
  identity_provider_unavailable: FAILED,
  stopping: UNAVAILABLE,
  outcome_unknown: UNAVAILABLE,
} satisfies Record<ErrorCode, Shape>;

export function adminErrorResponse(error: ServiceError): Response {
  const [status, title] = SHAPES[error.code];
  const headers = new Headers({ "cache-control": "no-store" });
  if (status === 429 || status === 503) {
    headers.set("retry-after", String(error.retryAfterSeconds));
  }
  if (status === 401) headers.set("www-authenticate", "Bearer");
  const code = error.code === "stopping" ? "unavailable" : error.code;
  return render([status, title], code, error.message, headers);
}

/** For what is a bug: nothing of its cause leaves the server. */
export function adminFailureResponse(): Response {
  const detail = "The server failed to handle this request. The log of the server says more.";
  return render(FAILED, "internal", detail);
}

export function wrongMethodResponse(method: string, allowed: readonly string[]): Response {
  const detail = `Endpoint not found: ${method} is not possible here. Allowed are ${allowed.join(", ")}.`;
  return render(NOT_FOUND, "endpoint_not_found", detail);
}

function render([status, title]: Shape, code: string, detail: string, headers?: Headers): Response {
  const body = { status, title, detail, code, message: detail };
  return Response.json(body, { status, ...(headers ? { headers } : {}) });
}
