// Reads: from where they are asked to, a bounded page at a time, all of one moment.

import { describe, expect, test } from "bun:test";
import type { ReadFrom, TopicRead, Value } from "../../../src/core/topics/topic-log.ts";
import type { OpenWith } from "../../support/open-engine.ts";
import {
  append,
  appendMany,
  numbers,
  ownTopic,
  read,
  shareEngine,
  span,
  upTo,
  WIDE,
} from "../store-calls.ts";

const NOTHING: TopicRead = { sequencePage: 0, newest: 0, items: [] };

export function readRules(open: OpenWith): void {
  describe("read", () => {
    const engine = shareEngine(open);

    const starts: [ReadFrom, number[]][] = [
      ["oldest", [1, 2, 3, 4, 5]],
      ["newest", [5]],
      [1, [1, 2, 3, 4, 5]],
      [3, [3, 4, 5]],
      [5, [5]],
      [6, []],
      [7, []],
      [Number.MAX_SAFE_INTEGER, []],
      [Number.MAX_SAFE_INTEGER + 1, []],
    ];
    test.each(starts)("of five items, from %p", async (from, expected) => {
      const topic = ownTopic();
      await appendMany(engine(), topic, 5);
      const seen = await read(engine(), topic, from);
      expect(numbers(seen)).toEqual(expected);
      expect(seen.newest).toBe(5);
    });

    test("a topic or a cache that does not exist reads as nothing", async () => {
      for (const from of ["oldest", "newest", 1, 7] as const) {
        expect(await read(engine(), "none", from)).toEqual(NOTHING);
        const elsewhere = { cache: "none", topic: "t" };
        expect(await engine().topicLog.read(elsewhere, from, WIDE)).toEqual(NOTHING);
      }
    });

    const pages: [string, { itemsMax?: number; bytesMax?: number }, Value[], number][] = [
      ["as many items as allowed", { itemsMax: 3 }, ["a", "b", "c", "d"], 3],
      ["one item at a time", { itemsMax: 1 }, ["a", "b"], 1],
      ["exactly as many bytes as allowed", { bytesMax: 6 }, ["aa", "bb", "cc", "dd"], 3],
      ["no item that would go over the bytes", { bytesMax: 5 }, ["aa", "bb", "cc"], 2],
      ["the first item whatever its size", { bytesMax: 1 }, ["aaaa", "b"], 1],
      ["no small item behind one that was too large", { bytesMax: 4 }, ["aa", "bbbb", "c"], 1],
      ["text by its bytes in UTF-8", { bytesMax: 6 }, ["ää", "ää"], 1],
      ["binary by its bytes", { bytesMax: 6 }, [new Uint8Array(3), new Uint8Array(3), "x"], 2],
    ];
    test.each(pages)("a page holds %s", async (_, bounds, stored, expected) => {
      const topic = ownTopic();
      for (const value of stored) await append(engine(), topic, value);
      const seen = await read(engine(), topic, "oldest", bounds);
      expect(numbers(seen)).toEqual(upTo(expected));
      expect(seen.newest).toBe(stored.length);
    });

    test("going on after each page gives everything once", async () => {
      const topic = ownTopic();
      await appendMany(engine(), topic, 50);
      const received: number[] = [];
      while (received.length < 50) {
        const from = (received.at(-1) ?? 0) + 1;
        received.push(...numbers(await read(engine(), topic, from, { itemsMax: 7, bytesMax: 11 })));
      }
      expect(received).toEqual(upTo(50));
    });

    test("a read sees every append that resolved before it, also after a page that was cut short", async () => {
      const topic = ownTopic();
      for (const number of upTo(20)) {
        await append(engine(), topic, "value");
        expect((await read(engine(), topic, "oldest", { bytesMax: 1 })).newest).toBe(number);
        expect((await read(engine(), topic, "newest")).items[0]?.sequenceNumber).toBe(number);
      }
    });

    test("page, newest and items are of one moment while others append", async () => {
      const topic = ownTopic();
      let isDone = false;
      const appending = appendMany(engine(), topic, 400).then(() => {
        isDone = true;
      });
      while (!isDone) {
        const seen = await read(engine(), topic, 1);
        expect(numbers(seen)).toEqual(span(1, seen.newest));
        await new Promise(setImmediate);
      }
      await appending;
    });
  });
}
