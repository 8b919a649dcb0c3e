// Reads what there is to export: caches with their topics and messages, and records.

import type { Database } from "bun:sqlite";
import type { CacheOverrides } from "../../core/caches/cache.ts";
import type { ImportLine } from "../../core/imports/import-store.ts";
import type { Value } from "../../core/topics/topic-log.ts";
import { FIRST_NAME } from "./importer.ts";
import { schemaOf } from "./migrations.ts";
import { openStore } from "./open-database.ts";

/** A name, or with a `*` at its end all that begin so. Undefined: none at all. */
export interface ExportSelection {
  readonly cache: string | undefined;
  /** Of these caches. */
  readonly topic: string;
  readonly record: string | undefined;
}

interface CacheRow {
  readonly id: number;
  readonly name: string;
  readonly created_at: number;
  readonly overrides: string;
}

interface ItemRow {
  readonly topic: string;
  readonly number: number;
  readonly published_at: number;
  readonly publisher_id: string | null;
  readonly value: Value;
}

interface TopicRow {
  readonly name: string;
  readonly page: number;
  readonly oldest: number;
  readonly newest: number;
}

const RECORDS_SINCE = 2;

/**
 * The lines of an export, of one moment: each cache, then its messages in the order of their commits,
 * then its topics; then the records, in bytewise order of names. A server that runs on the directory
 * goes on, while its log grows until the last line was taken. Throws `StoreError`.
 */
export function* exportLines(
  directory: string,
  selection: ExportSelection,
): Generator<ImportLine, void> {
  using database = openStore(directory);
  database.run("BEGIN");
  const schema = schemaOf(database);
  const caches = database.query<CacheRow, []>(
    "SELECT id, name, created_at, overrides FROM caches ORDER BY name",
  );
  for (const cache of schema === 0 ? [] : caches.iterate()) {
    if (selection.cache === undefined || !matches(selection.cache, cache.name)) continue;
    yield* linesOfCache(database, cache, selection.topic);
  }
  if (selection.record === undefined || schema < RECORDS_SINCE) return;
  const records = database.query<{ name: string; version: number; data: string }, []>(
    "SELECT name, version, data FROM records ORDER BY name",
  );
  for (const record of records.iterate()) {
    if (matches(selection.record, record.name)) yield { kind: "record", ...record };
  }
}

function* linesOfCache(
  database: Database,
  { id, name, created_at, overrides }: CacheRow,
  topicPattern: string,
): Generator<ImportLine, void> {
  yield {
    kind: "cache",
    name,
    createdAt: created_at,
    overrides: JSON.parse(overrides) as CacheOverrides,
  };
  const [pattern, isPrefix] = partsOf(topicPattern);
  const isSelected = `t.cache_id = ?1 AND t.name >= '${FIRST_NAME}'
    AND iif(?3, substr(t.name, 1, length(?2)) = ?2, t.name = ?2)`;
  const items = database.query<ItemRow, [number, string, boolean]>(
    `SELECT t.name AS topic, i.number, i.published_at, i.publisher_id, i.value
      FROM items i JOIN topics t ON t.id = i.topic_id
      WHERE i.cache_id = ?1 AND ${isSelected} ORDER BY i.id`,
  );
  for (const item of items.iterate(id, pattern, isPrefix)) {
    yield {
      kind: "item",
      cache: name,
      topic: item.topic,
      sequenceNumber: item.number,
      publishedAt: item.published_at,
      publisherId: item.publisher_id ?? undefined,
      value: item.value,
    };
  }
  const topics = database.query<TopicRow, [number, string, boolean]>(
    `SELECT t.name, t.page, t.oldest, t.newest FROM topics t WHERE ${isSelected} ORDER BY t.name`,
  );
  for (const { name: topic, page, oldest, newest } of topics.iterate(id, pattern, isPrefix)) {
    yield { kind: "topic", cache: name, topic, sequencePage: page, oldest, newest };
  }
}

function matches(pattern: string, name: string): boolean {
  const [beginning, isPrefix] = partsOf(pattern);
  return isPrefix ? name.startsWith(beginning) : name === beginning;
}

function partsOf(pattern: string): [text: string, isPrefix: boolean] {
  return pattern.endsWith("*") ? [pattern.slice(0, -1), true] : [pattern, false];
}
