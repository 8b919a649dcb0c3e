// Opening a data directory: what is ours is brought up to date, what is not is refused and left alone.

import type { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreError } from "../../../src/engine/sqlite/store-error.ts";
import { editDatabase, SqliteStore } from "../../support/sqlite-store.ts";
import { append, numbers, openWithCache, read, upTo } from "../store-calls.ts";

export function openingRules(): void {
  describe("opening", () => {
    test("a database of schema 0 is migrated", async () => {
      await using directory = await makeDirectory();
      editDatabase(directory.path, (database) => database.run("PRAGMA journal_mode = WAL"));
      await using store = await SqliteStore.openOn(directory.path, {});
      await using fresh = await SqliteStore.open();
      const schema = "SELECT sql FROM sqlite_schema ORDER BY name";
      expect(store.rows(schema)).toEqual(fresh.rows(schema));
      expect(store.count("PRAGMA user_version")).toBe(fresh.count("PRAGMA user_version"));
      await openWithCache(async () => store);
      expect((await append(store, "t", "x")).sequenceNumber).toBe(1);
    });

    test("a database of this schema is opened as it is", async () => {
      const store = (await openWithCache(() => SqliteStore.open())) as SqliteStore;
      await append(store, "t", "x");
      const schema = store.rows("SELECT sql FROM sqlite_schema ORDER BY name");
      await using again = await store.reopen();
      expect(again.rows("SELECT sql FROM sqlite_schema ORDER BY name")).toEqual(schema);
      expect(numbers(await read(again, "t"))).toEqual([1]);
    });

    test("a new database gives space back and keeps a write-ahead log", async () => {
      await using store = await SqliteStore.open();
      expect(store.count("PRAGMA auto_vacuum")).toBe(2);
      expect(store.rows("PRAGMA journal_mode")).toEqual([{ journal_mode: "wal" }]);
    });

    test("a newer version's database is refused with both versions, and left as it is", async () => {
      const store = await SqliteStore.open();
      const known = store.count("PRAGMA user_version");
      const refused = store.reopen({}, (database) => database.run("PRAGMA user_version = 70"));
      expect((await storeError(() => refused)).message).toMatch(
        new RegExp(`newer Millrace.*schema 70.*\\b${known}\\b`),
      );
      await using again = await store.reopen({}, (database) => {
        expect(database.query("PRAGMA user_version").get()).toEqual({ user_version: 70 });
        database.run(`PRAGMA user_version = ${known}`);
      });
      expect(again.cacheStore.list()).toEqual([]);
    });

    const foreign: [string, (database: Database) => void][] = [
      ["of another program", (database) => database.run("CREATE TABLE notes (text)")],
      [
        "of another program that marks its files",
        (database) => {
          database.run("CREATE TABLE notes (text)");
          database.run("PRAGMA application_id = 1");
          database.run("PRAGMA user_version = 1");
        },
      ],
    ];
    test.each(foreign)("a database %s is refused", async (_, make) => {
      await using directory = await makeDirectory();
      editDatabase(directory.path, make);
      const error = await storeError(() => SqliteStore.openOn(directory.path, {}));
      expect(error.message).toContain("not a Millrace database");
    });

    test("a database of another program is not changed by a byte", async () => {
      await using directory = await makeDirectory();
      editDatabase(directory.path, (database) => database.run("CREATE TABLE notes (text)"));
      const file = join(directory.path, "millrace.db");
      const before = await Bun.file(file).bytes();
      await storeError(() => SqliteStore.openOn(directory.path, {}));
      expect(Buffer.compare(await Bun.file(file).bytes(), before)).toBe(0);
    });

    const damaged: [string, Uint8Array | string][] = [
      [
        "text",
        "this is no database, but it is long enough to be taken for the header of one".repeat(20),
      ],
      ["random bytes", crypto.getRandomValues(new Uint8Array(20_000))],
    ];
    test.each(damaged)("a file of %s is refused", async (_, content) => {
      await using directory = await makeDirectory();
      await Bun.write(join(directory.path, "millrace.db"), content);
      await storeError(() => SqliteStore.openOn(directory.path, {}));
    });

    test("a directory that does not exist is refused", async () => {
      await using directory = await makeDirectory();
      await storeError(() => SqliteStore.openOn(join(directory.path, "none"), {}));
    });

    test("the database and what SQLite puts beside it are their owner's only", async () => {
      await using store = await SqliteStore.open();
      await openWithCache(async () => store);
      for (const name of ["millrace.db", "millrace.db-wal", "millrace.db-shm"]) {
        const { mode } = await Bun.file(join(store.directory, name)).stat();
        expect([name, (mode & 0o777).toString(8)]).toEqual([name, "600"]);
      }
    });

    test("what was committed is there after a crash that closed nothing", async () => {
      await using store = (await openWithCache(() => SqliteStore.open())) as SqliteStore;
      for (const _ of upTo(3)) await append(store, "t", "x");
      await using copy = await makeDirectory();
      // The files as they stand are what a kill would leave.
      for (const name of ["millrace.db", "millrace.db-wal"]) {
        await Bun.write(join(copy.path, name), Bun.file(join(store.directory, name)));
      }
      await using restored = await SqliteStore.openOn(copy.path, {});
      expect(numbers(await read(restored, "t"))).toEqual([1, 2, 3]);
      expect((await append(restored, "t", "x")).sequenceNumber).toBe(4);
    });
  });
}

interface Directory extends AsyncDisposable {
  readonly path: string;
}

async function makeDirectory(): Promise<Directory> {
  const path = await mkdtemp(join(tmpdir(), "millrace-opening-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function storeError(open: () => Promise<unknown>): Promise<StoreError> {
  const cause = await open().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(cause).toBeInstanceOf(StoreError);
  return cause as StoreError;
}
