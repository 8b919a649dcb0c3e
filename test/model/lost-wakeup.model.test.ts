// However publishes, reads and announcements fall together, no wake-up is lost and nothing comes twice.

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Delivery, Position } from "../../src/core/topics/subscription.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type OpenTopics, openTopics } from "../support/open-topics.ts";
import { ADMIN } from "../support/principals.ts";

const CACHE = "c";
const topic = fc.constantFrom("t", "u");
/** Without a page a subscriber follows the seed's edition; with one, today's. */
const edition = fc.constantFrom("seed", "current");
/** One list a publisher, who sends its messages one after the other. */
const plans = fc.array(fc.array(topic, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 3,
});
const followers = fc.array(fc.record({ topic, edition }), { minLength: 1, maxLength: 4 });

test("whoever follows a topic gets everything once and in order, in any interleaving", async () => {
  const property = fc.asyncProperty(
    fc.scheduler(),
    plans,
    followers,
    async (s, planned, wanted) => {
      using room = await openRoom(s);
      const following = wanted.map(({ topic, edition }) => follow(room, topic, edition));
      const publishing = planned.map((topics, publisher) =>
        publishAll(room, topics, `p${publisher}`),
      );
      await s.waitIdle();
      await Promise.all(publishing);
      for (const [index, { topic }] of wanted.entries()) {
        const { received } = following[index]!;
        const sent = planned.flat().filter((name) => name === topic);
        expect(received.map(({ number }) => number)).toEqual(sent.map((_, at) => at + 1));
        expectEachInItsOrder(received.map(({ value }) => value));
      }
      await stop(room, s, following);
    },
  );
  await fc.assert(property, { numRuns: 400 });
}, 180_000);

test("who asks for the next item of a topic gets it, in any interleaving with its publish", async () => {
  const property = fc.asyncProperty(fc.scheduler(), async (s) => {
    using room = await openRoom(s);
    const delivery = poll(room, "t", { kind: "latest", sequencePage: 0 });
    const published = publish(room, "t", "x");
    await s.waitIdle();
    await published;
    expect(await Promise.race([delivery, Promise.resolve("lost")])).toMatchObject({
      discontinuity: undefined,
      items: [{ sequenceNumber: 1, value: "x" }],
    });
  });
  await fc.assert(property, { numRuns: 200 });
}, 180_000);

test("who follows a topic with its page is told of every break, and gets what comes after the last", async () => {
  const steps = fc.array(fc.constantFrom("publish", "publish", "publish", "delete", "trim"), {
    minLength: 1,
    maxLength: 8,
  });
  const property = fc.asyncProperty(fc.scheduler(), steps, async (s, planned) => {
    using room = await openRoom(s);
    const following = [follow(room, "t", "current"), follow(room, "t", "current")];
    const working = work(room, planned);
    await s.waitIdle();
    await working;
    const { newest, sequencePage } = await room.look("t");
    for (const { received, breaks } of following) {
      expectToldOfEveryBreak(received, breaks);
      const last = received.at(-1);
      expect([last?.number, last?.page, last?.value]).toEqual([newest, sequencePage, "last"]);
    }
    await stop(room, s, following);
  });
  await fc.assert(property, { numRuns: 400 });
}, 180_000);

interface Received {
  readonly number: number;
  readonly page: number;
  readonly value: unknown;
}

interface Following {
  readonly received: Received[];
  /** Index in `received` of the first item after each discontinuity. */
  readonly breaks: Set<number>;
  readonly ended: Promise<void>;
}

type Room = OpenTopics & {
  readonly engine: FakeEngine;
  /** A request takes its time to come in. */
  arrive(): Promise<void>;
  look(topic: string): Promise<{ newest: number; sequencePage: number }>;
};

