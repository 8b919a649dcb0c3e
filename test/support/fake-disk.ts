// What the fake engine has made durable: a plain, synchronous and never failing store in memory.

import type { StoredKey } from "../../src/core/access/signing-key.ts";
import type { StoredUser } from "../../src/core/access/user-store.ts";
import {
  type Cache,
  type CacheOverrides,
  type CacheTally,
  type CacheUsage,
  effectiveSettings,
  ITEM_OVERHEAD_BYTES,
  mergeOverrides,
} from "../../src/core/caches/cache.ts";
import { cacheNotFound, invalidArgument, limitExceeded } from "../../src/core/errors.ts";
import {
  applyCommand,
  type RecordCommand,
  type RecordOutcome,
  type StoredRecord,
  stands,
  writtenBy,
} from "../../src/core/records/command.ts";
import type { RecordSummary } from "../../src/core/records/record-store.ts";
import type {
  Append,
  Appended,
  Item,
  PageBounds,
  ReadFrom,
  TopicName,
  TopicRead,
  TopicSummary,
  Value,
} from "../../src/core/topics/topic-log.ts";
import type { EngineSettings } from "./open-engine.ts";

interface StoredItem extends Item {
  readonly commit: number;
}

interface StoredTopic {
  readonly page: number;
  newest: number;
  items: StoredItem[];
}

interface UsedKey {
  readonly sequenceNumber: number;
  readonly value: Value;
  readonly at: number;
}

interface StoredCache {
  readonly createdAt: number;
  overrides: CacheOverrides;
  readonly topics: Map<string, StoredTopic>;
  /** By page and key: a page is never given twice. */
  readonly keys: Map<string, UsedKey>;
}

const NOTHING: TopicRead = { sequencePage: 0, newest: 0, items: [] };

export class FakeDisk {
  readonly revocations = new Map<string, number>();
  keys: readonly StoredKey[] = [];
  readonly #caches = new Map<string, StoredCache>();
  readonly #records = new Map<string, StoredRecord>();
  readonly #revisions = new Map<string, number>();
  readonly #users = new Map<string, StoredUser>();
  #lastPage = 0;
  #commits = 0;
  #recordCommits = 0;

  append(append: Append, now: number, settings: EngineSettings): Appended {
    const cache = this.#caches.get(append.cache);
    if (cache === undefined) throw cacheNotFound();
    const topic = cache.topics.get(append.topic);
    forgetKeys(cache, now - settings.idempotencyWindowMs);
    const key = append.idempotencyKey;
    const used = topic && key !== undefined && cache.keys.get(`${topic.page} ${key}`);
    if (topic && used) {
      if (!isSame(used.value, append.value)) throw invalidArgument("The key was used before.");
      const { sequenceNumber } = used;
      return { sequenceNumber, sequencePage: topic.page, duplicate: true };
    }
    requireRoom(cache, append, settings);
    const appended = this.#add(topic ?? this.#addTopic(cache, append.topic, now), append, now);
    if (key !== undefined) {
      const { sequenceNumber, sequencePage } = appended;
      const value = copy(append.value);
      cache.keys.set(`${sequencePage} ${key}`, { sequenceNumber, value, at: now });
    }
    trim(cache, now, settings);
    return appended;
  }

  read(
    name: TopicName,
    from: ReadFrom,
    bounds: PageBounds,
    now: number,
    settings: EngineSettings,
  ): TopicRead {
    const cache = this.#caches.get(name.cache);
    const topic = cache?.topics.get(name.topic);
    if (cache === undefined || topic === undefined) return NOTHING;
    trim(cache, now, settings);
    const items = pageOf(topic, from, bounds).map(({ commit: _, ...item }) => ({
      ...item,
      value: copy(item.value),
    }));
    return { sequencePage: topic.page, newest: topic.newest, items };
  }

