// From settings to the options of the other rooms.

import type { Limits } from "../apis/admin-http/limit-routes.ts";
import type { DeepstreamHttpOptions } from "../apis/deepstream-http/plugin.ts";
import type { HubLimits } from "../apis/deepstream-ws/hub.ts";
import type { RpcTopicOptions } from "../apis/deepstream-ws/rpc-topic.ts";
import type { ForeignIssuer } from "../auth/jwt-tokens.ts";
import type { WebhookOptions } from "../auth/webhook-login.ts";
import type { Settings } from "../config/schema.ts";
import type { LoginLimitsOptions } from "../core/access/login-limits.ts";
import type { BodyLimits } from "../core/body-budget.ts";
import type { CacheSettings } from "../core/caches/cache.ts";
import type { ListeningSettings } from "../core/listening/listeners.ts";
import type { RecordsLimits } from "../core/records/records-limits.ts";
import type { TopicsLimits } from "../core/topics/topics.ts";
import type { WriterOptions } from "../engine/sqlite/commands.ts";
import type { WebSocketLimits } from "./listener.ts";

/** A rule is answered for each; who may read less of so many gives a prefix. */
const LISTED_MAX = 10_000;

export function writerOptions({
  storage,
  topics,
  caches,
  limits,
  records,
  deepstream,
}: Settings): WriterOptions {
  return {
    directory: storage.data,
    durability: storage.durability,
    checkpoint: storage.checkpoint,
    upgradeCopy: storage.upgrade_copy,
    bytesMax: storage.bytes_max,
    reserveBytes: storage.reserve_bytes,
    defaults: cacheDefaults(caches, limits),
    cachesMax: caches.caches_max,
    idempotencyWindowMs: topics.idempotency_window_seconds * 1000,
    idempotencyKeysMax: topics.idempotency_keys_max,
    records: {
      recordBytesMax: records.record_bytes_max,
      recordsMax: records.records_max,
      storedBytesMax: records.stored_bytes_max,
    },
    usersMax: deepstream.email.users_max,
  };
}

export function topicsLimits({ topics, limits }: Settings): TopicsLimits {
  return {
    messageBytesMax: topics.message_bytes_max,
    page: { itemsMax: topics.page_items_max, bytesMax: topics.page_bytes_max },
    tokenPublishesPerSecond: limits.token_publishes_per_second,
    tokenBytesPerSecond: limits.token_bytes_per_second,
  };
}

export function bodyLimits({ http }: Settings): BodyLimits {
  return { bytesMax: http.body_bytes_in_flight_max, secondsMax: http.body_seconds_max };
}

export function deepstreamBodyLimits({ http, deepstream }: Settings): BodyLimits {
  return {
    bytesMax: deepstream.http.body_bytes_in_flight_max,
    secondsMax: http.body_seconds_max,
  };
}

export function recordsLimits({ records, storage }: Settings): RecordsLimits {
  return {
    recordBytesMax: records.record_bytes_max,
    nameBytesMax: records.name_bytes_max,
    arrayIndexMax: records.array_index_max,
    depthMax: records.depth_max,
    listedMax: LISTED_MAX,
    waitingBytesMax: storage.queue_bytes_max,
  };
}

export function listeningSettings({ deepstream }: Settings): ListeningSettings {
  const { listen } = deepstream;
  return {
    responseTimeoutMs: listen.response_timeout_ms,
    shuffleProviders: listen.shuffle_providers,
    rematchMs: listen.rematch_ms,
    patternsMax: listen.patterns_max,
    providerPatternsMax: listen.connection_patterns_max,
    patternBytesMax: listen.pattern_bytes_max,
  };
}

export function loginLimitsOptions({ deepstream }: Settings): LoginLimitsOptions {
  const { login } = deepstream;
  return {
    addressFailures: login.address_failures,
    addressSeconds: login.address_seconds,
    accountFailures: login.account_failures,
    accountSeconds: login.account_seconds,
  };
}

export function webhookOptions({ deepstream }: Settings): WebhookOptions {
  const { webhook } = deepstream;
  return {
    url: webhook.url,
    timeoutMs: webhook.timeout_ms,
    permittedStatusCodes: webhook.permitted_status_codes,
    retryStatusCodes: webhook.retry_status_codes,
    retryAttempts: webhook.retry_attempts,
    retryIntervalMs: webhook.retry_interval_ms,
    promoteToHeader: webhook.promote_to_header,
  };
}

export function deepstreamOptions({ deepstream, records }: Settings): DeepstreamHttpOptions {
  const { http } = deepstream;
  return {
    postPath: deepstream.post_path,
    authPath: deepstream.auth_path,
    allowsCredentials: deepstream.auth_data,
    allowsSignUp: deepstream.email.sign_up,
    bodyBytesMax: http.body_bytes_max,
    batch: {
      timeoutMs: http.request_timeout_ms,
      answerBytesMax: http.answer_bytes_max,
      depthMax: records.depth_max,
    },
  };
}

export function hubLimits({ deepstream }: Settings): HubLimits {
  const { connection } = deepstream;
  return {
    connectionsMax: connection.connections_max,
    strangersMax: connection.strangers_max,
    strangersPerAddressMax: connection.strangers_per_address_max,
    loginAttemptsMax: connection.login_attempts_max,
    loginTimeoutMs: connection.login_timeout_ms,
    heartbeatMs: connection.heartbeat_ms,
    messageBytesMax: connection.message_bytes_max,
    subscriptionsMax: connection.subscriptions_max,
  };
}

export function rpcTopicOptions({ deepstream }: Settings): RpcTopicOptions {
  return {
    tellsRequesterName: deepstream.rpc.requestor_name,
    tellsRequesterData: deepstream.rpc.requestor_data,
  };
}

export function webSocketLimits({ deepstream }: Settings): WebSocketLimits {
  const { message_bytes_max, unsent_bytes_max } = deepstream.connection;
  // What is a little too long is answered in the protocol's words, and what is more is cut off.
  return { messageBytesMax: 2 * message_bytes_max, unsentBytesMax: unsent_bytes_max };
}

export function foreignIssuer({ auth }: Settings): ForeignIssuer | undefined {
  if (auth.jwks_url === "") return undefined;
  const { jwks_url: jwksUrl, issuer, audience, claim } = auth;
  return { jwksUrl, issuer, audience, claim };
}

/** Every setting that is a number: all of them but the port are limits of some kind. */
export function limitsInForce({ http: { port: _, ...http }, ...settings }: Settings): Limits {
  return numbersOf({ http, ...settings });
}

function numbersOf(section: object): Limits {
  const limits = Object.entries(section).flatMap(([name, value]): [string, number | Limits][] => {
    if (typeof value === "number") return [[name, value]];
    if (typeof value !== "object" || Array.isArray(value)) return [];
    const inside = numbersOf(value as object);
    return Object.keys(inside).length === 0 ? [] : [[name, inside]];
  });
  return Object.fromEntries(limits);
}

function cacheDefaults(caches: Settings["caches"], limits: Settings["limits"]): CacheSettings {
  return {
    retention: {
      seconds: caches.retention_seconds,
      bytes: caches.retention_bytes,
      topicItems: caches.retention_topic_items,
    },
    limits: {
      topics: caches.topics_max,
      storedBytes: caches.stored_bytes_max,
      publishesPerSecond: limits.cache_publishes_per_second,
      bytesPerSecond: limits.cache_bytes_per_second,
      waiters: limits.cache_waiters,
    },
  };
}
