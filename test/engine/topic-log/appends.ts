// Numbers: contiguous from 1 in each topic, in the order of the calls.

import { describe, expect, test } from "bun:test";
import type { OpenWith } from "../../support/open-engine.ts";
import { refusal } from "../../support/refusal.ts";
import { append, appendMany, numbers, openWithCache, read, upTo, values } from "../store-calls.ts";

export function appendRules(open: OpenWith): void {
  describe("append", () => {
    test("each topic counts from 1 on its own", async () => {
      await using engine = await openWithCache(open);
      for (const number of upTo(3)) {
        for (const topic of ["a", "b"]) {
          const appended = await append(engine, topic, "x");
          expect(appended).toMatchObject({ sequenceNumber: number, duplicate: false });
        }
      }
    });

    test("appends that are called at once get contiguous numbers in the order of the calls", async () => {
      await using engine = await openWithCache(open);
      const appended = await appendMany(engine, "t", 300);
      expect(appended.map(({ sequenceNumber }) => sequenceNumber)).toEqual(upTo(300));
      expect(new Set(appended.map(({ sequencePage }) => sequencePage)).size).toBe(1);
      expect(values(await read(engine, "t"))).toEqual(upTo(300).map((index) => `m${index}`));
    });

    test("topics that are written to at once do not mix", async () => {
      await using engine = await openWithCache(open);
      const topics = upTo(20).map((index) => `t${index}`);
      await Promise.all(topics.map((topic) => appendMany(engine, topic, 15, `${topic} `)));
      for (const topic of topics) {
        const seen = await read(engine, topic);
        expect(values(seen)).toEqual(upTo(15).map((index) => `${topic} ${index}`));
      }
    });

    test("an append that is refused takes no number", async () => {
      await using engine = await openWithCache(open);
      await append(engine, "t", "first", { idempotencyKey: "k" });
      const refused = upTo(10).map((index) =>
        refusal(() => append(engine, "t", `other ${index}`, { idempotencyKey: "k" })),
      );
      const [appended, errors] = await Promise.all([
        appendMany(engine, "t", 10),
        Promise.all(refused),
      ]);
      expect(errors.map(({ code }) => code)).toEqual(upTo(10).map(() => "invalid_argument"));
      expect(appended.map(({ sequenceNumber }) => sequenceNumber - 1)).toEqual(upTo(10));
      expect(numbers(await read(engine, "t"))).toEqual(upTo(11));
    });

    test("an append to a cache that does not exist is cache_not_found, and makes none", async () => {
      await using engine = await openWithCache(open);
      const append = { topic: "t", value: "x", publisherId: undefined, idempotencyKey: undefined };
      const error = await refusal(() => engine.topicLog.append({ ...append, cache: "other" }));
      expect(error).toMatchObject({ code: "cache_not_found", message: "Cache not found" });
      expect(engine.cacheStore.get("other")).toBeUndefined();
    });

    test("an item carries the time of its append and its publisher, if it has one", async () => {
      await using engine = await openWithCache(open);
      const before = Date.now();
      await append(engine, "t", "x", { publisherId: "alice" });
      await append(engine, "t", "y");
      const { items } = await read(engine, "t");
      expect(items.map(({ publisherId }) => publisherId)).toEqual(["alice", undefined]);
      const times = [before, ...items.map(({ publishedAt }) => publishedAt), Date.now()];
      expect(times).toEqual(times.toSorted());
    });

    test("numbers, page and items go on across a reopening", async () => {
      await using engine = await openWithCache(open);
      const [first] = await appendMany(engine, "t", 5);
      const seen = await read(engine, "t");
      await using again = await engine.reopen();
      expect(await read(again, "t")).toEqual(seen);
      const next = await append(again, "t", "next");
      expect(next).toEqual({ ...first!, sequenceNumber: 6 });
    });
  });
}
