// Limits of a cache: what is over them is refused whole, and what is there stays.

import { describe, expect, test } from "bun:test";
import { ITEM_OVERHEAD_BYTES } from "../../../src/core/caches/cache.ts";
import type { OpenWith } from "../../support/open-engine.ts";
import { refusal } from "../../support/refusal.ts";
import { append, CACHE, limitedTo, openWithCache, put, read, values } from "../store-calls.ts";

export function limitRules(open: OpenWith): void {
  describe("limits", () => {
    test("a topic more than allowed is limit_exceeded, and does not come into being", async () => {
      await using engine = await openWithCache(open, limitedTo({ topics: 2 }));
      for (const topic of ["a", "b"]) await append(engine, topic, "x");
      const error = await refusal(() => append(engine, "c", "x"));
      expect(error).toMatchObject({ code: "limit_exceeded", limit: "topics_limit_exceeded" });
      expect(await engine.cacheStore.usage(CACHE)).toMatchObject({ topics: 2 });
      expect((await append(engine, "a", "y")).sequenceNumber).toBe(2);
    });

    test("a deleted topic makes room for another", async () => {
      await using engine = await openWithCache(open, limitedTo({ topics: 1 }));
      await append(engine, "a", "x");
      await engine.topicLog.delete({ cache: CACHE, topic: "a" });
      expect((await append(engine, "b", "x")).sequenceNumber).toBe(1);
    });

    test("of topics that come at once, as many as allowed come into being", async () => {
      await using engine = await openWithCache(open, limitedTo({ topics: 3 }));
      const names = ["a", "b", "c", "d", "e"];
      const outcomes = await Promise.allSettled(names.map((topic) => append(engine, topic, "x")));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
      expect(await engine.topicLog.list(CACHE, "", 10)).toHaveLength(3);
    });

    test("an item that just fits is stored, and one byte more is limit_exceeded", async () => {
      const storedBytes = 2 * ITEM_OVERHEAD_BYTES + 4;
      await using engine = await openWithCache(open, limitedTo({ storedBytes }));
      await append(engine, "t", "ä");
      const error = await refusal(() => append(engine, "t", "xxx"));
      expect(error).toMatchObject({ code: "limit_exceeded", limit: "stored_bytes_limit_exceeded" });
      await append(engine, "t", "xx");
      expect(values(await read(engine, "t"))).toEqual(["ä", "xx"]);
      expect(await engine.cacheStore.usage(CACHE)).toEqual({ topics: 1, bytes: storedBytes });
    });

    test("a limit that is lifted for one cache lets it go on", async () => {
      await using engine = await openWithCache(open, limitedTo({ topics: 1 }));
      await append(engine, "a", "x");
      await refusal(() => append(engine, "b", "x"));
      await put(engine, { limits: { topics: 0 } });
      expect((await append(engine, "b", "x")).sequenceNumber).toBe(1);
    });
  });
}
