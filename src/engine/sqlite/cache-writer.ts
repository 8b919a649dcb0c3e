// Makes, changes and deletes caches, and deletes topics, within the transaction of a group.

import type { Database, Statement } from "bun:sqlite";
import { type CacheOverrides, mergeOverrides } from "../../core/caches/cache.ts";
import { limitExceeded } from "../../core/errors.ts";
import type { CacheRow, Results, WriterOptions } from "./commands.ts";
import type { CacheState, WriterState } from "./writer-state.ts";

export class CacheWriter {
  readonly #state: WriterState;
  readonly #cachesMax: number;
  readonly #insert: Statement<unknown, [string, number, string]>;
  readonly #update: Statement<unknown, [string, number]>;
  readonly #delete: Statement<unknown, [number]>;
  readonly #deleteTopic: Statement<unknown, [number]>;
  readonly #leave: Statement<unknown, [string, number]>;

  constructor(database: Database, state: WriterState, options: WriterOptions) {
    this.#state = state;
    this.#cachesMax = options.cachesMax;
    this.#insert = database.prepare(
      "INSERT INTO caches (name, created_at, overrides) VALUES (?, ?, ?)",
    );
    this.#update = database.prepare("UPDATE caches SET overrides = ? WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM caches WHERE id = ?");
    this.#deleteTopic = database.prepare("DELETE FROM topics WHERE id = ?");
    this.#leave = database.prepare("INSERT INTO leftovers (kind, id) VALUES (?, ?)");
  }

  /** `createdAt` is for a new one. */
  put(name: string, overrides: CacheOverrides, createdAt: number): Results["put-cache"] {
    const existing = this.#state.cache(name);
    if (existing !== undefined) {
      const merged = mergeOverrides(existing.overrides, overrides);
      this.#update.run(JSON.stringify(merged), existing.id);
      this.#state.setOverrides(existing, merged);
      return { cache: rowOf(existing), created: false };
    }
    if (this.#state.cacheCount >= this.#cachesMax) {
      throw limitExceeded("caches_limit_exceeded", `The server allows ${this.#cachesMax} caches.`);
    }
    const text = JSON.stringify(overrides);
    const { lastInsertRowid } = this.#insert.run(name, createdAt, text);
    const cache = this.#state.addCache({
      id: Number(lastInsertRowid),
      name,
      created_at: createdAt,
      overrides: text,
      topics: 0,
      bytes: 0,
      idempotency_keys: 0,
    });
    return { cache: rowOf(cache), created: true };
  }

  /** Its topics and items are out of reach at once, and cleared away later. */
  delete(name: string): Results["delete-cache"] {
    const cache = this.#state.cache(name);
    if (cache === undefined) return { deleted: false };
    this.#delete.run(cache.id);
    this.#leave.run("cache", cache.id);
    this.#state.forgetCache(cache);
    return { deleted: true };
  }

  deleteTopic(cacheName: string, name: string): Results["delete-topic"] {
    const cache = this.#state.cache(cacheName);
    const topic = cache && this.#state.topic(cache, name);
    if (cache === undefined || topic === undefined) return { deleted: false };
    this.#deleteTopic.run(topic.id);
    this.#leave.run("topic", topic.id);
    this.#state.forgetTopic(cache, name, topic);
    cache.topics -= 1;
    cache.bytes -= topic.bytes;
    this.#state.changedCache(cache);
    return { deleted: true };
  }
}

function rowOf(cache: CacheState): CacheRow {
  return {
    id: cache.id,
    name: cache.name,
    createdAt: cache.createdAt,
    overrides: cache.overrides,
  };
}
