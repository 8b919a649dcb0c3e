// What core/caches/cache-store.ts promises, of whatever engine is behind it.

import { describe, expect, test } from "bun:test";
import { ITEM_OVERHEAD_BYTES, NO_OVERRIDES } from "../../src/core/caches/cache.ts";
import { type OpenWith, UNBOUNDED } from "../support/open-engine.ts";
import { refusal } from "../support/refusal.ts";
import {
  append,
  appendMany,
  CACHE,
  numbers,
  openWithCache,
  put,
  read,
  upTo,
} from "./store-calls.ts";

export function cacheStoreSuite(open: OpenWith): void {
  describe("cache store", () => {
    puttingRules(open);
    overrideRules(open);
    deletingRules(open);
    viewRules(open);
  });
}

function puttingRules(open: OpenWith): void {
  describe("put", () => {
    test("a cache is made once, and is in the view when that resolves", async () => {
      await using engine = await open();
      const before = Date.now();
      const made = await put(engine, {});
      expect(made.created).toBe(true);
      expect(made.cache).toMatchObject({ name: CACHE, settings: UNBOUNDED });
      expect(made.cache.createdAt).toBeWithin(before, Date.now() + 1);
      expect(engine.cacheStore.get(CACHE)).toEqual(made.cache);
      expect(await put(engine, {})).toEqual({ cache: made.cache, created: false });
    });

    test("of many that make the same cache at once, one does", async () => {
      await using engine = await open();
      const made = await Promise.all(upTo(10).map(() => put(engine, {})));
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      expect(engine.cacheStore.list()).toHaveLength(1);
    });

    test("a cache more than allowed is limit_exceeded; changing those that are there is not", async () => {
      await using engine = await open({ cachesMax: 2 });
      for (const name of ["a", "b"]) await put(engine, {}, name);
      const error = await refusal(() => put(engine, {}, "c"));
      expect(error).toMatchObject({ code: "limit_exceeded", limit: "caches_limit_exceeded" });
      expect(engine.cacheStore.get("c")).toBeUndefined();
      expect((await put(engine, {}, "a")).created).toBe(false);
      await engine.cacheStore.delete("b");
      expect((await put(engine, {}, "c")).created).toBe(true);
    });

    test("caches are there across a reopening, as they were", async () => {
      await using engine = await open();
      await put(engine, { retention: { seconds: 7, bytes: null } }, "a");
      await put(engine, {}, "b");
      const listed = engine.cacheStore.list();
      await using again = await engine.reopen();
      expect(again.cacheStore.list()).toEqual(listed);
      expect(again.cacheStore.get("a")).toEqual(listed[0]!);
    });
  });
}

function overrideRules(open: OpenWith): void {
  describe("overrides", () => {
    const defaults = {
      retention: { seconds: 10, bytes: 1_000_000, topicItems: 30 },
      limits: { ...UNBOUNDED.limits, topics: 40 },
    };

    test("what is not set follows the server, null goes back to it, 0 is no bound, and the rest stays", async () => {
      await using engine = await open({ defaults });
      const settings = async (change: Parameters<typeof put>[1]) =>
        (await put(engine, change)).cache.settings;
      expect(await settings({})).toEqual(defaults);
      const retention = { ...defaults.retention, seconds: 1, bytes: 0 };
      expect(await settings({ retention: { seconds: 1, bytes: 0 } })).toEqual({
        ...defaults,
        retention,
      });
      const limits = { ...defaults.limits, topics: 4 };
      expect(await settings({ limits: { topics: 4 } })).toEqual({ retention, limits });
      expect(await settings({ retention: { seconds: null, bytes: null } })).toEqual({
        ...defaults,
        limits,
      });
      expect(await settings({})).toEqual({ ...defaults, limits });
    });

    test("after a reopening, what was set stays and what was not follows the server's new settings", async () => {
      await using engine = await open({ defaults });
      await put(engine, { retention: { seconds: 1, bytes: null } });
      const retention = { seconds: 11, bytes: 2_000_000, topicItems: 31 };
      await using again = await engine.reopen({ defaults: { ...defaults, retention } });
      expect(again.cacheStore.get(CACHE)?.settings).toEqual({
        retention: { ...retention, seconds: 1 },
        limits: defaults.limits,
      });
    });
  });
}

