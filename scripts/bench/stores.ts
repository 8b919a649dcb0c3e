/** Data directories that hold a given number of messages: written without the server, opened by it. */
import type { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { cp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ITEM_OVERHEAD_BYTES } from "../../src/core/caches/cache.ts";
import { openWriter } from "../../src/engine/sqlite/open-database.ts";
import { CACHE, type DataDirectory, prepareData } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const MESSAGE = "hello world!";
const CACHED = "millrace-bench-store-";
const MIGRATIONS = join(import.meta.dir, "../../src/engine/sqlite/migrations");

export interface StoreSize {
  readonly topics: number;
  readonly itemsPerTopic: number;
}

/** They are `topic-0`, `topic-1` and so on; this is every `step`th of them. */
export function topicNames(topics: number, step = 1): readonly string[] {
  return Array.from({ length: Math.ceil(topics / step) }, (_, index) => `topic-${index * step}`);
}

export async function makeStore(bench: Workbench, size: StoreSize): Promise<DataDirectory> {
  const data = await prepareData(bench, await bench.directory());
  fill(data.path, size);
  return data;
}

/** A copy of a store that is kept between runs, because it takes long to make. */
export async function copyOfCachedStore(bench: Workbench, size: StoreSize): Promise<DataDirectory> {
  const cached = join(tmpdir(), `${CACHED}${size.topics}x${size.itemsPerTopic}-${await schema()}`);
  if (!existsSync(cached)) {
    await removeCachedStores();
    console.error(`bench: making ${cached}`);
    const { path } = await makeStore(bench, size);
    await rename(path, cached);
  }
  const path = await bench.directory();
  await cp(cached, path, { recursive: true });
  // What is left to write to disk now would be written while something is measured.
  Bun.spawnSync(["sync"]);
  return prepareData(bench, path);
}

/** Stores of another size or of another schema. */
async function removeCachedStores(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(CACHED)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Changes when what is in a store would. */
async function schema(): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    hasher.update(await Bun.file(join(MIGRATIONS, name)).text());
  }
  return hasher
    .update(await Bun.file(import.meta.path).text())
    .digest("hex")
    .slice(0, 12);
}

function fill(directory: string, { topics, itemsPerTopic }: StoreSize): void {
  using database = openWriter(directory, "normal", 0);
  database.run("PRAGMA synchronous = OFF");
  const cache = database
    .query<{ id: number }, [string]>("SELECT id FROM caches WHERE name = ?")
    .get(CACHE);
  if (cache === null) throw new Error("the cache was not made");
  addTopics(database, cache.id, topics, itemsPerTopic);
  addItems(database, cache.id, itemsPerTopic);
  database.run("UPDATE caches SET topics = ?, bytes = ? WHERE id = ?", [
    topics,
    topics * itemsPerTopic * (MESSAGE.length + ITEM_OVERHEAD_BYTES),
    cache.id,
  ]);
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

function addTopics(database: Database, cache: number, topics: number, items: number): void {
  const page = Math.floor(Date.now() / 1000);
  const insert = database.prepare(
    "INSERT INTO topics (cache_id, name, page, oldest, newest, bytes) VALUES (?, ?, ?, 1, ?, ?)",
  );
  const bytes = items * (MESSAGE.length + ITEM_OVERHEAD_BYTES);
  database.transaction(() => {
    topicNames(topics).forEach((name, index) => {
      insert.run(cache, name, page + index, items, bytes);
    });
    database.run("UPDATE counters SET value = ? WHERE name = 'last_page'", [page + topics]);
  })();
}

/** As if every topic got a message from time to time, each time in another order. */
function addItems(database: Database, cache: number, itemsPerTopic: number): void {
  const insert = database.prepare(
    `INSERT INTO items (cache_id, topic_id, number, published_at, publisher_id, value)
     SELECT ?1, id, ?2, ?3, NULL, ?4 FROM topics WHERE cache_id = ?1
     ORDER BY (id + ?2 * 7919) * 2654435761 % 4294967296`,
  );
  for (let number = 1; number <= itemsPerTopic; number += 1) {
    insert.run(cache, number, Date.now(), MESSAGE);
  }
}
