// Imports on SQLite: a topic is there as a whole or not at all, whoever writes meanwhile and whatever ends.

import { describe, expect, test } from "bun:test";
import { type CacheOverrides, NO_OVERRIDES } from "../../../src/core/caches/cache.ts";
import type { ImportLine } from "../../../src/core/imports/import-store.ts";
import type { Value } from "../../../src/core/topics/topic-log.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { until } from "../../support/until.ts";
import { append, CACHE, numbers, openWithCache, put, read, span, values } from "../store-calls.ts";

const DONE = { kind: "done" } as const;
const EXISTS = { kind: "exists" } as const;
const PAGE = 1_700_000_000;

export function importRules(): void {
  describe("imports", () => {
    test("keep numbers, page, times, publishers and values, text or bytes", async () => {
      await using store = await openStore();
      const lines = [item("t", 6, "six"), item("t", 7, Uint8Array.of(7)), topic("t", 6, 7)];
      expect(await store.importStore.importLines("i", lines)).toEqual([DONE, DONE, DONE]);
      const seen = await read(store, "t");
      expect(seen).toMatchObject({ sequencePage: PAGE, newest: 7 });
      expect(seen.items).toEqual([
        { sequenceNumber: 6, value: "six", publishedAt: 1006, publisherId: "me" },
        { sequenceNumber: 7, value: Uint8Array.of(7), publishedAt: 1007, publisherId: "me" },
      ]);
      expect((await append(store, "t", "x")).sequenceNumber).toBe(8);
      expect(store.problems()).toEqual([]);
    });

    test("of a page that is ahead leave every later page greater", async () => {
      await using store = await openStore();
      const ahead = 2_000_000_000;
      await store.importStore.importLines("i", [{ ...topic("t", 3, 2), sequencePage: ahead }]);
      expect((await append(store, "t", "x")).sequenceNumber).toBe(3);
      expect((await append(store, "new", "x")).sequencePage).toBe(ahead + 1);
      expect(store.problems()).toEqual([]);
    });

    test("show nothing of a topic until it is complete, and go on beside each other", async () => {
      await using store = await openStore();
      const { importStore } = store;
      await importStore.importLines("one", [item("t", 1), item("u", 1)]);
      await importStore.importLines("two", [item("t", 1, "other"), item("t", 2, "other")]);
      expect(await read(store, "t")).toMatchObject({ sequencePage: 0, items: [] });
      expect(await store.topicLog.list(CACHE, "", 10)).toEqual([]);
      expect(store.problems()).toEqual([]);
      expect(await importStore.importLines("one", [topic("t", 1, 1)])).toEqual([DONE]);
      expect(await importStore.importLines("two", [topic("t", 1, 2)])).toEqual([EXISTS]);
      expect(values(await read(store, "t"))).toEqual(["x"]);
      for (const id of ["one", "two"]) await importStore.endImport(id);
      expect(store.count("SELECT count(*) FROM topics")).toBe(1);
      expect(store.problems()).toEqual([]);
    });

    test("give way to who publishes to the topic meanwhile", async () => {
      await using store = await openStore();
      const { importStore } = store;
      await importStore.importLines("i", [item("t", 1)]);
      await append(store, "t", "published");
      expect(await importStore.importLines("i", [item("t", 2), topic("t", 1, 2)])).toEqual([
        EXISTS,
        EXISTS,
      ]);
      await importStore.endImport("i");
      expect(values(await read(store, "t"))).toEqual(["published"]);
      expect(store.problems()).toEqual([]);
    });

    test("that were never ended are gone when the store is opened again", async () => {
      await using store = await openStore();
      await store.importStore.importLines("i", [item("t", 1), item("u", 1)]);
      await using again = await store.reopen();
      expect(again.count("SELECT count(*) FROM topics")).toBe(0);
      await until("the items are cleared away", () => {
        return again.count("SELECT count(*) FROM items") === 0;
      });
      expect(again.problems()).toEqual([]);
      expect(again.cacheStore.get(CACHE)).toBeDefined();
    });

    test("are trimmed as the cache says when they are complete", async () => {
      await using store = await openStore();
      await put(store, { retention: { topicItems: 3 } });
      const lines = [...span(1, 300).map((number) => item("t", number)), topic("t", 1, 300)];
      await store.importStore.importLines("i", lines);
      await until("the topic has its three newest messages", async () => {
        return numbers(await read(store, "t")).join() === "298,299,300";
      });
      expect(store.problems()).toEqual([]);
    });

    test("know what came also where retention has taken it meanwhile", async () => {
      await using store = await openStore();
      await put(store, { retention: { seconds: 5 } });
      const { importStore } = store;
      await importStore.importLines("i", [item("t", 1), item("t", 2), item("u", 2)]);
      await until("the messages are taken", () => store.count("SELECT count(*) FROM items") === 0);
      const [whole, wanting] = await importStore.importLines("i", [
        topic("t", 1, 2),
        topic("u", 1, 2),
      ]);
      expect(whole).toEqual(DONE);
      expect(wanting).toMatchObject({ kind: "refused" });
      expect((await append(store, "t", "x")).sequenceNumber).toBe(3);
      expect(store.problems()).toEqual([]);
    });

    const wrong: [string, ImportLine[], RegExp][] = [
      [
        "a gap",
        [item("t", 1), item("t", 3), topic("t", 1, 3)],
        /from 1 to 3, of which 1 to 1 came/,
      ],
      [
        "messages in another order",
        [item("t", 2), item("t", 1), topic("t", 1, 2)],
        /from 1 to 2, of which 2 to 2 came/,
      ],
      ["its first message missing", [item("t", 2), topic("t", 1, 2)], /of which 2 to 2 came/],
      ["messages too few", [item("t", 1), topic("t", 1, 2)], /from 1 to 2, of which 1 to 1 came/],
      ["messages from before", [item("t", 1), topic("t", 2, 1)], /of which 1 to 1 came/],
      ["no messages", [topic("t", 1, 2)], /^Its messages are missing\.$/],
      ["no cache", [{ ...topic("t", 1, 0), cache: "none" }], /^There is no cache of that name\.$/],
    ];
    test.each(wrong)(
      "refuse a topic with %s, and leave nothing of it",
      async (_, lines, message) => {
        await using store = await openStore();
        const outcomes = await store.importStore.importLines("i", lines);
        expect(outcomes.at(-1)).toEqual({
          kind: "refused",
          message: expect.stringMatching(message),
        });
        expect(store.count("SELECT count(*) FROM topics")).toBe(0);
        expect(store.problems()).toEqual([]);
      },
    );

    test("make caches as they were, and leave those that are there as they are", async () => {
      await using store = await openStore();
      const { importStore, cacheStore } = store;
      const overrides = { retention: { seconds: 5 }, limits: { waiters: null } };
      expect(await importStore.importLines("i", [cache("new", overrides)])).toEqual([DONE]);
      expect(cacheStore.get("new")).toMatchObject({
        createdAt: 1,
        settings: { retention: { seconds: 5 } },
      });
      const same = { retention: { seconds: 5, bytes: null }, limits: {} };
      expect(await importStore.importLines("i", [cache("new", same)])).toEqual([DONE]);
      expect(await importStore.importLines("i", [cache("new", NO_OVERRIDES)])).toEqual([EXISTS]);
      expect(cacheStore.get("new")?.settings.retention.seconds).toBe(5);
    });

    test("refuse what is over the limits of the store, and take the rest", async () => {
      const records = { recordBytesMax: 1000, recordsMax: 1, storedBytesMax: 0 };
      await using store = await SqliteStore.open({ cachesMax: 0, records });
      const lines = [cache("new", NO_OVERRIDES), record("a"), record("b"), record("a")];
      const message = expect.stringContaining("The server allows");
      const refused = { kind: "refused", message } as const;
      expect(await store.importStore.importLines("i", lines)).toEqual([
        ...[refused, DONE, refused, EXISTS],
      ]);
      expect(await store.recordStore.read("a")).toEqual({ version: 7, data: '{"a":1}' });
      expect(store.problems()).toEqual([]);
    });
  });
}

async function openStore(): Promise<SqliteStore> {
  return (await openWithCache(() => SqliteStore.open())) as SqliteStore;
}

function item(name: string, sequenceNumber: number, value: Value = "x"): ImportLine {
  const publishedAt = 1000 + sequenceNumber;
  const rest = { sequenceNumber, publishedAt, publisherId: "me", value };
  return { kind: "item", cache: CACHE, topic: name, ...rest };
}

function topic(name: string, oldest: number, newest: number) {
  const rest = { sequencePage: PAGE, oldest, newest };
  return { kind: "topic", cache: CACHE, topic: name, ...rest } as const;
}

function cache(name: string, overrides: CacheOverrides): ImportLine {
  return { kind: "cache", name, createdAt: 1, overrides };
}

function record(name: string): ImportLine {
  return { kind: "record", name, version: 7, data: '{"a":1}' };
}
