// Announcements: after an append is durable, before it resolves, in commit order.

import { describe, expect, test } from "bun:test";
import type { TopicRead } from "../../../src/core/topics/topic-log.ts";
import type { OpenEngine, OpenWith } from "../../support/open-engine.ts";
import { refusal } from "../../support/refusal.ts";
import { append, appendMany, CACHE, openWithCache, read, upTo } from "../store-calls.ts";

export function announcementRules(open: OpenWith): void {
  describe("onAppend", () => {
    test("an append is announced before it resolves", async () => {
      await using engine = await openWithCache(open);
      const events: string[] = [];
      using _ = engine.topicLog.onAppend(({ cache, topic }) => events.push(`${cache}/${topic}`));
      await append(engine, "t", "x").then(() => events.push("resolved"));
      expect(events).toEqual([`${CACHE}/t`, "resolved"]);
    });

    test("what is announced can be read from that moment on", async () => {
      await using engine = await openWithCache(open);
      const reads = readsWhenAnnounced(engine, "t");
      for (const number of upTo(20)) {
        const { sequenceNumber } = await append(engine, "t", `m${number}`);
        const seen = await reads.at(-1)!;
        expect(seen.newest).toBe(sequenceNumber);
        expect(seen.items.at(-1)?.value).toBe(`m${number}`);
      }
    });

    test("announcements of a topic come in commit order and leave no append out", async () => {
      await using engine = await openWithCache(open);
      const reads = readsWhenAnnounced(engine, "t");
      // The reads begun so far must hold every append that has resolved by now.
      const late = upTo(200).map(async (number) => {
        await append(engine, "t", `m${number}`);
        const seen = await reads.at(-1)!;
        return seen.newest < number ? [number] : [];
      });
      expect((await Promise.all(late)).flat()).toEqual([]);
      const newest = (await Promise.all(reads)).map((seen) => seen.newest);
      expect(newest).toEqual(newest.toSorted((a, b) => a - b));
    });

    test("a topic is not announced for the appends of another", async () => {
      await using engine = await openWithCache(open);
      const announced: string[] = [];
      using _ = engine.topicLog.onAppend(({ topic }) => announced.push(topic));
      await appendMany(engine, "a", 10);
      expect(new Set(announced)).toEqual(new Set(["a"]));
    });

    test("an append that is refused is not announced", async () => {
      await using engine = await openWithCache(open);
      await append(engine, "t", "x", { idempotencyKey: "k" });
      let announcements = 0;
      using _ = engine.topicLog.onAppend(() => {
        announcements += 1;
      });
      await refusal(() => append(engine, "t", "y", { idempotencyKey: "k" }));
      await engine.close();
      expect(announcements).toBe(0);
    });

    test("a duplicate is not announced", async () => {
      await using engine = await openWithCache(open);
      await append(engine, "t", "x", { idempotencyKey: "k" });
      const announced: string[] = [];
      using _ = engine.topicLog.onAppend(({ topic }) => announced.push(topic));
      const repeat = () => append(engine, "t", "x", { idempotencyKey: "k" });
      const repeats = [await repeat(), ...(await Promise.all([repeat(), repeat()]))];
      expect(repeats.map(({ duplicate }) => duplicate)).toEqual([true, true, true]);
      expect(announced).toEqual([]);
      // One that is committed together with an append does not hush it.
      await Promise.all([append(engine, "t", "y"), repeat()]);
      expect(announced).toEqual(["t"]);
    });

    test("every listener is told, until it is let go", async () => {
      await using engine = await openWithCache(open);
      const told = [0, 0];
      const first = engine.topicLog.onAppend(() => {
        told[0]! += 1;
      });
      using _ = engine.topicLog.onAppend(() => {
        told[1]! += 1;
      });
      await append(engine, "t", "x");
      first[Symbol.dispose]();
      await append(engine, "t", "y");
      expect(told).toEqual([1, 2]);
    });
  });
}

/** Begins a read at each announcement of the topic, in the announcement itself. */
function readsWhenAnnounced(engine: OpenEngine, topic: string): Promise<TopicRead>[] {
  const reads: Promise<TopicRead>[] = [];
  engine.topicLog.onAppend((name) => {
    if (name.topic === topic) reads.push(read(engine, topic));
  });
  return reads;
}
