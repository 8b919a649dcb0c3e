// Takes in what another store has exported, within the transactions of groups.

import type { Database, Statement } from "bun:sqlite";
import { type CacheOverrides, ITEM_OVERHEAD_BYTES } from "../../core/caches/cache.ts";
import { ServiceError } from "../../core/errors.ts";
import type { ImportLine, ImportOutcome } from "../../core/imports/import-store.ts";
import type { TopicName, Value } from "../../core/topics/topic-log.ts";
import type { CacheWriter } from "./cache-writer.ts";
import type { CacheRow, Results } from "./commands.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { CacheState, TopicState, WriterState } from "./writer-state.ts";

type Line<Kind extends ImportLine["kind"]> = Extract<ImportLine, { kind: Kind }>;

const DONE: ImportOutcome = { kind: "done" };
const EXISTS: ImportOutcome = { kind: "exists" };
/**
 * Begins the name of a topic whose line has not come yet, which is a topic like any other for all
 * counts and for retention. No name that can be asked for begins with a control character.
 */
const STAGED = "\u0001";
/** Below every name that can be asked for, and above all that cannot. */
export const FIRST_NAME = " ";
const TOPICS_ENDED_AT_ONCE = 500;

export class Importer {
  readonly #state: WriterState;
  readonly #caches: CacheWriter;
  readonly #records: RecordWriter;
  /**
   * By import, then by topic, the number that came first of what is staged: retention may take it from
   * there, and then nothing in the tables tells it from one that never came.
   */
  readonly #firstNumbers = new Map<string, Map<string, number>>();
  readonly #insertItem: Statement<unknown, [number, number, number, number, string | null, Value]>;
  readonly #insertTopic: Statement<unknown, [number, string, number, number, number]>;
  readonly #completeTopic: Statement<unknown, [string, number, number]>;
  readonly #takePage: Statement<{ value: number }, [number]>;
  readonly #raisePage: Statement<unknown, [number]>;
  readonly #staged: Statement<TopicName, [string, string]>;

