// Idempotency keys: within the window, the same key on the same topic is appended once.

import { describe, expect, test } from "bun:test";
import type { Value } from "../../../src/core/topics/topic-log.ts";
import { type OpenEngine, type OpenWith, UNBOUNDED } from "../../support/open-engine.ts";
import { refusal } from "../../support/refusal.ts";
import { until } from "../../support/until.ts";
import { append, CACHE, openWithCache, put, read, upTo, values } from "../store-calls.ts";

const SHORT_WINDOW_MS = 20;

export function idempotencyRules(open: OpenWith): void {
  describe("idempotency key", () => {
    test("a repeat is answered with the first append's number and page, and stores nothing", async () => {
      await using engine = await openWithCache(open);
      await append(engine, "t", "before");
      const first = await keyed(engine, "t", "x");
      await append(engine, "t", "after");
      expect(await keyed(engine, "t", "x")).toEqual({ ...first, duplicate: true });
      expect(values(await read(engine, "t"))).toEqual(["before", "x", "after"]);
    });

    test("the same key sent many times at once is appended once", async () => {
      await using engine = await openWithCache(open);
      const appended = await Promise.all(upTo(30).map(() => keyed(engine, "t", "x")));
      expect(appended.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(new Set(appended.map(({ sequenceNumber }) => sequenceNumber))).toEqual(new Set([1]));
      expect(values(await read(engine, "t"))).toEqual(["x"]);
    });

    test("of different messages sent at once with one key, one is stored and the others refused", async () => {
      await using engine = await openWithCache(open);
      const outcomes = await Promise.allSettled(upTo(10).map((n) => keyed(engine, "t", `m${n}`)));
      const kept = outcomes.findIndex(({ status }) => status === "fulfilled");
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(values(await read(engine, "t"))).toEqual([`m${kept + 1}`]);
    });

    const others: [string, Value, Value][] = [
      ["another text", "x", "y"],
      ["a text that only differs in length", "x", "xx"],
      ["other bytes", bytes(1, 2), bytes(1, 3)],
      ["the same bytes as binary", "A", bytes(0x41)],
      ["the same bytes as text", bytes(0x41), "A"],
    ];
    test.each(others)(
      "the same key with %s is invalid_argument, and stores nothing",
      async (_, value, other) => {
        await using engine = await openWithCache(open);
        const first = await keyed(engine, "t", value);
        const error = await refusal(() => keyed(engine, "t", other));
        expect(error.code).toBe("invalid_argument");
        expect(values(await read(engine, "t"))).toEqual([value]);
        expect(await keyed(engine, "t", value)).toEqual({ ...first, duplicate: true });
      },
    );

    test("topics and caches do not share keys", async () => {
      await using engine = await openWithCache(open);
      await put(engine, {}, "other");
      const elsewhere = { cache: "other", topic: "t", publisherId: undefined, idempotencyKey: "k" };
      const appended = [
        await keyed(engine, "t", "x"),
        await keyed(engine, "u", "y"),
        await engine.topicLog.append({ ...elsewhere, value: "z" }),
      ];
      expect(appended.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
    });

    test("a key is known across a reopening", async () => {
      await using engine = await openWithCache(open);
      const first = await keyed(engine, "t", "x");
      await using again = await engine.reopen();
      expect(await keyed(again, "t", "x")).toEqual({ ...first, duplicate: true });
      expect((await refusal(() => keyed(again, "t", "y"))).code).toBe("invalid_argument");
      expect(values(await read(again, "t"))).toEqual(["x"]);
    });

    test("a key outlives its item within the window", async () => {
      await using engine = await openWithCache(open);
      const first = await keyed(engine, "t", "x");
      await put(engine, { retention: { topicItems: 1 } });
      await append(engine, "t", "newer");
      expect(await keyed(engine, "t", "x")).toEqual({ ...first, duplicate: true });
      expect(values(await read(engine, "t"))).toEqual(["newer"]);
    });

    test("a key ends with the incarnation of its topic", async () => {
      await using engine = await openWithCache(open);
      const first = await keyed(engine, "t", "x");
      await engine.topicLog.delete({ cache: CACHE, topic: "t" });
      const again = await keyed(engine, "t", "x");
      expect(again).toMatchObject({ sequenceNumber: 1, duplicate: false });
      expect(again.sequencePage).toBeGreaterThan(first.sequencePage);
    });

    test("after the window the key is free for any message", async () => {
      await using engine = await openWithCache(open, { idempotencyWindowMs: SHORT_WINDOW_MS });
      await keyed(engine, "t", "x");
      const second = await until("the window is over", async () => {
        const again = await keyed(engine, "t", "x");
        return !again.duplicate && again;
      });
      expect(second.sequenceNumber).toBe(2);
      const third = await until("the second window is over", () =>
        keyed(engine, "t", "y").catch(() => undefined),
      );
      expect(third).toMatchObject({ sequenceNumber: 3, duplicate: false });
      expect(values(await read(engine, "t"))).toEqual(["x", "x", "y"]);
    });

    test("more keys than are remembered are limit_exceeded; repeats and appends without one are not", async () => {
      await using engine = await openWithCache(open, { idempotencyKeysMax: 2 });
      for (const key of ["k1", "k2"]) await keyed(engine, "t", "x", key);
      const error = await refusal(() => keyed(engine, "u", "x", "k3"));
      expect(error).toMatchObject({
        code: "limit_exceeded",
        limit: "idempotency_keys_limit_exceeded",
      });
      expect((await keyed(engine, "t", "x", "k1")).duplicate).toBe(true);
      expect((await append(engine, "t", "no key")).sequenceNumber).toBe(3);
      expect((await read(engine, "u")).newest).toBe(0);
    });

    test("keys whose window is over make room for others", async () => {
      const settings = { idempotencyKeysMax: 1, idempotencyWindowMs: SHORT_WINDOW_MS };
      await using engine = await openWithCache(open, { ...settings, defaults: UNBOUNDED });
      await keyed(engine, "t", "x", "k1");
      const appended = await until("the first key is forgotten", () =>
        keyed(engine, "t", "y", "k2").catch(() => undefined),
      );
      expect(appended.sequenceNumber).toBe(2);
    });
  });
}

function keyed({ topicLog }: OpenEngine, topic: string, value: Value, idempotencyKey = "k") {
  return append({ topicLog }, topic, value, { idempotencyKey });
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}
