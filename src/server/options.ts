// From settings to the options of the other rooms.

import type { ForeignIssuer } from "../auth/jwt-tokens.ts";
import type { Settings } from "../config/schema.ts";
import type { CacheSettings } from "../core/caches/cache.ts";
import type { TopicsLimits } from "../core/topics/topics.ts";
import type { WriterOptions } from "../engine/sqlite/commands.ts";

export function writerOptions({ storage, topics, caches, limits }: Settings): WriterOptions {
  return {
    directory: storage.data,
    durability: storage.durability,
    bytesMax: storage.bytes_max,
    reserveBytes: storage.reserve_bytes,
    defaults: cacheDefaults(caches, limits),
    cachesMax: caches.caches_max,
    idempotencyWindowMs: topics.idempotency_window_seconds * 1000,
    idempotencyKeysMax: topics.idempotency_keys_max,
    usersMax: 1_000_000,
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

export function foreignIssuer({ auth }: Settings): ForeignIssuer | undefined {
  if (auth.jwks_url === "") return undefined;
  const { jwks_url: jwksUrl, issuer, audience, claim } = auth;
  return { jwksUrl, issuer, audience, claim };
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
