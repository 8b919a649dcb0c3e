// Forgets what is over its retention and gives disk space back, in steps of a few milliseconds.

import type { Database, Statement } from "bun:sqlite";
import { ITEM_OVERHEAD_BYTES } from "../../core/caches/cache.ts";
import type { WriterOptions } from "./commands.ts";
import { FutureStamps, type StampRow } from "./future-stamps.ts";
import type { Checkpoint } from "./open-database.ts";
import type { Writer } from "./writer.ts";
import type { CacheState, TopicState, WriterState } from "./writer-state.ts";

/** A step forgets twice as many items and bytes as were written since the last one, within these bounds. */
const STEP_ITEMS = { min: 256, max: 1280 };
const STEP_BYTES = { min: 1_048_576, max: 16_777_216 };
const STEP_TOPICS = 500;
const STEP_KEYS = 500;
const STEP_PAGES = 64;
/** Free pages are kept for reuse below this, and given back when they are more than a share of the file. */
const FREE_PAGES_KEPT = 256;
const FREE_SHARE_TO_START = 0.25;
const FREE_SHARE_TO_STOP = 0.05;

interface ItemRow extends StampRow {
  readonly topic_id: number;
  readonly number: number;
  readonly bytes: number;
}

export class Retention {
  readonly #database: Database;
  readonly #writer: Writer;
  readonly #state: WriterState;
  readonly #keyWindowMs: number;
  readonly #checkpoint: Checkpoint;
  readonly #itemsOfCache: Statement<ItemRow, [number, number]>;
  readonly #itemsOfTopic: Statement<ItemRow, [number, number]>;
  readonly #deleteItem: Statement<unknown, [number]>;
  readonly #topicById: Statement<{ name: string }, [number]>;
  readonly #topicsOfCache: Statement<
    { name: string; oldest: number; newest: number },
    [number, string]
  >;
  readonly #futureStamps: FutureStamps;
  readonly #leftover: Statement<{ kind: string; id: number }, []>;
  /** Caches whose topics are to be held against `topicItems`, with the name reached. */
  readonly #sweeps = new Map<number, string>();
  readonly #jobs: readonly (() => boolean)[] = [
    () => this.#clearLeftovers(),
    () => this.#trimCaches(),
    () => this.#sweepTopics(),
    () => this.#forgetKeys(),
    () => this.#giveSpaceBack(),
  ];
  #turn = 0;
  #forgotten = { items: 0, bytes: 0 };
  #itemsMax = STEP_ITEMS.min;
  #bytesMax = STEP_BYTES.min;
  #lastTrimmed: CacheState | undefined;
  #isVacuuming = false;

  constructor(
    database: Database,
    writer: Writer,
    options: Pick<WriterOptions, "idempotencyWindowMs" | "checkpoint">,
  ) {
    this.#database = database;
    this.#writer = writer;
    this.#state = writer.state;
    this.#keyWindowMs = options.idempotencyWindowMs;
    this.#checkpoint = options.checkpoint;
    const item = `SELECT id, topic_id, number, published_at, octet_length(value) + ${ITEM_OVERHEAD_BYTES} AS bytes FROM items`;
    this.#itemsOfCache = database.prepare(`${item} WHERE cache_id = ? ORDER BY id LIMIT ?`);
    this.#itemsOfTopic = database.prepare(`${item} WHERE topic_id = ? ORDER BY number LIMIT ?`);
    this.#deleteItem = database.prepare("DELETE FROM items WHERE id = ?");
    this.#topicById = database.prepare("SELECT name FROM topics WHERE id = ?");
    this.#topicsOfCache = database.prepare(
      `SELECT name, oldest, newest FROM topics WHERE cache_id = ? AND name > ? ORDER BY name LIMIT ${STEP_TOPICS}`,
    );
    this.#futureStamps = new FutureStamps(database);
    this.#leftover = database.prepare("SELECT kind, id FROM leftovers LIMIT 1");
    for (const cache of this.#state.caches()) this.sweep(cache);
  }

  /** Holds the topics of a cache against its bound on items anew; for when that bound has changed. */
  sweep(cache: CacheState): void {
    if (cache.settings.retention.topicItems > 0) this.#sweeps.set(cache.id, "");
  }

  /** Does one step of what there is to do, each kind of work in its turn. True when there may be more. */
  step(): boolean {
    const { items, bytes } = this.#state.takeAppended();
    this.#itemsMax = clamp(2 * items, STEP_ITEMS);
    this.#bytesMax = clamp(2 * bytes, STEP_BYTES);
    for (const _ of this.#jobs) {
      const job = this.#jobs[this.#turn];
      this.#turn = (this.#turn + 1) % this.#jobs.length;
      if (job?.()) return true;
    }
    return false;
  }

  /** What was taken away since the last call. */
  takeForgotten(): { readonly items: number; readonly bytes: number } {
    const forgotten = this.#forgotten;
    this.#forgotten = { items: 0, bytes: 0 };
    return forgotten;
  }

  #clearLeftovers(): boolean {
    const leftover = this.#leftover.get();
    if (leftover === null) return false;
    const { kind, id } = leftover;
    const items = kind === "cache" ? this.#itemsOfCache : this.#itemsOfTopic;
    const rows = [...upToBytes(items.all(id, this.#itemsMax), this.#bytesMax)];
    this.#writer.transaction(() => {
      for (const row of rows) this.#deleteItem.run(row.id);
      if (rows.length > 0) return;
      if (kind === "cache" && this.#clearTopics(id) > 0) return;
      this.#database.run("DELETE FROM leftovers WHERE kind = ? AND id = ?", [kind, id]);
    });
    this.#noteForgotten(rows);
    return true;
  }

  #clearTopics(cache: number): number {
    const { changes } = this.#database.run(
      `DELETE FROM topics WHERE id IN (SELECT id FROM topics WHERE cache_id = ? LIMIT ${STEP_TOPICS})`,
      [cache],
    );
    return changes;
  }

  #trimCaches(): boolean {
    const now = Date.now();
    for (const cache of this.#cachesInTurn()) {
      const rows = this.#overdue(cache, now);
      if (rows.length === 0) continue;
      this.#writer.transaction(() => this.#forget(cache, rows));
      this.#noteForgotten(rows);
      this.#lastTrimmed = cache;
      return true;
    }
    return false;
  }

  /** Begins behind the cache that was trimmed last, so that a busy one does not keep the others waiting. */
  #cachesInTurn(): readonly CacheState[] {
    const caches = [...this.#state.caches()];
    const next = caches.findIndex(({ id }) => id === this.#lastTrimmed?.id) + 1;
    return [...caches.slice(next), ...caches.slice(0, next)];
  }

  /** The oldest items of the cache that are too old or too much. */
  #overdue(cache: CacheState, now: number): readonly ItemRow[] {
    const { seconds, bytes } = cache.settings.retention;
    const bornBefore = seconds === 0 ? Number.NEGATIVE_INFINITY : now - seconds * 1000;
    let excess = bytes === 0 ? 0 : cache.bytes - bytes;
    if (excess <= 0 && seconds === 0) return [];
    const overdue: ItemRow[] = [];
    /** Items before it are older than one that is too old, whatever they are stamped. */
    let tooOldBefore = 0;
    for (const row of upToBytes(
      this.#itemsOfCache.iterate(cache.id, this.#itemsMax),
      this.#bytesMax,
    )) {
      if (excess <= 0 && row.published_at > now && row.id >= tooOldBefore) {
        const after = this.#futureStamps.firstAfter(cache.id, row.id, now);
        if (after !== undefined && after.published_at < bornBefore) tooOldBefore = after.id;
      }
      const isTooOld = row.published_at < bornBefore || row.id < tooOldBefore;
      if (!isTooOld && excess <= 0) break;
      overdue.push(row);
      excess -= row.bytes;
    }
    return overdue;
  }

  #forget(cache: CacheState, rows: readonly ItemRow[]): void {
    for (const row of rows) {
      this.#deleteItem.run(row.id);
      const topic = this.#topicOf(cache, row.topic_id);
      // The bytes of a deleted topic were subtracted when it was deleted.
      if (topic === undefined) continue;
      topic.oldest = row.number + 1;
      topic.bytes -= row.bytes;
      cache.bytes -= row.bytes;
      this.#state.changedTopic(topic);
    }
    this.#state.changedCache(cache);
  }

  /** To be called when their transaction is done. */
  #noteForgotten(rows: readonly ItemRow[]): void {
    this.#forgotten.items += rows.length;
    for (const { bytes } of rows) this.#forgotten.bytes += bytes;
  }

  #topicOf(cache: CacheState, id: number): TopicState | undefined {
    const row = this.#topicById.get(id);
    return row === null ? undefined : this.#state.topic(cache, row.name);
  }

  #sweepTopics(): boolean {
    for (const cache of this.#state.caches()) {
      const reached = this.#sweeps.get(cache.id);
      if (reached === undefined) continue;
      this.#sweepSome(cache, reached);
      return true;
    }
    this.#sweeps.clear();
    return false;
  }

  #sweepSome(cache: CacheState, reached: string): void {
    const { topicItems } = cache.settings.retention;
    const topics = this.#topicsOfCache.all(cache.id, reached);
    const over = topics.find((topic) => topic.newest - topic.oldest + 1 > topicItems);
    if (over !== undefined && topicItems > 0) {
      this.#noteForgotten(
        this.#writer.transaction(() => this.#trimTopic(cache, over.name, topicItems)),
      );
      return;
    }
    const last = topics.at(-1);
    if (last === undefined) this.#sweeps.delete(cache.id);
    else this.#sweeps.set(cache.id, last.name);
  }

  /** Returns what it took away. */
  #trimTopic(cache: CacheState, name: string, topicItems: number): readonly ItemRow[] {
    const topic = this.#state.topic(cache, name);
    if (topic === undefined) return [];
    const last = topic.newest - topicItems;
    const rows = upToBytes(this.#itemsOfTopic.all(topic.id, this.#itemsMax), this.#bytesMax);
    const over = [...rows].filter((row) => row.number <= last);
    this.#forget(cache, over);
    return over;
  }

  #forgetKeys(): boolean {
    const until = Date.now() - this.#keyWindowMs;
    const expired = this.#database
      .query<{ topic_id: number; key: string; cache_id: number }, [number]>(
        `SELECT topic_id, key, cache_id FROM idempotency_keys WHERE created_at <= ? ORDER BY created_at LIMIT ${STEP_KEYS}`,
      )
      .all(until);
    if (expired.length === 0) return false;
    const byId = new Map([...this.#state.caches()].map((cache) => [cache.id, cache]));
    this.#writer.transaction(() => {
      const forget = this.#database.query<unknown, [number, string]>(
        "DELETE FROM idempotency_keys WHERE topic_id = ? AND key = ?",
      );
      for (const row of expired) {
        forget.run(row.topic_id, row.key);
        const cache = byId.get(row.cache_id);
        if (cache === undefined) continue;
        cache.idempotencyKeys -= 1;
        this.#state.changedCache(cache);
      }
    });
    return true;
  }

  #giveSpaceBack(): boolean {
    const free = this.#pragma("freelist_count");
    const share = free / this.#pragma("page_count");
    const least = this.#isVacuuming ? FREE_SHARE_TO_STOP : FREE_SHARE_TO_START;
    if (free <= FREE_PAGES_KEPT || share <= least) {
      // The file shrinks when the log has been copied into it.
      if (this.#isVacuuming && this.#checkpoint === "server") {
        this.#database.run("PRAGMA wal_checkpoint(PASSIVE)");
      }
      this.#isVacuuming = false;
      return false;
    }
    this.#isVacuuming = true;
    this.#database.query(`PRAGMA incremental_vacuum(${STEP_PAGES})`).all();
    return true;
  }

  #pragma(name: "freelist_count" | "page_count"): number {
    return this.#database.query<Record<string, number>, []>(`PRAGMA ${name}`).get()?.[name] ?? 0;
  }
}

/** Rows until their bytes fill a step; the first whatever its size. */
function* upToBytes(rows: Iterable<ItemRow>, bytesMax: number): Generator<ItemRow> {
  let bytes = 0;
  for (const row of rows) {
    if (bytes > 0 && bytes + row.bytes > bytesMax) return;
    bytes += row.bytes;
    yield row;
  }
}

function clamp(value: number, { min, max }: { min: number; max: number }): number {
  return Math.min(max, Math.max(min, value));
}
