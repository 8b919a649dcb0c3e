// Retention on SQLite: in small steps beside the writes, for every cache, and the space comes back.

import { describe, expect, test } from "bun:test";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { until } from "../../support/until.ts";
import { removeRecord, setRecord } from "../record-commands.ts";
import {
  append,
  appendMany,
  CACHE,
  keeping,
  numbers,
  openWithCache,
  put,
  read,
  span,
  upTo,
} from "../store-calls.ts";
import { openBench, WINDOW_MS } from "./bench.ts";
import { expectSound } from "./soundness.ts";

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

export function retentionRules(): void {
  describe("retention in the background", () => {
    test("items older than the cache keeps them go, and younger ones stay", async () => {
      const store = await openStore();
      for (const count of [450, 50]) {
        for (const topic of ["a", "b"]) await appendMany(store, topic, count);
      }
      await using aged = await store.reopen(keeping({ seconds: 3600 }), (database) => {
        database.run("UPDATE items SET published_at = published_at - ? WHERE id <= 900", [DAY_MS]);
      });
      await until("the old items are gone", async () => (await read(aged, "b")).items.length <= 50);
      await until(
        "also of the other topic",
        async () => (await read(aged, "a")).items.length <= 50,
      );
      for (const topic of ["a", "b"]) {
        const seen = await read(aged, topic);
        expect(numbers(seen)).toEqual(span(451, 500));
        expect(seen.newest).toBe(500);
      }
      expectSound(aged);
    });

    test("what is retained has no hole while a cache is trimmed and written to at once", async () => {
      await using store = await openStore(keeping({ bytes: 20_000 }));
      const writing = Promise.all(["a", "b"].map((topic) => appendMany(store, topic, 1500)));
      let isDone = false;
      void writing.then(() => {
        isDone = true;
      });
      while (!isDone) {
        for (const topic of ["a", "b"]) {
          const seen = await read(store, topic);
          const oldest = seen.items[0]?.sequenceNumber ?? seen.newest + 1;
          expect(numbers(seen)).toEqual(span(oldest, seen.newest));
        }
        expectSound(store);
        await new Promise(setImmediate);
      }
      await writing;
      await until("the cache is down to its bound", async () => {
        const usage = await store.cacheStore.usage(CACHE);
        return usage !== undefined && usage.bytes <= 20_000;
      });
      expectSound(store);
    });

    test("a bound on items that came with the server's settings takes hold of what was there before", async () => {
      const store = await openStore();
      await appendMany(store, "t", 900);
      await using again = await store.reopen(keeping({ topicItems: 3 }));
      await until(
        "the topic is down to 3",
        async () => (await read(again, "t")).items.length === 3,
      );
      expect(numbers(await read(again, "t"))).toEqual([898, 899, 900]);
      expectSound(again);
    });

    test("rows of deleted topics and caches are cleared away", async () => {
      await using store = await openStore();
      await put(store, {}, "other");
      for (const topic of ["a", "b"]) await appendMany(store, topic, 400);
      await store.topicLog.delete({ cache: CACHE, topic: "a" });
      await store.cacheStore.delete(CACHE);
      const left = (table: string) => store.count(`SELECT count(*) FROM ${table}`);
      await until("nothing is left over", () => left("leftovers") === 0);
      expect([left("items"), left("topics"), left("caches")]).toEqual([0, 0, 1]);
    });

    test("what was left over when the server stopped is cleared away after it started", async () => {
      const store = await openStore();
      await appendMany(store, "t", 1000);
      await store.cacheStore.delete(CACHE);
      await using again = await store.reopen();
      const left = () =>
        again.count("SELECT (SELECT count(*) FROM items) + count(*) FROM leftovers");
      await until("nothing is left over", () => left() === 0);
    });

    test("the file shrinks when much of it is free", async () => {
      await using store = await openStore();
      for (const _ of upTo(60)) await append(store, "t", new Uint8Array(100_000));
      await until("the log is copied into the file", async () => {
        await append(store, "t", new Uint8Array(100_000));
        return store.fileBytes > 5_000_000;
      });
      const before = store.fileBytes;
      await store.topicLog.delete({ cache: CACHE, topic: "t" });
      await until("the file is smaller by half", () => store.fileBytes < before / 2);
    });
  });

  describe("records", () => {
    test("the file shrinks when long records are deleted, and nothing else of them goes", async () => {
      await using store = await openStore(keeping({ seconds: 1, bytes: 1, topicItems: 1 }));
      const { recordStore } = store;
      const long = JSON.stringify(["x".repeat(100_000)]);
      await recordStore.apply(setRecord("kept", long));
      let written = 0;
      await until("the log is copied into the file", async () => {
        written += 1;
        await recordStore.apply(setRecord(`r${written}`, long));
        return store.fileBytes > 5_000_000;
      });
      const before = store.fileBytes;
      await Promise.all(upTo(written).map((index) => recordStore.apply(removeRecord(`r${index}`))));
      expect(store.count("SELECT count(*) FROM leftovers")).toBe(0);
      await until("the file is smaller by half", () => store.fileBytes < before / 2);
      expect(await recordStore.list("", "", 10)).toEqual([
        { name: "kept", version: 1, bytes: long.length },
      ]);
      expect(await recordStore.read("kept")).toEqual({ version: 1, data: long });
      expectSound(store);
    });
  });

  describe("items stamped by a clock that was a year ahead", () => {
    /** Items of that clock, after which it was set right again, and then old and young ones. */
    async function openCorrected({ ahead = 0, old = 0, young = 0 }) {
      const bench = await openBench();
      const append = (laterMs: number, count: number) => {
        bench.laterMs = laterMs;
        // The other cache's share the order of commit, and are kept for ever.
        for (const cache of ["d", "c", "d"]) bench.append(cache, "t", "x", count);
      };
      append(YEAR_MS, ahead);
      append(-DAY_MS, old);
      append(0, young);
      bench.retain("c", { seconds: 3600 });
      bench.finish();
      const left = (name: string) =>
        bench.database
          .query<{ number: number }, [string]>(
            "SELECT number FROM items WHERE cache_id = (SELECT id FROM caches WHERE name = ?) ORDER BY id",
          )
          .all(name)
          .map(({ number }) => number);
      return { bench, left };
    }

    test("go with the first item after them that is too old, however many they are", async () => {
      const { bench, left } = await openCorrected({ ahead: 3000, old: 2, young: 5 });
      await using _ = bench;
      expect(left("c")).toEqual(span(3003, 3007));
      expect(left("d")).toHaveLength(2 * 3007);
      expect(bench.value("SELECT oldest FROM topics WHERE cache_id = 1")).toBe(3003);
    });

    test("go when that clock was wrong more than once", async () => {
      await using bench = await openBench();
      for (const laterMs of [-2 * DAY_MS, YEAR_MS, -DAY_MS, YEAR_MS, 2 * YEAR_MS, -DAY_MS, 0]) {
        bench.laterMs = laterMs;
        bench.append("c", "t", "x", 7);
      }
      bench.retain("c", { seconds: 3600 });
      bench.finish();
      expect(bench.value("SELECT oldest FROM topics")).toBe(43);
    });

    test("stay while the items after them are young", async () => {
      const { bench, left } = await openCorrected({ ahead: 300, young: 5 });
      await using _ = bench;
      expect(left("c")).toEqual(upTo(305));
    });

    test("stay while there is nothing after them", async () => {
      const { bench, left } = await openCorrected({ ahead: 300 });
      await using _ = bench;
      expect(left("c")).toEqual(upTo(300));
    });

    test("are not taken for such because the clock goes behind for a while", async () => {
      await using bench = await openBench();
      for (const laterMs of [0, -YEAR_MS, 0]) {
        bench.laterMs = laterMs;
        bench.append("c", "t", "x", 3);
      }
      bench.retain("c", { seconds: 3600 });
      bench.finish();
      expect(bench.value("SELECT count(*) FROM items")).toBe(9);
    });
  });

  describe("a step of retention", () => {
    test("the file ends as small as its pages, also when free pages remain", async () => {
      await using bench = await openBench();
      const value = new Uint8Array(100_000);
      // Large enough that the share of free pages stops it, and not their number.
      bench.append("c", "kept", value, 300);
      bench.append("c", "gone", value, 150);
      bench.writer.apply([{ kind: "delete-topic", cache: "c", topic: "gone" }]);
      bench.finish();
      const pages = bench.value("PRAGMA page_count");
      expect(bench.fileBytes).toBe(pages * bench.value("PRAGMA page_size"));
    });

    test("takes a part of the work, so that no write waits for long", async () => {
      await using bench = await openBench();
      bench.append("c", "t", "x", 20_000);
      bench.retain("c", { bytes: 1 });
      bench.retention.step();
      const left = bench.value("SELECT count(*) FROM items");
      expect(left).toBeWithin(10_000, 20_000);
      bench.finish();
      expect(bench.value("SELECT count(*) FROM items")).toBe(0);
    });

    test("keeps up with a load of full groups, one step a group", async () => {
      await using bench = await openBench();
      const [group, rounds] = [1000, 20];
      bench.retain("c", { bytes: 1 });
      for (const _ of upTo(rounds)) {
        bench.append("c", "t", "x", group);
        bench.retention.step();
      }
      expect(bench.value("SELECT count(*) FROM items")).toBeLessThan((group * rounds) / 4);
    });

    test("keeps up with a load of large values, one step a group", async () => {
      await using bench = await openBench();
      const [group, rounds, value] = [40, 8, new Uint8Array(100_000)];
      bench.retain("c", { bytes: 1 });
      for (const _ of upTo(rounds)) {
        bench.append("c", "t", value, group);
        bench.retention.step();
      }
      expect(bench.value("SELECT count(*) FROM items")).toBeLessThan((group * rounds) / 2);
    });

    test("a cache that is always over its bytes does not keep another from being trimmed", async () => {
      await using bench = await openBench();
      bench.append("c", "t", "x", 10);
      bench.append("d", "t", "x", 10);
      for (const cache of ["c", "d"]) bench.retain(cache, { bytes: 1 });
      bench.stepWhileWriting("c", 50);
      expect(bench.value("SELECT bytes FROM caches WHERE name = 'd'")).toBe(0);
    });

    test("a cache that is always over its bytes does not keep old idempotency keys remembered", async () => {
      await using bench = await openBench();
      bench.append("c", "t", "x", 1, "old");
      bench.database.run("UPDATE idempotency_keys SET created_at = created_at - ?", [
        WINDOW_MS + 1,
      ]);
      bench.retain("c", { bytes: 1 });
      bench.stepWhileWriting("c", 50);
      expect(bench.value("SELECT count(*) FROM idempotency_keys")).toBe(0);
    });

    test("a cache that is always over its bytes does not keep another from being swept for its items", async () => {
      await using bench = await openBench();
      bench.append("c", "t", "x", 10);
      bench.append("d", "t", "x", 10);
      bench.retain("c", { bytes: 1 });
      bench.retain("d", { topicItems: 2 });
      bench.stepWhileWriting("c", 50);
      expect(bench.value("SELECT count(*) FROM items WHERE cache_id = 2")).toBe(2);
    });

    test("a cache that is always over its bytes does not keep space from being given back", async () => {
      await using bench = await openBench();
      bench.append("c", "t", "x", 10);
      bench.append("d", "t", new Uint8Array(100_000), 40);
      bench.retain("c", { bytes: 1 });
      bench.writer.apply([{ kind: "delete-cache", name: "d" }]);
      bench.stepWhileWriting("c", 200);
      expect(bench.value("PRAGMA freelist_count")).toBeLessThan(500);
    });
  });
}

async function openStore(settings: Parameters<typeof SqliteStore.open>[0] = {}) {
  return (await openWithCache(() => SqliteStore.open(settings))) as SqliteStore;
}
