// Whoever copies the log into the database, what was stored stays stored.

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { append, numbers, openWithCache, read, upTo } from "../store-calls.ts";

const MEBIBYTE = 1_048_576;
/** More than the log takes before this server copies it. */
const LONG = 20;

export function checkpointRules(): void {
  describe("checkpoints", () => {
    test("are made by the server, unless they are left to another program", async () => {
      await using own = await filled("server");
      expect(own.fileBytes).toBeGreaterThan(10 * MEBIBYTE);
      await using left = await filled("external");
      expect(left.fileBytes).toBeLessThan(MEBIBYTE);
      expect(logOf(left).size).toBeGreaterThan(LONG * MEBIBYTE);
      expect(numbers(await read(left, "t"))).toEqual(upTo(LONG));
    });

    test("that another program makes between the writes lose nothing, and nothing waits for them", async () => {
      await using store = await filled("external");
      using other = new Database(join(store.directory, "millrace.db"));
      other.run("PRAGMA busy_timeout = 10000");
      for (const round of upTo(5)) {
        // As a replicator does: it keeps the log from being begun anew until it has read it.
        other.run("BEGIN");
        other.query("SELECT count(*) FROM items").get();
        expect((await append(store, "t", "x")).sequenceNumber).toBe(LONG + 2 * round - 1);
        other.run("COMMIT");
        const kind = round % 2 === 0 ? "TRUNCATE" : "RESTART";
        expect(other.query(`PRAGMA wal_checkpoint(${kind})`).get()).toMatchObject({ busy: 0 });
        expect((await append(store, "t", "x")).sequenceNumber).toBe(LONG + 2 * round);
      }
      expect(store.fileBytes).toBeGreaterThan(LONG * MEBIBYTE);
      expect(logOf(store).size).toBeLessThan(MEBIBYTE);
      expect(numbers(await read(store, "t"))).toEqual(upTo(LONG + 10));
      expect(store.problems()).toEqual([]);
    });
  });
}

async function filled(checkpoint: "server" | "external"): Promise<SqliteStore> {
  const open = () => SqliteStore.open({ checkpoint });
  const store = (await openWithCache(open)) as SqliteStore;
  for (const _ of upTo(LONG)) await append(store, "t", "x".repeat(MEBIBYTE));
  return store;
}

function logOf({ directory }: SqliteStore): { size: number } {
  return Bun.file(join(directory, "millrace.db-wal"));
}
