// Deleting a topic ends its incarnation: the next append starts a greater page at number 1.

import { describe, expect, test } from "bun:test";
import type { OpenEngine, OpenWith } from "../../support/open-engine.ts";
import { append, appendMany, CACHE, numbers, openWithCache, read, upTo } from "../store-calls.ts";

const INT32_MAX = 2_147_483_647;

export function deletionRules(open: OpenWith): void {
  describe("delete", () => {
    test("a deleted topic reads as nothing and is not listed", async () => {
      await using engine = await openWithCache(open);
      await appendMany(engine, "t", 3);
      expect(await remove(engine, "t")).toBe(true);
      expect(await read(engine, "t")).toEqual({ sequencePage: 0, newest: 0, items: [] });
      expect(await engine.topicLog.list(CACHE, "", 10)).toEqual([]);
      expect(await engine.cacheStore.usage(CACHE)).toEqual({ topics: 0, bytes: 0 });
    });

    test("deleting what is not there is told as such", async () => {
      await using engine = await openWithCache(open);
      await append(engine, "t", "x");
      expect(await remove(engine, "none")).toBe(false);
      expect(await engine.topicLog.delete({ cache: "none", topic: "t" })).toBe(false);
      expect(await remove(engine, "t")).toBe(true);
      expect(await remove(engine, "t")).toBe(false);
    });

    test("other topics stay as they are", async () => {
      await using engine = await openWithCache(open);
      await appendMany(engine, "t", 3);
      await appendMany(engine, "u", 3);
      await remove(engine, "t");
      expect(numbers(await read(engine, "u"))).toEqual([1, 2, 3]);
      expect((await append(engine, "u", "x")).sequenceNumber).toBe(4);
    });

    test("a page is Unix seconds that fit 32 bits, greater than any given before", async () => {
      await using engine = await openWithCache(open);
      const pages: number[] = [];
      for (const topic of ["a", "b", "a", "a", "b"]) {
        await remove(engine, topic);
        const appended = await append(engine, topic, "x");
        expect(appended.sequenceNumber).toBe(1);
        pages.push(appended.sequencePage);
      }
      expect(pages).toEqual([...new Set(pages)].toSorted((a, b) => a - b));
      expect(pages[0]!).toBeWithin(Math.floor(Date.now() / 1000) - 60, INT32_MAX);
    });

    test("pages go on growing across a reopening", async () => {
      await using engine = await openWithCache(open);
      let last = 0;
      for (const _ of upTo(20)) {
        await remove(engine, "t");
        last = (await append(engine, "t", "x")).sequencePage;
      }
      await remove(engine, "t");
      await using again = await engine.reopen();
      expect(await read(again, "t")).toEqual({ sequencePage: 0, newest: 0, items: [] });
      const next = await append(again, "t", "x");
      expect(next.sequencePage).toBeGreaterThan(last);
      expect(next.sequenceNumber).toBe(1);
    });

    test("an incarnation holds nothing of the one before, however many items that had", async () => {
      await using engine = await openWithCache(open);
      await appendMany(engine, "t", 600, "old ");
      await remove(engine, "t");
      await appendMany(engine, "t", 3, "new ");
      const seen = await read(engine, "t");
      expect(seen.items.map(({ value }) => value)).toEqual(["new 1", "new 2", "new 3"]);
      expect(seen.newest).toBe(3);
    });
  });
}

function remove({ topicLog }: OpenEngine, topic: string): Promise<boolean> {
  return topicLog.delete({ cache: CACHE, topic });
}
