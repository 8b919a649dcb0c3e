/** Data directories that hold a given number of messages: written by the engine, without a server. */
import { existsSync } from "node:fs";
import { cp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import type { Command } from "../../src/engine/sqlite/commands.ts";
import { openWriter } from "../../src/engine/sqlite/open-database.ts";
import { Writer } from "../../src/engine/sqlite/writer.ts";
import { writerOptions } from "../../src/server/options.ts";
import { CACHE, type DataDirectory, prepareData } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const MESSAGE = "hello world!";
const CACHED = "millrace-bench-store-";
const FILL_GROUP = 20_000;
const FILL_CACHE_KIB = 1_000_000;
/** A prime: in each turn the topics come as if shuffled, so that neighbours in one tree are none in the other. */
const STRIDE = 61_813;
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

/** Through the engine's own writer, in transactions that are larger than those of a server. */
function fill(directory: string, { topics, itemsPerTopic }: StoreSize): void {
  using database = openWriter(directory, "normal", 0);
  database.run("PRAGMA synchronous = OFF");
  database.run(`PRAGMA cache_size = -${FILL_CACHE_KIB}`);
  const loaded = loadSettings({ environment: {}, flags: {} });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  const writer = new Writer(database, writerOptions(loaded.settings), Date.now);
  const names = topicNames(topics);
  for (let turn = 0; turn < itemsPerTopic; turn += 1) {
    const inTurn = names.map((_, index) => names[(index * STRIDE + turn) % topics] ?? "");
    for (let first = 0; first < topics; first += FILL_GROUP) {
      writer.apply(inTurn.slice(first, first + FILL_GROUP).map(messageTo));
    }
  }
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

function messageTo(topic: string): Command {
  const none = { publisherId: undefined, idempotencyKey: undefined };
  return { kind: "append", cache: CACHE, topic, value: MESSAGE, ...none };
}
