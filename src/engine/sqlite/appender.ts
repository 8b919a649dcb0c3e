// Appends one message to one topic, within the transaction of its group.

import type { Database, Statement } from "bun:sqlite";
import { ITEM_OVERHEAD_BYTES } from "../../core/caches/cache.ts";
import { cacheNotFound, invalidArgument, limitExceeded } from "../../core/errors.ts";
import type { Append, Appended, Value } from "../../core/topics/topic-log.ts";
import type { WriterOptions } from "./commands.ts";
import type { CacheState, TopicState, WriterState } from "./writer-state.ts";

interface KeyRow {
  number: number;
  digest: Uint8Array;
  created_at: number;
}

/** More than the one that an append adds, so that a topic whose bound was lowered shrinks to it. */
const TRIMMED_BY_AN_APPEND = 4;

export class Appender {
  readonly #state: WriterState;
  readonly #options: WriterOptions;
  readonly #insertItem: Statement<unknown, [number, number, number, number, string | null, Value]>;
  readonly #insertTopic: Statement<unknown, [number, string, number]>;
  readonly #takePage: Statement<{ value: number }, [number]>;
  readonly #selectKey: Statement<KeyRow, [number, string]>;
  readonly #putKey: Statement<unknown, [number, string, number, number, Uint8Array, number]>;
  readonly #oldest: Statement<{ id: number; bytes: number }, [number, number, number]>;
  readonly #deleteItem: Statement<unknown, [number]>;

  constructor(database: Database, state: WriterState, options: WriterOptions) {
    this.#state = state;
    this.#options = options;
    this.#insertItem = database.prepare(
      "INSERT INTO items (cache_id, topic_id, number, published_at, publisher_id, value) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#insertTopic = database.prepare(
      "INSERT INTO topics (cache_id, name, page, oldest, newest, bytes) VALUES (?, ?, ?, 1, 0, 0)",
    );
    this.#takePage = database.prepare(
      "UPDATE counters SET value = max(value + 1, ?) WHERE name = 'last_page' RETURNING value",
    );
    this.#selectKey = database.prepare(
      "SELECT number, digest, created_at FROM idempotency_keys WHERE topic_id = ? AND key = ?",
    );
    this.#putKey = database.prepare(
      "INSERT OR REPLACE INTO idempotency_keys (topic_id, key, cache_id, number, digest, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#oldest = database.prepare(
      `SELECT id, octet_length(value) + ${ITEM_OVERHEAD_BYTES} AS bytes FROM items WHERE topic_id = ? AND number BETWEEN ? AND ? ORDER BY number`,
    );
    this.#deleteItem = database.prepare("DELETE FROM items WHERE id = ?");
  }

  /** Throws a `ServiceError` before anything is written, or nothing. */
  append(command: Append, now: number): Appended {
    const cache = this.#state.cache(command.cache);
    if (cache === undefined) throw cacheNotFound();
    const known = this.#state.topic(cache, command.topic);
    const key = command.idempotencyKey;
    const digest = key === undefined ? undefined : digestOf(command.value);
    const seen =
      key === undefined || known === undefined ? null : this.#selectKey.get(known.id, key);
    if (seen && digest && seen.created_at > now - this.#options.idempotencyWindowMs) {
      if (Buffer.compare(seen.digest, digest) !== 0) throw keyReused();
      return { sequenceNumber: seen.number, sequencePage: known?.page ?? 0, duplicate: true };
    }
    const size = sizeOf(command.value) + ITEM_OVERHEAD_BYTES;
    this.#requireRoom(cache, known, size, key !== undefined && seen === null);
    const topic = known ?? this.#addTopic(cache, command.topic, now);
    const number = topic.newest + 1;
    this.#insertItem.run(
      cache.id,
      topic.id,
      number,
      now,
      command.publisherId ?? null,
      command.value,
    );
    if (key !== undefined && digest !== undefined) {
      this.#putKey.run(topic.id, key, cache.id, number, digest, now);
      if (seen === null) cache.idempotencyKeys += 1;
    }
    this.#state.noteAppended(size);
    topic.newest = number;
    topic.bytes += size;
    cache.bytes += size;
    this.#trim(cache, topic);
    this.#state.changedTopic(topic);
    this.#state.changedCache(cache);
    return { sequenceNumber: number, sequencePage: topic.page, duplicate: false };
  }

  #requireRoom(
    cache: CacheState,
    topic: TopicState | undefined,
    size: number,
    isNewKey: boolean,
  ): void {
    const { topics, storedBytes } = cache.settings.limits;
    if (topic === undefined && topics > 0 && cache.topics >= topics) {
      throw limitExceeded("topics_limit_exceeded", `The cache allows ${topics} topics.`);
    }
    if (storedBytes > 0 && cache.bytes + size > storedBytes) {
      throw limitExceeded(
        "stored_bytes_limit_exceeded",
        `The cache is full: it allows ${storedBytes} stored bytes.`,
      );
    }
    const keysMax = this.#options.idempotencyKeysMax;
    if (isNewKey && cache.idempotencyKeys >= keysMax) {
      throw limitExceeded(
        "idempotency_keys_limit_exceeded",
        `The cache remembers ${keysMax} idempotency keys already; the oldest are forgotten after ${this.#options.idempotencyWindowMs / 1000} seconds.`,
      );
    }
  }

  #addTopic(cache: CacheState, name: string, now: number): TopicState {
    const page = this.#takePage.get(Math.floor(now / 1000))?.value ?? 0;
    const { lastInsertRowid } = this.#insertTopic.run(cache.id, name, page);
    const topic = { id: Number(lastInsertRowid), page, oldest: 1, newest: 0, bytes: 0 };
    this.#state.addTopic(cache, name, topic);
    cache.topics += 1;
    return topic;
  }

  #trim(cache: CacheState, topic: TopicState): void {
    const { topicItems } = cache.settings.retention;
    const excess = topic.newest - topic.oldest + 1 - topicItems;
    if (topicItems === 0 || excess <= 0) return;
    const last = topic.oldest + Math.min(excess, TRIMMED_BY_AN_APPEND) - 1;
    for (const { id, bytes } of this.#oldest.all(topic.id, topic.oldest, last)) {
      this.#deleteItem.run(id);
      topic.bytes -= bytes;
      cache.bytes -= bytes;
    }
    topic.oldest = last + 1;
  }
}

function sizeOf(value: Value): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
}

function digestOf(value: Value): Uint8Array {
  const kind = typeof value === "string" ? "text " : "binary ";
  return new Bun.CryptoHasher("sha256").update(kind).update(value).digest();
}

function keyReused() {
  return invalidArgument(
    "The Idempotency-Key was used before on this topic with another message; nothing was stored.",
  );
}
