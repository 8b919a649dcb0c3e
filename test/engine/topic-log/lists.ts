// Lists of topics: bytewise by name, a page at a time.

import { describe, expect, test } from "bun:test";
import { ITEM_OVERHEAD_BYTES } from "../../../src/core/caches/cache.ts";
import type { OpenWith } from "../../support/open-engine.ts";
import { append, CACHE, openWithCache, put } from "../store-calls.ts";

export function listRules(open: OpenWith): void {
  describe("list", () => {
    test("a topic is listed with its page, its ends and its bytes", async () => {
      await using engine = await openWithCache(open);
      const { sequencePage } = await append(engine, "t", "ä");
      await append(engine, "t", Uint8Array.of(1, 2, 3));
      expect(await engine.topicLog.list(CACHE, "", 10)).toEqual([
        { topic: "t", sequencePage, oldest: 1, newest: 2, bytes: 5 + 2 * ITEM_OVERHEAD_BYTES },
      ]);
    });

    test("topics come in the bytewise order of their names in UTF-8", async () => {
      await using engine = await openWithCache(open);
      // In UTF-16 the emoji would come before U+FFFF.
      const ordered = ["", "A", "Z", "a", "a b", "aa", "z", "é", "\uFEFFa", "\uFFFF", "😀"];
      for (const name of ordered.toReversed()) if (name !== "") await append(engine, name, "x");
      expect(await names(engine, "", 100)).toEqual(ordered.slice(1));
    });

    test("a page begins after the given name, whether it exists or not, and ends at the limit", async () => {
      await using engine = await openWithCache(open);
      for (const name of ["a", "b", "c", "d"]) await append(engine, name, "x");
      expect(await names(engine, "", 2)).toEqual(["a", "b"]);
      expect(await names(engine, "b", 2)).toEqual(["c", "d"]);
      expect(await names(engine, "bb", 1)).toEqual(["c"]);
      expect(await names(engine, "d", 2)).toEqual([]);
    });

    test("another cache's topics are not listed, and of a cache that does not exist there are none", async () => {
      await using engine = await openWithCache(open);
      await put(engine, {}, "other");
      await append(engine, "t", "x");
      expect(await engine.topicLog.list("other", "", 10)).toEqual([]);
      expect(await engine.topicLog.list("none", "", 10)).toEqual([]);
    });
  });
}

async function names(
  { topicLog }: Awaited<ReturnType<OpenWith>>,
  after: string,
  limit: number,
): Promise<string[]> {
  return (await topicLog.list(CACHE, after, limit)).map(({ topic }) => topic);
}