  constructor(database: Database, state: WriterState, caches: CacheWriter, records: RecordWriter) {
    this.#state = state;
    this.#caches = caches;
    this.#records = records;
    this.#insertItem = database.prepare(
      "INSERT INTO items (cache_id, topic_id, number, published_at, publisher_id, value) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#insertTopic = database.prepare(
      "INSERT INTO topics (cache_id, name, page, oldest, newest, bytes) VALUES (?, ?, ?, ?, ?, 0)",
    );
    this.#completeTopic = database.prepare("UPDATE topics SET name = ?, page = ? WHERE id = ?");
    this.#takePage = database.prepare(
      "UPDATE counters SET value = max(value + 1, ?) WHERE name = 'last_page' RETURNING value",
    );
    this.#raisePage = database.prepare(
      "UPDATE counters SET value = max(value, ?) WHERE name = 'last_page'",
    );
    // A cross join goes through the caches first, and finds in each by the index.
    this.#staged = database.prepare(
      `SELECT c.name AS cache, t.name AS topic FROM caches c CROSS JOIN topics t
        WHERE t.cache_id = c.id AND t.name >= ? AND t.name < ? LIMIT ${TOPICS_ENDED_AT_ONCE}`,
    );
  }

  take(id: string, lines: readonly ImportLine[], now: number): Results["import"] {
    const caches: CacheRow[] = [];
    const topics: TopicName[] = [];
    const outcomes = lines.map((line) => {
      const outcome = this.#take(id, line, now, caches);
      if (line.kind === "topic" && outcome.kind === "done") {
        topics.push({ cache: line.cache, topic: line.topic });
      }
      return outcome;
    });
    return { outcomes, caches, topics };
  }

  /** Deletes some of the topics that the import has not completed; without an id, of all imports. */
  end(id?: string): Results["end-import"] {
    if (id !== undefined) this.#firstNumbers.delete(id);
    const from = id === undefined ? STAGED : stagedName(id, "");
    const to = id === undefined ? FIRST_NAME : `${STAGED}${id}\u0002`;
    const staged = this.#staged.all(from, to);
    for (const { cache, topic } of staged) this.#caches.deleteTopic(cache, topic);
    return { more: staged.length > 0 };
  }

  #take(id: string, line: ImportLine, now: number, caches: CacheRow[]): ImportOutcome {
    if (line.kind === "record") return this.#takeRecord(line);
    if (line.kind === "cache") return this.#takeCache(line, caches);
    const cache = this.#state.cache(line.cache);
    if (cache === undefined) return refused("There is no cache of that name.");
    if (this.#state.topic(cache, line.topic) !== undefined) return EXISTS;
    const name = stagedName(id, line.topic);
    const staged = this.#state.topic(cache, name);
    if (line.kind === "item") return this.#takeItem(id, line, cache, staged, now);
    if (staged !== undefined) return this.#complete(id, line, cache, staged);
    return this.#takeEmpty(line, cache);
  }

  #takeCache(line: Line<"cache">, caches: CacheRow[]): ImportOutcome {
    const known = this.#state.cache(line.name);
    if (known !== undefined) {
      return isSame(known.overrides, line.overrides) ? DONE : EXISTS;
    }
    try {
      caches.push(this.#caches.put(line.name, line.overrides, line.createdAt).cache);
      return DONE;
    } catch (cause) {
      return refusalOf(cause);
    }
  }

  #takeItem(
    id: string,
    line: Line<"item">,
    cache: CacheState,
    staged: TopicState | undefined,
    now: number,
  ): ImportOutcome {
    if (staged !== undefined && staged.newest + 1 !== line.sequenceNumber) {
      return refused(`Its message ${line.sequenceNumber} follows ${staged.newest}.`);
    }
    const topic = staged ?? this.#stage(id, line, cache, now);
    const { sequenceNumber, publishedAt, publisherId = null, value } = line;
    this.#insertItem.run(cache.id, topic.id, sequenceNumber, publishedAt, publisherId, value);
    const bytes = ITEM_OVERHEAD_BYTES + Buffer.byteLength(value);
    this.#state.noteAppended(bytes);
    topic.newest = sequenceNumber;
    topic.bytes += bytes;
    cache.bytes += bytes;
    this.#state.changedTopic(topic);
    this.#state.changedCache(cache);
    return DONE;
  }

  #stage(id: string, line: Line<"item">, cache: CacheState, now: number): TopicState {
    const oldest = line.sequenceNumber;
    const firstNumbers = this.#firstNumbers.get(id) ?? new Map<string, number>();
    this.#firstNumbers.set(id, firstNumbers.set(numbersKey(cache, line.topic), oldest));
    const page = this.#takePage.get(Math.floor(now / 1000))?.value ?? 0;
    const place = { page, oldest, newest: oldest - 1 };
    return this.#addTopic(cache, stagedName(id, line.topic), place);
  }

  #takeEmpty({ topic, sequencePage, oldest, newest }: Line<"topic">, cache: CacheState) {
    if (oldest !== newest + 1) return refused("Its messages are missing.");
    this.#raisePage.run(sequencePage);
    this.#addTopic(cache, topic, { page: sequencePage, oldest, newest });
    return DONE;
  }

  #addTopic(
    cache: CacheState,
    name: string,
    { page, oldest, newest }: Pick<TopicState, "page" | "oldest" | "newest">,
  ): TopicState {
    const { lastInsertRowid } = this.#insertTopic.run(cache.id, name, page, oldest, newest);
    const topic = { id: Number(lastInsertRowid), page, oldest, newest, bytes: 0 };
    this.#state.addTopic(cache, name, topic);
    cache.topics += 1;
    this.#state.changedCache(cache);
    return topic;
  }

  /** Retention may have taken some of its oldest meanwhile. */
  #complete(id: string, line: Line<"topic">, cache: CacheState, staged: TopicState): ImportOutcome {
    const name = stagedName(id, line.topic);
    const firstNumbers = this.#firstNumbers.get(id);
    const key = numbersKey(cache, line.topic);
    // It is not known only where this was good before, and the transaction is done again.
    const first = firstNumbers?.get(key) ?? line.oldest;
    if (staged.newest !== line.newest || first !== line.oldest) {
      this.#caches.deleteTopic(cache.name, name);
      return refused(
        `It must have the messages from ${line.oldest} to ${line.newest}, of which ${first} to ${staged.newest} came.`,
      );
    }
    firstNumbers?.delete(key);
    this.#raisePage.run(line.sequencePage);
    this.#completeTopic.run(line.topic, line.sequencePage, staged.id);
    this.#state.forgetTopic(cache, name, staged);
    const topic = { ...staged, page: line.sequencePage };
    this.#state.addTopic(cache, line.topic, topic);
    this.#state.changedTopic(topic);
    return DONE;
  }

  #takeRecord({ name, version, data }: Line<"record">): ImportOutcome {
    if (this.#records.has(name)) return EXISTS;
    try {
      this.#records.apply({ kind: "replace-record", name, version, data });
      return DONE;
    } catch (cause) {
      return refusalOf(cause);
    }
  }
}

function numbersKey(cache: CacheState, topic: string): string {
  return `${cache.id} ${topic}`;
}

function stagedName(id: string, topic: string): string {
  return `${STAGED}${id}${STAGED}${topic}`;
}

function isSame(one: CacheOverrides, other: CacheOverrides): boolean {
  return Bun.deepEquals(withoutNulls(one), withoutNulls(other));
}

/** Null and absent both mean: as the server's settings say. */
function withoutNulls({ retention, limits }: CacheOverrides): unknown {
  const set = (figures: object) =>
    Object.fromEntries(Object.entries(figures).filter(([, value]) => typeof value === "number"));
  return [set(retention), set(limits)];
}

function refused(message: string): ImportOutcome {
  return { kind: "refused", message };
}

/** It came before anything was written. */
function refusalOf(cause: unknown): ImportOutcome {
  if (cause instanceof ServiceError) return refused(cause.message);
  throw cause;
}
