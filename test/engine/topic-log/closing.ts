// Closing drains: what was accepted settles and is there afterwards, what comes later is refused.

import { describe, expect, test } from "bun:test";
import { NO_OVERRIDES } from "../../../src/core/caches/cache.ts";
import type { OpenEngine, OpenWith } from "../../support/open-engine.ts";
import { refusal } from "../../support/refusal.ts";
import { append, appendMany, CACHE, numbers, openWithCache, read, upTo } from "../store-calls.ts";

const WRITES: [string, (engine: OpenEngine) => Promise<unknown>][] = [
  ["an append", (engine) => append(engine, "t", "x")],
  ["deleting a topic", ({ topicLog }) => topicLog.delete({ cache: CACHE, topic: "t" })],
  ["making a cache", ({ cacheStore }) => cacheStore.put("other", NO_OVERRIDES)],
  ["deleting a cache", ({ cacheStore }) => cacheStore.delete(CACHE)],
  ["a revocation", ({ revocations }) => revocations.revoke("id")],
];

export function closingRules(open: OpenWith): void {
  describe("close", () => {
    test("everything that was accepted before settles, and is there afterwards", async () => {
      await using engine = await openWithCache(open);
      const accepted = appendMany(engine, "t", 300);
      await using again = await engine.reopen();
      const appended = await accepted;
      expect(appended.map(({ sequenceNumber }) => sequenceNumber)).toEqual(upTo(300));
      expect(numbers(await read(again, "t"))).toEqual(upTo(300));
    });

    test("what is accepted is announced before it is let go", async () => {
      const engine = await openWithCache(open);
      let announcements = 0;
      engine.topicLog.onAppend(() => {
        announcements += 1;
      });
      const accepted = append(engine, "t", "x");
      await engine.close();
      expect(announcements).toBe(1);
      expect((await accepted).sequenceNumber).toBe(1);
      await engine[Symbol.asyncDispose]();
    });

    test.each(WRITES)(
      "%s is refused with `stopping` while it closes and after",
      async (_, write) => {
        const engine = await openWithCache(open);
        const accepted = append(engine, "t", "x");
        const closing = engine.close();
        const during = await refusal(() => write(engine));
        await Promise.all([closing, accepted]);
        const after = await refusal(() => write(engine));
        expect([during.code, after.code]).toEqual(["stopping", "stopping"]);
        await engine[Symbol.asyncDispose]();
      },
    );

    test("closing again waits for the same end", async () => {
      const engine = await openWithCache(open);
      const accepted = append(engine, "t", "x");
      let isSettled = false;
      void accepted.then(() => {
        isSettled = true;
      });
      await Promise.all([engine.close(), engine.close()]);
      expect(isSettled).toBe(true);
      await engine[Symbol.asyncDispose]();
    });
  });
}
