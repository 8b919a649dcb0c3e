// What a caller may be told: the closed list of error codes, and the one error class that carries them.

export type ErrorCode =
  | "invalid_argument"
  | "body_late"
  | "unauthenticated"
  | "permission_denied"
  /** The rule that decides could not be evaluated. */
  | "permission_failed"
  | "cache_not_found"
  | "topic_not_found"
  | "record_not_found"
  | "user_not_found"
  | "user_exists"
  | "limit_exceeded"
  | "storage_full"
  | "identity_provider_unavailable"
  | "stopping"
  | "outcome_unknown";

/** Which limit a `limit_exceeded` ran into. The names are those of Momento's gRPC `err` metadata where it has one. */
export const LIMIT_CAUSES = [
  "item_size_limit_exceeded",
  "operations_rate_limit_exceeded",
  "throughput_rate_limit_exceeded",
  "topic_subscriptions_limit_exceeded",
  "topics_limit_exceeded",
  "stored_bytes_limit_exceeded",
  "caches_limit_exceeded",
  "idempotency_keys_limit_exceeded",
  "queue_limit_exceeded",
  "record_size_limit_exceeded",
  "records_limit_exceeded",
  "record_versions_limit_exceeded",
  "rpc_limit_exceeded",
  "patterns_limit_exceeded",
  "in_flight_bytes_limit_exceeded",
  "requests_rate_limit_exceeded",
  "commands_rate_limit_exceeded",
  "login_rate_limit_exceeded",
  "users_limit_exceeded",
  "connections_limit_exceeded",
  "strangers_limit_exceeded",
  "address_strangers_limit_exceeded",
  "connection_subscriptions_limit_exceeded",
] as const;
export type LimitCause = (typeof LIMIT_CAUSES)[number];

/**
 * An outcome that the caller may be told in these words. Anything else that is thrown is a bug:
 * it crashes its request and is logged once, at the top.
 */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly limit: LimitCause | undefined;
  /** Seconds after which a retry has a chance; only with `limit_exceeded`. */
  readonly retryAfterSeconds: number;

  constructor(code: ErrorCode, message: string, limit?: LimitCause, retryAfterSeconds = 1) {
    super(message);
    this.code = code;
    this.limit = limit;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function limitExceeded(
  limit: LimitCause,
  message: string,
  retryAfterSeconds = 1,
): ServiceError {
  return new ServiceError("limit_exceeded", message, limit, retryAfterSeconds);
}

export function cacheNotFound(): ServiceError {
  return new ServiceError("cache_not_found", "Cache not found");
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError("invalid_argument", message);
}
