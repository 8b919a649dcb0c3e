// Caches, with a view in memory that follows what is durable.

import type { Database } from "bun:sqlite";
import {
  type Cache,
  type CacheOverrides,
  type CacheSettings,
  type CacheTally,
  type CacheUsage,
  effectiveSettings,
} from "../../core/caches/cache.ts";
import type { CacheStore } from "../../core/caches/cache-store.ts";
import type { CacheRow } from "./commands.ts";
import { Listeners } from "./listeners.ts";
import type { Reader } from "./reader.ts";
import type { WriterClient } from "./writer-client.ts";

interface KnownCache {
  readonly id: number;
  readonly cache: Cache;
}

export class SqliteCacheStore implements CacheStore {
  readonly #writer: WriterClient;
  readonly #reader: Reader;
  readonly #defaults: CacheSettings;
  readonly #known = new Map<string, KnownCache>();
  readonly #deletions = new Listeners<string>();

  constructor(writer: WriterClient, reader: Reader, database: Database, defaults: CacheSettings) {
    this.#writer = writer;
    this.#reader = reader;
    this.#defaults = defaults;
    const rows = database.query<
      { id: number; name: string; created_at: number; overrides: string },
      []
    >("SELECT id, name, created_at, overrides FROM caches");
    for (const { id, name, created_at: createdAt, overrides } of rows.iterate()) {
      this.noteCache({ id, name, createdAt, overrides: JSON.parse(overrides) as CacheOverrides });
    }
  }

  get(name: string): Cache | undefined {
    return this.#known.get(name)?.cache;
  }

  list(): readonly Cache[] {
    const caches = [...this.#known.values()].map(({ cache }) => cache);
    return caches.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  async put(name: string, overrides: CacheOverrides): Promise<{ cache: Cache; created: boolean }> {
    const { cache, created } = await this.#writer.write({ kind: "put-cache", name, overrides });
    return { cache: this.#cacheOf(cache), created };
  }

  async delete(name: string): Promise<boolean> {
    const { deleted } = await this.#writer.write({ kind: "delete-cache", name });
    return deleted;
  }

  async usage(name: string): Promise<CacheUsage | undefined> {
    const id = this.idOf(name);
    return id === undefined ? undefined : this.#reader.usage(id);
  }

  async tally(name: string): Promise<CacheTally | undefined> {
    const id = this.idOf(name);
    if (id === undefined) return undefined;
    let items = 0;
    let reached: string | undefined = "";
    while (reached !== undefined) {
      const step = this.#reader.tally(id, reached);
      items += step.items;
      reached = step.last;
      await new Promise(setImmediate);
    }
    return { items, idempotencyKeys: this.#reader.idempotencyKeys(id) };
  }

  onDelete(listener: (name: string) => void): Disposable {
    return this.#deletions.add(listener);
  }

  /** The row id, by which the other tables name the cache. */
  idOf(name: string): number | undefined {
    return this.#known.get(name)?.id;
  }

  /** A cache was made or changed, durably. */
  noteCache(row: CacheRow): void {
    this.#known.set(row.name, { id: row.id, cache: this.#cacheOf(row) });
  }

  /** A cache was deleted, durably. */
  noteDeletion(name: string): void {
    if (this.#known.delete(name)) this.#deletions.tell(name);
  }

  #cacheOf({ name, createdAt, overrides }: CacheRow): Cache {
    return { name, createdAt, settings: effectiveSettings(this.#defaults, overrides) };
  }
}
