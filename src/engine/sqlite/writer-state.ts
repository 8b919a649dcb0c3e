// What the writer remembers of caches and topics, so that an append does not look them up again.

import type { Database, Statement } from "bun:sqlite";
import {
  type CacheOverrides,
  type CacheSettings,
  effectiveSettings,
} from "../../core/caches/cache.ts";
import { TwoGenerationMap } from "../../core/two-generation-map.ts";

const TOPICS_REMEMBERED_MAX = 100_000;

export interface CacheState {
  readonly id: number;
  readonly name: string;
  readonly createdAt: number;
  overrides: CacheOverrides;
  settings: CacheSettings;
  topics: number;
  bytes: number;
  idempotencyKeys: number;
}

export interface TopicState {
  readonly id: number;
  readonly page: number;
  oldest: number;
  newest: number;
  bytes: number;
}

interface CacheColumns {
  id: number;
  name: string;
  created_at: number;
  overrides: string;
  topics: number;
  bytes: number;
  idempotency_keys: number;
}

/** Counts and numbers change in memory first and reach the tables once a transaction, in `flush`. */
export class WriterState {
  readonly #defaults: CacheSettings;
  readonly #caches = new Map<string, CacheState>();
  readonly #topics = new TwoGenerationMap<string, TopicState>(TOPICS_REMEMBERED_MAX);
  readonly #changedCaches = new Set<CacheState>();
  #appended = { items: 0, bytes: 0 };
  readonly #changedTopics = new Set<TopicState>();
  readonly #selectCaches: Statement<CacheColumns, []>;
  readonly #selectTopic: Statement<TopicState, [number, string]>;
  readonly #updateCache: Statement<unknown, [number, number, number, number]>;
  readonly #updateTopic: Statement<unknown, [number, number, number, number]>;

  constructor(database: Database, defaults: CacheSettings) {
    this.#defaults = defaults;
    this.#selectCaches = database.prepare("SELECT * FROM caches");
    this.#selectTopic = database.prepare(
      "SELECT id, page, oldest, newest, bytes FROM topics WHERE cache_id = ? AND name = ?",
    );
    this.#updateCache = database.prepare(
      "UPDATE caches SET topics = ?, bytes = ?, idempotency_keys = ? WHERE id = ?",
    );
    this.#updateTopic = database.prepare(
      "UPDATE topics SET oldest = ?, newest = ?, bytes = ? WHERE id = ?",
    );
    this.reset();
  }

  /** Forgets what a rolled-back transaction changed. */
  reset(): void {
    this.#caches.clear();
    this.#topics.clear();
    this.#changedCaches.clear();
    this.#changedTopics.clear();
    for (const row of this.#selectCaches.iterate()) this.addCache(row);
  }

  /** Writes what changed; to be called before the commit. */
  flush(): void {
    for (const t of this.#changedTopics) this.#updateTopic.run(t.oldest, t.newest, t.bytes, t.id);
    for (const c of this.#changedCaches) {
      this.#updateCache.run(c.topics, c.bytes, c.idempotencyKeys, c.id);
    }
    this.#changedTopics.clear();
    this.#changedCaches.clear();
  }

  cache(name: string): CacheState | undefined {
    return this.#caches.get(name);
  }

  caches(): Iterable<CacheState> {
    return this.#caches.values();
  }

  get cacheCount(): number {
    return this.#caches.size;
  }

  addCache(row: CacheColumns): CacheState {
    const overrides = JSON.parse(row.overrides) as CacheOverrides;
    const cache: CacheState = {
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
      overrides,
      settings: effectiveSettings(this.#defaults, overrides),
      topics: row.topics,
      bytes: row.bytes,
      idempotencyKeys: row.idempotency_keys,
    };
    this.#caches.set(row.name, cache);
    return cache;
  }

  setOverrides(cache: CacheState, overrides: CacheOverrides): void {
    cache.overrides = overrides;
    cache.settings = effectiveSettings(this.#defaults, overrides);
  }

  forgetCache(cache: CacheState): void {
    this.#caches.delete(cache.name);
    this.#changedCaches.delete(cache);
  }

  noteAppended(bytes: number): void {
    this.#appended.items += 1;
    this.#appended.bytes += bytes;
  }

  /** What was appended since the last call. */
  takeAppended(): { readonly items: number; readonly bytes: number } {
    const appended = this.#appended;
    this.#appended = { items: 0, bytes: 0 };
    return appended;
  }

  topic(cache: CacheState, name: string): TopicState | undefined {
    const key = `${cache.id} ${name}`;
    const remembered = this.#topics.get(key);
    if (remembered !== undefined) return remembered;
    const topic = this.#selectTopic.get(cache.id, name) ?? undefined;
    if (topic !== undefined) this.#topics.set(key, topic);
    return topic;
  }

  addTopic(cache: CacheState, name: string, topic: TopicState): void {
    this.#topics.set(`${cache.id} ${name}`, topic);
  }

  forgetTopic(cache: CacheState, name: string, topic: TopicState): void {
    this.#topics.delete(`${cache.id} ${name}`);
    this.#changedTopics.delete(topic);
  }

  changedTopic(topic: TopicState): void {
    this.#changedTopics.add(topic);
  }

  changedCache(cache: CacheState): void {
    this.#changedCaches.add(cache);
  }
}
