// Counts anew, from the rows themselves, what the tables keep count of.

import { expect } from "bun:test";
import { ITEM_OVERHEAD_BYTES } from "../../../src/core/caches/cache.ts";
import { RECORD_OVERHEAD_BYTES } from "../../../src/engine/sqlite/record-writer.ts";
import type { SqliteStore } from "../../support/sqlite-store.ts";

const SIZE = `octet_length(i.value) + ${ITEM_OVERHEAD_BYTES}`;

/** What was deleted is not counted: it is out of reach, and only waits to be cleared. */
const CACHES = `
  SELECT c.name, c.topics, c.bytes, c.idempotency_keys AS keys,
    (SELECT count(*) FROM topics t WHERE t.cache_id = c.id) AS topicsFound,
    (SELECT coalesce(sum(${SIZE}), 0) FROM items i JOIN topics t ON t.id = i.topic_id
      WHERE t.cache_id = c.id) AS bytesFound,
    (SELECT count(*) FROM idempotency_keys k WHERE k.cache_id = c.id) AS keysFound
  FROM caches c`;

const TOPICS = `
  SELECT c.name || ' ' || t.name AS name, t.oldest, t.newest, t.bytes,
    count(i.id) AS items, min(i.number) AS first, max(i.number) AS last,
    coalesce(sum(${SIZE}), 0) AS bytesFound
  FROM topics t JOIN caches c ON c.id = t.cache_id LEFT JOIN items i ON i.topic_id = t.id
  GROUP BY t.id`;

const ALL_IN_ALL = `
  SELECT 'records' AS name, count(*) AS found FROM records UNION ALL
  SELECT 'record_bytes', coalesce(sum(
    octet_length(name) + octet_length(data) + ${RECORD_OVERHEAD_BYTES}), 0) FROM records UNION ALL
  SELECT 'users', count(*) FROM users`;

interface CacheCounts {
  name: string;
  topics: number;
  bytes: number;
  keys: number;
  topicsFound: number;
  bytesFound: number;
  keysFound: number;
}

interface TopicCounts {
  name: string;
  oldest: number;
  newest: number;
  bytes: number;
  items: number;
  first: number | null;
  last: number | null;
  bytesFound: number;
}

/** Every counter equals what it counts, and the items of every topic have no hole. */
export function expectCountersRight(store: SqliteStore): void {
  for (const row of store.rows<CacheCounts>(CACHES)) {
    const { name, topics, bytes, keys, topicsFound, bytesFound, keysFound } = row;
    expect({ name, topics, bytes, keys }).toEqual({
      name,
      topics: topicsFound,
      bytes: bytesFound,
      keys: keysFound,
    });
  }
  const counters = `SELECT c.name, c.value, f.found FROM (${ALL_IN_ALL}) f JOIN counters c USING (name)`;
  const counted = store.rows<{ name: string; value: number; found: number }>(counters);
  expect(counted.map(({ name, value }) => [name, value])).toEqual(
    counted.map(({ name, found }) => [name, found]),
  );
  expect(counted).toHaveLength(3);
  for (const { name, oldest, newest, bytes, ...found } of store.rows<TopicCounts>(TOPICS)) {
    expect({ name, bytes, items: newest - oldest + 1 }).toEqual({
      name,
      bytes: found.bytesFound,
      items: found.items,
    });
    if (found.items > 0) expect([found.first, found.last]).toEqual([oldest, newest]);
  }
}
