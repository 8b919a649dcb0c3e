// What an engine is to the suites that hold it to its ports.

import type { KeyStore, RevocationStore } from "../../src/core/access/token-ports.ts";
import type { UserStore } from "../../src/core/access/user-store.ts";
import type { CacheSettings } from "../../src/core/caches/cache.ts";
import type { CacheStore } from "../../src/core/caches/cache-store.ts";
import type { RecordStore } from "../../src/core/records/record-store.ts";
import type { TopicLog } from "../../src/core/topics/topic-log.ts";

export interface EngineSettings {
  readonly defaults: CacheSettings;
  readonly cachesMax: number;
  readonly idempotencyWindowMs: number;
  readonly idempotencyKeysMax: number;
  readonly records: {
    readonly recordBytesMax: number;
    readonly recordsMax: number;
    readonly storedBytesMax: number;
  };
  readonly usersMax: number;
}

/** Disposing closes it; what it stored is then gone unless it was reopened before. */
export interface OpenEngine extends AsyncDisposable {
  readonly topicLog: TopicLog;
  readonly cacheStore: CacheStore;
  readonly revocations: RevocationStore;
  readonly keys: KeyStore;
  readonly recordStore: RecordStore;
  readonly userStore: UserStore;
  /** Closes it, then opens it again on what is durable. */
  reopen(settings?: Partial<EngineSettings>): Promise<OpenEngine>;
  close(): Promise<void>;
}

/** Opens an empty engine on the machine's own time. */
export type OpenWith = (settings?: Partial<EngineSettings>) => Promise<OpenEngine>;

export const UNBOUNDED: CacheSettings = {
  retention: { seconds: 0, bytes: 0, topicItems: 0 },
  limits: { topics: 0, storedBytes: 0, publishesPerSecond: 0, bytesPerSecond: 0, waiters: 0 },
};

export const ROOMY: EngineSettings = {
  defaults: UNBOUNDED,
  cachesMax: 1000,
  idempotencyWindowMs: 600_000,
  idempotencyKeysMax: 1000,
  records: { recordBytesMax: 1_048_576, recordsMax: 0, storedBytesMax: 0 },
  usersMax: 1000,
};
