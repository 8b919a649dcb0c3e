// Shared reads: as few as can be, and never one that misses what was announced.

import { expect, test } from "bun:test";
import { SharedReads } from "../../src/core/topics/shared-reads.ts";
import type { ReadFrom, TopicLog, TopicName, TopicRead } from "../../src/core/topics/topic-log.ts";

const NAME = { cache: "c", topic: "t" };
const BOUNDS = { itemsMax: 10, bytesMax: 100 };

test("reads of one topic from one number, asked for at once, are one", async () => {
  const { log, asked } = slowLog();
  const reads = new SharedReads(log, BOUNDS);
  const shared = [1, 2, 3].map(() => reads.read(NAME, 5));
  expect(asked).toHaveLength(1);
  asked[0]!.answer(1);
  const seen = await Promise.all(shared);
  expect(seen.every((read) => read === seen[0])).toBe(true);
});

test("reads of another topic, cache or number are not shared", () => {
  const { log, asked } = slowLog();
  const reads = new SharedReads(log, BOUNDS);
  const names: [TopicName, ReadFrom][] = [
    [NAME, 5],
    [NAME, 6],
    [NAME, "oldest"],
    [NAME, "newest"],
    [{ cache: "c", topic: "u" }, 5],
    [{ cache: "d", topic: "t" }, 5],
  ];
  for (const [name, from] of names) void reads.read(name, from);
  expect(asked.map(({ name, from }) => [name, from])).toEqual(names);
});

test("who joins after an announcement does not get a read that began before it", async () => {
  const { log, asked } = slowLog();
  const reads = new SharedReads(log, BOUNDS);
  const before = reads.read(NAME, 5);
  reads.invalidate(NAME);
  const after = reads.read(NAME, 5);
  expect(asked).toHaveLength(2);
  asked[1]!.answer(6);
  asked[0]!.answer(5);
  expect([(await before).newest, (await after).newest]).toEqual([5, 6]);
});

test("a read from before an announcement that ends late does not take the place of a newer one", async () => {
  const { log, asked } = slowLog();
  const reads = new SharedReads(log, BOUNDS);
  const before = reads.read(NAME, 5);
  reads.invalidate(NAME);
  const after = reads.read(NAME, 5);
  asked[0]!.answer(5);
  await before;
  expect(reads.read(NAME, 5)).toBe(after);
  expect(asked).toHaveLength(2);
});

test("an announcement of another topic leaves a read shared", () => {
  const { log, asked } = slowLog();
  const reads = new SharedReads(log, BOUNDS);
  void reads.read(NAME, 5);
  reads.invalidate({ cache: "c", topic: "u" });
  void reads.read(NAME, 5);
  expect(asked).toHaveLength(1);
});

test("a read that has ended is not given again", async () => {
  const { log, asked } = slowLog();
  const reads = new SharedReads(log, BOUNDS);
  const first = reads.read(NAME, 5);
  asked[0]!.answer(1);
  await first;
  void reads.read(NAME, 5);
  expect(asked).toHaveLength(2);
});

test("a read that fails fails for all who share it, and the next one is new", async () => {
  const { log, asked } = slowLog();
  const reads = new SharedReads(log, BOUNDS);
  const shared = [reads.read(NAME, 5), reads.read(NAME, 5)];
  asked[0]!.fail(new Error("the disk broke"));
  const outcomes = await Promise.allSettled(shared);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const next = reads.read(NAME, 5);
  asked[1]!.answer(1);
  expect((await next).newest).toBe(1);
});

interface Asked {
  readonly name: TopicName;
  readonly from: ReadFrom;
  answer(newest: number): void;
  fail(cause: Error): void;
}

/** Reads that end when the test says so. */
function slowLog(): { log: TopicLog; asked: Asked[] } {
  const asked: Asked[] = [];
  const read = (name: TopicName, from: ReadFrom) => {
    const { promise, resolve, reject } = Promise.withResolvers<TopicRead>();
    const answer = (newest: number) => resolve({ sequencePage: 1, newest, items: [] });
    asked.push({ name, from, answer, fail: reject });
    return promise;
  };
  return { log: { read } as Partial<TopicLog> as TopicLog, asked };
}
