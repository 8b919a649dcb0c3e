// A store of every schema there ever was is brought up to date, and a copy of it as it was is kept.

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { SCHEMA_VERSION } from "../../../src/engine/sqlite/migrations.ts";
import { findProblems } from "../../../src/engine/sqlite/soundness.ts";
import { StoreError } from "../../../src/engine/sqlite/store-error.ts";
import { prepareUpgrade } from "../../../src/engine/sqlite/upgrade.ts";
import { temporaryDirectory } from "../../cli/millrace.ts";
import { refusal } from "../../support/refusal.ts";
import { editDatabase, SqliteStore } from "../../support/sqlite-store.ts";
import { until } from "../../support/until.ts";
import { setRecord } from "../record-commands.ts";
import { append, CACHE, numbers, read, upTo } from "../store-calls.ts";

/** What is not in the list of a schema, its stores do not have. */
const RECORDS_SINCE = 2;
const USERS_SINCE = 3;

export function upgradeRules(): void {
  describe("upgrades", () => {
    describe.each(upTo(SCHEMA_VERSION))("of a store of schema %d", (schema) => {
      test("keep all that it has, and what it had not is there", async () => {
        using directory = temporaryDirectory();
        await makeStore(directory.path, schema);
        await using store = await SqliteStore.openOn(directory.path, {});
        await using fresh = await SqliteStore.open();
        const tables = "SELECT sql FROM sqlite_schema ORDER BY name";
        expect(store.rows(tables)).toEqual(fresh.rows(tables));
        expect(store.count("PRAGMA user_version")).toBe(SCHEMA_VERSION);
        expect(store.problems()).toEqual([]);
        await expectTopics(store);
        await expectRecords(store, schema >= RECORDS_SINCE);
        await expectUsers(store, schema >= USERS_SINCE);
        await until("what was left over is cleared away", () => {
          return store.count("SELECT count(*) FROM leftovers") === 0;
        });
        expect(store.problems()).toEqual([]);
      });

      const isOld = schema < SCHEMA_VERSION;
      test(`${isOld ? "leave a copy" : "are not needed, nor is a copy"}`, async () => {
        using directory = temporaryDirectory();
        await makeStore(directory.path, schema);
        const name = `millrace.db.before-${String(schema + 1).padStart(4, "0")}`;
        await using _store = await SqliteStore.openOn(directory.path, {});
        expect(copiesIn(directory.path)).toEqual(isOld ? [name] : []);
        if (!isOld) return;
        const path = join(directory.path, name);
        expect(statSync(path).mode & 0o777).toBe(0o600);
        using copy = new Database(path, { readonly: true });
        expect(copy.query("PRAGMA user_version").get()).toEqual({ user_version: schema });
        expect(findProblems(copy)).toEqual([]);
        expect(copy.query("SELECT count(*) AS items FROM items").get()).toEqual({ items: 3 });
      });
    });

    test("leave no copy where none is wanted", async () => {
      using directory = temporaryDirectory();
      await makeStore(directory.path, 1);
      await using store = await SqliteStore.openOn(directory.path, { upgradeCopy: false });
      expect(store.problems()).toEqual([]);
      expect(copiesIn(directory.path)).toEqual([]);
    });

    test("take the place of the copy that one which was interrupted has left", async () => {
      using directory = temporaryDirectory();
      await makeStore(directory.path, 1);
      const made = prepareUpgrade(directory.path, true);
      expect(made).toMatchObject({ from: 1, to: SCHEMA_VERSION });
      expect(prepareUpgrade(directory.path, true)).toEqual(made);
      expect(copiesIn(directory.path)).toEqual(["millrace.db.before-0002"]);
    });

    test("that cannot be copied are not begun", async () => {
      using directory = temporaryDirectory();
      await makeStore(directory.path, 1);
      // Nothing can be renamed to what is a directory.
      await Bun.write(join(directory.path, "millrace.db.before-0002", "file"), "");
      const error = await SqliteStore.openOn(directory.path, {}).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(StoreError);
      expect(String(error)).toContain("could not be copied before it is brought up to date: ");
      using database = new Database(join(directory.path, "millrace.db"));
      expect(database.query("PRAGMA user_version").get()).toEqual({ user_version: 1 });
      expect(readdirSync(directory.path).join()).not.toContain(".partial");
    });

    test("work in a store that is as large as it may be", async () => {
      using directory = temporaryDirectory();
      await makeStore(directory.path, 1);
      await using store = await SqliteStore.openOn(directory.path, { bytesMax: 4096 });
      expect(numbers(await read(store, "t"))).toEqual([6, 7]);
      const long = JSON.stringify(["x".repeat(100_000)]);
      const error = await refusal(() => store.recordStore.apply(setRecord("new", long)));
      expect(error.code).toBe("storage_full");
    });
  });
}

/**
 * From the dump of a store of that time: caches, a topic with messages, one trimmed to its end and one
 * deleted, records and users. After a new migration, `sqlite3 millrace.db .dump` of a store that has
 * it makes the next.
 */
async function makeStore(directory: string, schema: number): Promise<void> {
  const name = `${String(schema).padStart(4, "0")}.sql`;
  const dump = await Bun.file(join(import.meta.dir, "schemas", name)).text();
  editDatabase(directory, (database) => database.run(dump));
}

async function expectTopics(store: SqliteStore): Promise<void> {
  const seen = await read(store, "t");
  expect(seen).toMatchObject({ sequencePage: 1_700_000_000, newest: 7 });
  expect(seen.items).toEqual([
    { sequenceNumber: 6, value: "six", publishedAt: 1_700_000_000_000, publisherId: "me" },
    {
      sequenceNumber: 7,
      value: Uint8Array.of(7),
      publishedAt: 1_700_000_000_000,
      publisherId: undefined,
    },
  ]);
  expect(await read(store, "trimmed")).toMatchObject({ sequencePage: 1_700_000_001, newest: 4 });
  expect(store.cacheStore.list()).toMatchObject([
    { name: CACHE, createdAt: 1_699_999_999_000, settings: { retention: { topicItems: 9 } } },
  ]);
  expect(store.revocations.revokedUntil("gone")).toBe(1_700_000_001_000);
  expect(await append(store, "t", "six", { idempotencyKey: "k" })).toMatchObject({
    ...{ sequenceNumber: 6, duplicate: true },
  });
  expect((await append(store, "t", "eight")).sequenceNumber).toBe(8);
  expect((await append(store, "trimmed", "five")).sequenceNumber).toBe(5);
  expect((await append(store, "u", "x")).sequencePage).toBeGreaterThan(1_700_000_001);
}

async function expectRecords(store: SqliteStore, hasSome: boolean): Promise<void> {
  const { recordStore } = store;
  expect(await recordStore.read("r")).toEqual(
    hasSome ? { version: 5, data: '{"a":1}' } : undefined,
  );
  expect(await recordStore.head("empty")).toBe(hasSome ? 0 : undefined);
  const next = await recordStore.apply(setRecord("r", "[]"));
  expect(next).toEqual({ kind: "written", version: hasSome ? 6 : 1 });
}

async function expectUsers(store: SqliteStore, hasSome: boolean): Promise<void> {
  const found = await store.userStore.find("a@example.com");
  if (!hasSome) expect(found).toBeUndefined();
  else expect(found).toMatchObject({ id: "id-of-a", clientData: { name: "A" } });
}

function copiesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.includes(".before-"));
}
