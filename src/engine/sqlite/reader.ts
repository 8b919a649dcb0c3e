// Reads topics through a connection that never waits for the writer.

import type { Database, Statement } from "bun:sqlite";
import type { CacheUsage } from "../../core/caches/cache.ts";
import type {
  Item,
  PageBounds,
  ReadFrom,
  TopicRead,
  TopicSummary,
  Value,
} from "../../core/topics/topic-log.ts";

interface TopicRow {
  id: number;
  page: number;
  newest: number;
}

interface ItemRow {
  number: number;
  published_at: number;
  publisher_id: string | null;
  value: Value;
}

interface TallyRow {
  topics: number;
  items: number;
  last: string | null;
}

export const NOTHING: TopicRead = { sequencePage: 0, newest: 0, items: [] };
/** Of which a step of counting takes a millisecond or so. */
const TALLY_TOPICS = 1000;
const ITEM = "SELECT number, published_at, publisher_id, value FROM items WHERE topic_id = ?";

export class Reader {
  readonly #begin: Statement;
  readonly #end: Statement;
  readonly #topic: Statement<TopicRow, [number, string]>;
  readonly #itemsFrom: Statement<ItemRow, [number, number, number]>;
  readonly #newestItem: Statement<ItemRow, [number]>;
  readonly #topics: Statement<TopicSummary, [number, string, number]>;
  readonly #usage: Statement<CacheUsage, [number]>;
  readonly #tally: Statement<TallyRow, [number, string]>;
  readonly #keys: Statement<{ keys: number }, [number]>;

  constructor(database: Database) {
    this.#begin = database.prepare("BEGIN");
    this.#end = database.prepare("COMMIT");
    this.#topic = database.prepare(
      "SELECT id, page, newest FROM topics WHERE cache_id = ? AND name = ?",
    );
    this.#itemsFrom = database.prepare(`${ITEM} AND number >= ? ORDER BY number LIMIT ?`);
    this.#newestItem = database.prepare(`${ITEM} ORDER BY number DESC LIMIT 1`);
    this.#topics = database.prepare(
      "SELECT name AS topic, page AS sequencePage, oldest, newest, bytes FROM topics WHERE cache_id = ? AND name > max(?, char(31)) ORDER BY name LIMIT ?",
    );
    this.#usage = database.prepare("SELECT topics, bytes FROM caches WHERE id = ?");
    const some = `SELECT name, newest - oldest + 1 AS items FROM topics WHERE cache_id = ? AND name > ? ORDER BY name LIMIT ${TALLY_TOPICS}`;
    this.#tally = database.prepare(
      `SELECT count(*) AS topics, total(items) AS items, max(name) AS last FROM (${some})`,
    );
    this.#keys = database.prepare("SELECT idempotency_keys AS keys FROM caches WHERE id = ?");
  }

  /** Topic and items from one state of the database. */
  read(cache: number, topic: string, from: ReadFrom, bounds: PageBounds): TopicRead {
    this.#begin.run();
    try {
      const row = this.#topic.get(cache, topic);
      if (row === null) return NOTHING;
      return {
        sequencePage: row.page,
        newest: row.newest,
        items: this.#items(row, from, bounds),
      };
    } finally {
      this.#end.run();
    }
  }

  list(cache: number, after: string, limit: number): readonly TopicSummary[] {
    return this.#topics.all(cache, after, limit);
  }

  usage(cache: number): CacheUsage | undefined {
    return this.#usage.get(cache) ?? undefined;
  }

  /** The items of some topics after the name `after`, and the last of these; undefined: that was all. */
  tally(cache: number, after: string): { readonly items: number; readonly last?: string } {
    const { topics = 0, items = 0, last = null } = this.#tally.get(cache, after) ?? {};
    return topics < TALLY_TOPICS || last === null ? { items } : { items, last };
  }

  idempotencyKeys(cache: number): number {
    return this.#keys.get(cache)?.keys ?? 0;
  }

  #items(topic: TopicRow, from: ReadFrom, bounds: PageBounds): readonly Item[] {
    if (from === "newest") return this.#newestItem.all(topic.id).map(itemOf);
    const first = from === "oldest" ? 1 : from;
    if (first > topic.newest) return [];
    const items: Item[] = [];
    let bytes = 0;
    for (const row of this.#itemsFrom.iterate(topic.id, first, bounds.itemsMax)) {
      bytes += typeof row.value === "string" ? Buffer.byteLength(row.value) : row.value.byteLength;
      if (items.length > 0 && bytes > bounds.bytesMax) break;
      items.push(itemOf(row));
    }
    return items;
  }
}

function itemOf(row: ItemRow): Item {
  return {
    sequenceNumber: row.number,
    value: row.value,
    publishedAt: row.published_at,
    publisherId: row.publisher_id ?? undefined,
  };
}