function deletingRules(open: OpenWith): void {
  describe("delete", () => {
    test("a deleted cache is out of everybody's sight at once", async () => {
      await using engine = await openWithCache(open);
      await appendMany(engine, "t", 500);
      expect(await engine.cacheStore.delete(CACHE)).toBe(true);
      expect(engine.cacheStore.get(CACHE)).toBeUndefined();
      expect(engine.cacheStore.list()).toEqual([]);
      expect(await engine.cacheStore.usage(CACHE)).toBeUndefined();
      expect(await read(engine, "t")).toEqual({ sequencePage: 0, newest: 0, items: [] });
      expect(await engine.topicLog.list(CACHE, "", 10)).toEqual([]);
      expect(await engine.topicLog.delete({ cache: CACHE, topic: "t" })).toBe(false);
      expect((await refusal(() => append(engine, "t", "x"))).code).toBe("cache_not_found");
    });

    test("deleting what is not there is told as such", async () => {
      await using engine = await openWithCache(open);
      expect(await engine.cacheStore.delete("none")).toBe(false);
      expect(await engine.cacheStore.delete(CACHE)).toBe(true);
      expect(await engine.cacheStore.delete(CACHE)).toBe(false);
    });

    test("a cache made again under the name starts anew", async () => {
      await using engine = await openWithCache(open);
      await put(engine, { retention: { topicItems: 5 }, limits: { topics: 1 } });
      const old = await append(engine, "t", "old", { idempotencyKey: "k" });
      await engine.cacheStore.delete(CACHE);
      const { cache, created } = await engine.cacheStore.put(CACHE, NO_OVERRIDES);
      expect([created, cache.settings]).toEqual([true, UNBOUNDED]);
      expect(await engine.cacheStore.usage(CACHE)).toEqual({ topics: 0, bytes: 0 });
      expect(await read(engine, "t")).toEqual({ sequencePage: 0, newest: 0, items: [] });
      const appended = await append(engine, "t", "new", { idempotencyKey: "k" });
      expect(appended).toMatchObject({ sequenceNumber: 1, duplicate: false });
      expect(appended.sequencePage).toBeGreaterThan(old.sequencePage);
      await using again = await engine.reopen();
      expect((await read(again, "t")).items.map(({ value }) => value)).toEqual(["new"]);
    });

    test("other caches stay as they are", async () => {
      await using engine = await openWithCache(open);
      await appendMany(engine, "t", 3);
      await put(engine, {}, "other");
      await engine.cacheStore.delete("other");
      expect(numbers(await read(engine, "t"))).toEqual([1, 2, 3]);
    });

    test("a deletion is told of once, when the view has it and before it resolves, until let go", async () => {
      await using engine = await openWithCache(open);
      await put(engine, {}, "other");
      const events: unknown[] = [];
      const listener = engine.cacheStore.onDelete((name) =>
        events.push([name, engine.cacheStore.get(name)]),
      );
      await engine.cacheStore.delete("none");
      await engine.cacheStore.delete(CACHE).then(() => events.push("resolved"));
      listener[Symbol.dispose]();
      await engine.cacheStore.delete("other");
      expect(events).toEqual([[CACHE, undefined], "resolved"]);
    });
  });
}

function viewRules(open: OpenWith): void {
  describe("view", () => {
    test("caches are listed in the bytewise order of their names in UTF-8", async () => {
      await using engine = await open();
      const ordered = ["A", "a", "a b", "aa", "é", "\uFEFFa", "\uFFFF", "😀"];
      for (const name of ordered.toReversed()) await put(engine, {}, name);
      expect(engine.cacheStore.list().map(({ name }) => name)).toEqual(ordered);
    });

    test("names that every object has are nobody's cache", async () => {
      await using engine = await open();
      for (const name of ["__proto__", "constructor", "toString"]) {
        expect(engine.cacheStore.get(name)).toBeUndefined();
        expect(await engine.cacheStore.usage(name)).toBeUndefined();
      }
    });

    test("a tally counts items and keys, of very many topics as well", async () => {
      await using engine = await openWithCache(open);
      expect(await engine.cacheStore.tally(CACHE)).toEqual({ items: 0, idempotencyKeys: 0 });
      expect(await engine.cacheStore.tally("none")).toBeUndefined();
      const topics = Array.from({ length: 2000 }, (_, index) => `t${index}`);
      await Promise.all(topics.map((topic) => append(engine, topic, "x")));
      await append(engine, "t7", "y", { idempotencyKey: "k" });
      await append(engine, "t7", "y", { idempotencyKey: "k" });
      expect(await engine.cacheStore.tally(CACHE)).toEqual({ items: 2001, idempotencyKeys: 1 });
      await engine.topicLog.delete({ cache: CACHE, topic: "t7" });
      expect((await engine.cacheStore.tally(CACHE))?.items).toBe(1999);
    });

    test("usage counts topics, and items with what each takes beside its value", async () => {
      await using engine = await openWithCache(open);
      expect(await engine.cacheStore.usage(CACHE)).toEqual({ topics: 0, bytes: 0 });
      await append(engine, "a", "ä");
      await append(engine, "a", Uint8Array.of(1));
      await append(engine, "b", "x", { idempotencyKey: "k" });
      await append(engine, "b", "x", { idempotencyKey: "k" });
      const bytes = 4 + 3 * ITEM_OVERHEAD_BYTES;
      expect(await engine.cacheStore.usage(CACHE)).toEqual({ topics: 2, bytes });
      await using again = await engine.reopen();
      expect(await again.cacheStore.usage(CACHE)).toEqual({ topics: 2, bytes });
    });
  });
}