/** Every point of every call of the engine waits for its turn, which the scheduler gives. */
async function openRoom(s: fc.Scheduler): Promise<Room> {
  const clock = new ManualClock();
  let isScheduled = false;
  const engine = new FakeEngine(clock, (point, what) =>
    isScheduled ? s.schedule(Promise.resolve(), `${point} ${what}`) : undefined,
  );
  await engine.cacheStore.put(CACHE, { retention: {}, limits: {} });
  const open = openTopics(engine, clock);
  isScheduled = true;
  return {
    ...open,
    engine,
    arrive: () => s.schedule(Promise.resolve(), "arrive"),
    look: (topic) => {
      isScheduled = false;
      const bounds = { itemsMax: 1, bytesMax: 1 };
      return engine.topicLog.read({ cache: CACHE, topic }, "newest", bounds);
    },
    [Symbol.dispose]: () => open[Symbol.dispose](),
  };
}

/** Polls again after each delivery, from what it has, until an empty one. */
function follow(room: Room, topic: string, edition: "seed" | "current"): Following {
  const received: Received[] = [];
  const breaks = new Set<number>();
  const run = async () => {
    let from: Position = { kind: "retained" };
    for (;;) {
      const { discontinuity, items, sequencePage: page } = await poll(room, topic, from);
      if (items.length === 0) return;
      if (discontinuity !== undefined) breaks.add(received.length);
      for (const { sequenceNumber: number, value } of items) received.push({ number, page, value });
      const sequenceNumber = received.at(-1)?.number ?? 0;
      from = { kind: "after", sequenceNumber, sequencePage: edition === "seed" ? 0 : page };
    }
  };
  return { received, breaks, ended: run() };
}

/** Ends who still waits, and sees that nobody is left. */
async function stop(room: Room, s: fc.Scheduler, following: readonly Following[]): Promise<void> {
  room.waiters.close();
  await s.waitIdle();
  await Promise.all(following.map(({ ended }) => ended));
  expect([room.waiters.count(), room.waiters.joined, room.deadlines.size]).toEqual([0, 0, 0]);
}

async function publishAll(room: Room, topics: readonly string[], publisher: string): Promise<void> {
  for (const [index, topic] of topics.entries())
    await publish(room, topic, `${publisher} ${index}`);
}

async function work(room: Room, steps: readonly string[]): Promise<void> {
  for (const step of steps) {
    if (step === "publish") await publish(room, "t", "x");
    else if (step === "delete") await room.engine.topicLog.delete({ cache: CACHE, topic: "t" });
    else {
      await room.engine.cacheStore.put(CACHE, { retention: { topicItems: 1 }, limits: {} });
      await room.engine.cacheStore.put(CACHE, { retention: { topicItems: 0 }, limits: {} });
    }
  }
  await publish(room, "t", "last");
}

async function publish({ arrive, topics }: Room, topic: string, value: string) {
  const message = { value, bytes: value.length, idempotencyKey: undefined };
  await arrive();
  return topics.publish(ADMIN, { cache: CACHE, topic }, message);
}

async function poll({ arrive, topics }: Room, topic: string, from: Position): Promise<Delivery> {
  const wait = { timeoutMs: 3_600_000, hold: () => new AbortController().signal };
  await arrive();
  return topics.subscribe(ADMIN, { cache: CACHE, topic }, from, wait);
}

/** Messages of one publisher keep their order. */
function expectEachInItsOrder(values: readonly unknown[]): void {
  const last = new Map<string, number>();
  for (const value of values) {
    const [publisher = "", index = ""] = String(value).split(" ");
    expect(Number(index)).toBeGreaterThan(last.get(publisher) ?? -1);
    last.set(publisher, Number(index));
  }
}

function expectToldOfEveryBreak(received: readonly Received[], breaks: ReadonlySet<number>): void {
  for (const [index, { number, page }] of received.entries()) {
    const before = received[index - 1];
    if (before === undefined || breaks.has(index)) continue;
    expect([number, page]).toEqual([before.number + 1, before.page]);
  }
}