  list(name: string, after: string, limit: number): readonly TopicSummary[] {
    const topics = [...(this.#caches.get(name)?.topics ?? [])];
    return topics
      .map(([topic, { page, newest, items }]) => ({
        topic,
        sequencePage: page,
        oldest: items[0]?.sequenceNumber ?? newest + 1,
        newest,
        bytes: bytesOf(items),
      }))
      .filter(({ topic }) => bytewise(topic, after) > 0)
      .sort((a, b) => bytewise(a.topic, b.topic))
      .slice(0, limit);
  }

  deleteTopic({ cache, topic }: TopicName): boolean {
    return this.#caches.get(cache)?.topics.delete(topic) ?? false;
  }

  put(name: string, overrides: CacheOverrides, now: number, settings: EngineSettings): boolean {
    const existing = this.#caches.get(name);
    if (existing !== undefined) {
      existing.overrides = mergeOverrides(existing.overrides, overrides);
      trim(existing, now, settings);
      return false;
    }
    if (this.#caches.size >= settings.cachesMax) {
      throw limitExceeded("caches_limit_exceeded", "There are as many caches as allowed.");
    }
    this.#caches.set(name, { createdAt: now, overrides, topics: new Map(), keys: new Map() });
    return true;
  }

  deleteCache(name: string): boolean {
    return this.#caches.delete(name);
  }

  cache(name: string, settings: EngineSettings): Cache | undefined {
    const cache = this.#caches.get(name);
    if (cache === undefined) return undefined;
    const { createdAt, overrides } = cache;
    return { name, createdAt, settings: effectiveSettings(settings.defaults, overrides) };
  }

  cacheNames(): readonly string[] {
    return [...this.#caches.keys()].sort(bytewise);
  }

  usage(name: string): CacheUsage | undefined {
    const cache = this.#caches.get(name);
    return cache && { topics: cache.topics.size, bytes: bytesOf(itemsOf(cache)) };
  }

  tally(name: string): CacheTally | undefined {
    const cache = this.#caches.get(name);
    return cache && { items: itemsOf(cache).length, idempotencyKeys: cache.keys.size };
  }

  record(name: string): StoredRecord | undefined {
    return this.#records.get(name);
  }

  revision(name: string): number {
    return this.#records.has(name) ? (this.#revisions.get(name) ?? 0) : 0;
  }

  /** The last that changed a record. */
  get recordCommit(): number {
    return this.#recordCommits;
  }

  applyToRecord(command: RecordCommand, limits: EngineSettings["records"]): RecordOutcome {
    const outcome = this.#applyToRecord(command, limits);
    if (outcome.kind === "written" || outcome.kind === "deleted") this.#recordCommits += 1;
    return outcome;
  }

  #applyToRecord(command: RecordCommand, limits: EngineSettings["records"]): RecordOutcome {
    const { name } = command;
    if (!stands(command, (name) => this.revision(name))) return { kind: "moved" };
    const applied = applyCommand(this.#records.get(name), command);
    if (applied.kind === "gone") return { kind: "deleted", existed: this.#records.delete(name) };
    if ("version" in applied) return { ...applied, data: this.#records.get(name)?.data };
    if (applied.kind !== "next") return applied;
    const after = new Map(this.#records).set(name, applied.record);
    requireRoomForRecords(this.#records, after, applied.record, limits);
    this.#records.set(name, applied.record);
    this.#revisions.set(name, this.#recordCommits + 1);
    return writtenBy(command, applied.record);
  }

  listRecords(prefix: string, after: string, limit: number): readonly RecordSummary[] {
    return [...this.#records]
      .map(([name, { version, data }]) => ({ name, version, bytes: Buffer.byteLength(data) }))
      .filter(({ name }) => name.startsWith(prefix) && bytewise(name, after) > 0)
      .sort((a, b) => bytewise(a.name, b.name))
      .slice(0, limit);
  }

  user(email: string): StoredUser | undefined {
    return structuredClone(this.#users.get(email));
  }

  listUsers(after: string, limit: number): readonly StoredUser[] {
    const emails = [...this.#users.keys()].filter((email) => bytewise(email, after) > 0);
    return emails
      .sort(bytewise)
      .slice(0, limit)
      .flatMap((email) => this.user(email) ?? []);
  }

  addUser(user: StoredUser, usersMax: number): boolean {
    if (this.#users.has(user.email)) return false;
    if (this.#users.size >= usersMax) {
      throw limitExceeded("users_limit_exceeded", "There are as many users as allowed.");
    }
    this.#users.set(user.email, structuredClone(user));
    return true;
  }

  removeUser(email: string): string | undefined {
    const id = this.#users.get(email)?.id;
    this.#users.delete(email);
    return id;
  }

  setPasswordHash(email: string, passwordHash: string): string | undefined {
    const user = this.#users.get(email);
    if (user !== undefined) this.#users.set(email, { ...user, passwordHash });
    return user?.id;
  }

  #addTopic(cache: StoredCache, name: string, now: number): StoredTopic {
    this.#lastPage = Math.max(this.#lastPage + 1, Math.floor(now / 1000));
    const topic = { page: this.#lastPage, newest: 0, items: [] };
    cache.topics.set(name, topic);
    return topic;
  }

  #add(topic: StoredTopic, { value, publisherId }: Append, now: number): Appended {
    topic.newest += 1;
    this.#commits += 1;
    topic.items.push({
      sequenceNumber: topic.newest,
      value: copy(value),
      publishedAt: now,
      publisherId,
      commit: this.#commits,
    });
    return { sequenceNumber: topic.newest, sequencePage: topic.page, duplicate: false };
  }
}

function requireRoom(cache: StoredCache, append: Append, settings: EngineSettings): void {
  const { topics, storedBytes } = effectiveSettings(settings.defaults, cache.overrides).limits;
  if (topics > 0 && cache.topics.size >= topics && !cache.topics.has(append.topic)) {
    throw limitExceeded("topics_limit_exceeded", "The cache has as many topics as allowed.");
  }
  if (storedBytes > 0 && bytesOf([...itemsOf(cache), append]) > storedBytes) {
    throw limitExceeded("stored_bytes_limit_exceeded", "The cache is full.");
  }
  if (append.idempotencyKey !== undefined && cache.keys.size >= settings.idempotencyKeysMax) {
    throw limitExceeded("idempotency_keys_limit_exceeded", "Too many keys are remembered.");
  }
}

function requireRoomForRecords(
  before: ReadonlyMap<string, StoredRecord>,
  after: ReadonlyMap<string, StoredRecord>,
  record: StoredRecord,
  { recordBytesMax, recordsMax, storedBytesMax }: EngineSettings["records"],
): void {
  if (Buffer.byteLength(record.data) > recordBytesMax) {
    throw limitExceeded("record_size_limit_exceeded", "The record would be too large.");
  }
  if (recordsMax > 0 && after.size > before.size && after.size > recordsMax) {
    throw limitExceeded("records_limit_exceeded", "There are as many records as allowed.");
  }
  const bytes = recordBytes(after);
  if (storedBytesMax > 0 && bytes > storedBytesMax && bytes > recordBytes(before)) {
    throw limitExceeded("stored_bytes_limit_exceeded", "The records are full.");
  }
}

function recordBytes(records: ReadonlyMap<string, StoredRecord>): number {
  return [...records].reduce(
    (bytes, [name, { data }]) => bytes + Buffer.byteLength(name) + Buffer.byteLength(data) + 64,
    0,
  );
}

function trim(cache: StoredCache, now: number, settings: EngineSettings): void {
  const { retention } = effectiveSettings(settings.defaults, cache.overrides);
  if (retention.topicItems > 0) {
    for (const topic of cache.topics.values())
      topic.items = topic.items.slice(-retention.topicItems);
  }
  if (retention.bytes === 0 && retention.seconds === 0) return;
  const bornBefore = retention.seconds === 0 ? 0 : now - retention.seconds * 1000;
  const kept = itemsOf(cache).sort((a, b) => a.commit - b.commit);
  let excess = retention.bytes === 0 ? 0 : bytesOf(kept) - retention.bytes;
  while (kept[0] !== undefined && (excess > 0 || kept[0].publishedAt < bornBefore)) {
    excess -= bytesOf(kept.splice(0, 1));
  }
  const oldest = kept[0]?.commit ?? Number.POSITIVE_INFINITY;
  for (const topic of cache.topics.values()) {
    topic.items = topic.items.filter(({ commit }) => commit >= oldest);
  }
}

function forgetKeys(cache: StoredCache, until: number): void {
  for (const [key, { at }] of cache.keys) if (at <= until) cache.keys.delete(key);
}

function pageOf(topic: StoredTopic, from: ReadFrom, bounds: PageBounds): readonly StoredItem[] {
  if (from === "newest") return topic.items.slice(-1);
  const first = from === "oldest" ? 1 : from;
  const wanted = topic.items.filter(({ sequenceNumber }) => sequenceNumber >= first);
  let bytes = 0;
  return wanted.slice(0, bounds.itemsMax).filter((item, index) => {
    bytes += sizeOf(item.value);
    return index === 0 || bytes <= bounds.bytesMax;
  });
}

function itemsOf(cache: StoredCache): StoredItem[] {
  return [...cache.topics.values()].flatMap(({ items }) => items);
}

function bytesOf(items: readonly { readonly value: Value }[]): number {
  return items.reduce((bytes, { value }) => bytes + sizeOf(value) + ITEM_OVERHEAD_BYTES, 0);
}

function sizeOf(value: Value): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
}

function isSame(a: Value, b: Value): boolean {
  return typeof a === typeof b && Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
}

function copy(value: Value): Value {
  return typeof value === "string" ? value : value.slice();
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
