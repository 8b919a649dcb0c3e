// Retention: what is over it goes from the oldest end, and the numbering stays.

import { describe, expect, test } from "bun:test";
import { ITEM_OVERHEAD_BYTES } from "../../../src/core/caches/cache.ts";
import type { OpenEngine, OpenWith } from "../../support/open-engine.ts";
import { until } from "../../support/until.ts";
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

const ITEM_BYTES = 2 + ITEM_OVERHEAD_BYTES;

export function trimmingRules(open: OpenWith): void {
  describe("retention", () => {
    test("a topic never holds more items than its bound once an append has resolved", async () => {
      await using engine = await openWithCache(open, keeping({ topicItems: 3 }));
      for (const number of upTo(8)) {
        await append(engine, "t", "x");
        expect(numbers(await read(engine, "t"))).toEqual(span(Math.max(1, number - 2), number));
      }
    });

    test("a number that is gone reads from the oldest retained after it", async () => {
      await using engine = await openWithCache(open, keeping({ topicItems: 3 }));
      await appendMany(engine, "t", 10);
      for (const from of ["oldest", 1, 7, 8] as const) {
        expect(numbers(await read(engine, "t", from))).toEqual([8, 9, 10]);
      }
      expect(numbers(await read(engine, "t", "newest"))).toEqual([10]);
    });

    test("a bound on items that is lowered takes hold of what is there", async () => {
      await using engine = await openWithCache(open);
      await appendMany(engine, "t", 500);
      await put(engine, { retention: { topicItems: 2 } });
      await untilHeld(engine, "t", 2);
      expect(numbers(await read(engine, "t"))).toEqual([499, 500]);
    });

    test("a cache over its bytes loses its oldest items, of whatever topic, and no more than needed", async () => {
      await using engine = await openWithCache(open);
      for (const topic of ["a", "b", "a", "c", "b", "a"]) await append(engine, topic, "xx");
      await put(engine, { retention: { bytes: 3 * ITEM_BYTES } });
      await until(
        "the cache is down to its bound",
        async () => (await bytes(engine)) <= 3 * ITEM_BYTES,
      );
      const left = await Promise.all(
        ["a", "b", "c"].map(async (t) => numbers(await read(engine, t))),
      );
      expect(left).toEqual([[3], [2], [1]]);
    });

    test("a topic that is trimmed empty keeps its number and page, also across a reopening", async () => {
      await using engine = await openWithCache(open);
      const [first] = await appendMany(engine, "t", 5);
      await put(engine, { retention: { bytes: 1 } });
      await untilHeld(engine, "t", 0);
      await using again = await engine.reopen();
      for (const from of ["oldest", "newest", 1, 6] as const) {
        const empty = { sequencePage: first!.sequencePage, newest: 5, items: [] };
        expect(await read(again, "t", from)).toEqual(empty);
      }
      expect(await again.topicLog.list(CACHE, "", 10)).toEqual([
        { topic: "t", sequencePage: first!.sequencePage, oldest: 6, newest: 5, bytes: 0 },
      ]);
      await put(again, { retention: { bytes: 0 } });
      expect(await append(again, "t", "next")).toEqual({ ...first!, sequenceNumber: 6 });
      expect(numbers(await read(again, "t"))).toEqual([6]);
    });

    test("items older than the cache keeps them go by themselves", async () => {
      await using engine = await openWithCache(open, keeping({ seconds: 1 }));
      await appendMany(engine, "t", 3);
      await untilHeld(engine, "t", 0);
      expect((await read(engine, "t")).newest).toBe(3);
    });

    test("what is retained is contiguous up to the newest at every moment of a trimming", async () => {
      await using engine = await openWithCache(open);
      for (const topic of ["a", "b"]) await appendMany(engine, topic, 600);
      await put(engine, { retention: { bytes: 2000 } });
      for (;;) {
        const seen = await read(engine, "a");
        expect(seen.newest).toBe(600);
        const oldest = seen.items[0]?.sequenceNumber ?? 601;
        expect(numbers(seen)).toEqual(span(oldest, 600));
        if ((await bytes(engine)) <= 2000) break;
        await new Promise(setImmediate);
      }
    });
  });
}

async function untilHeld(engine: OpenEngine, topic: string, items: number): Promise<void> {
  await until(`${topic} holds ${items} items`, async () => {
    const { length } = (await read(engine, topic)).items;
    return length <= items;
  });
}

async function bytes({ cacheStore }: OpenEngine): Promise<number> {
  return (await cacheStore.usage(CACHE))?.bytes ?? 0;
}
