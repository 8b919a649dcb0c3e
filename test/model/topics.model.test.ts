// Publish, subscribe, trim, delete and restart on SQLite, against a plain array: no loss, no duplicate, in order.

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Position } from "../../src/core/topics/subscription.ts";
import type { PageBounds, Value } from "../../src/core/topics/topic-log.ts";
import { systemClock } from "../../src/server/system-clock.ts";
import { type OpenTopics, openTopics } from "../support/open-topics.ts";
import { ADMIN } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";
import { SqliteStore } from "../support/sqlite-store.ts";
import { until } from "../support/until.ts";
import { expectedDelivery, type Message, ModelTopic, type Request } from "./model-topic.ts";

const CACHE = "c";
const TOPICS = ["t", "u"];
const PAGE: PageBounds = { itemsMax: 5, bytesMax: 40 };

interface Near {
  readonly end: "zero" | "first" | "newest";
  readonly offset: number;
}

/** A request, before it is known what the topic holds. */
type Wish =
  | { readonly edition: "seed"; readonly near: Near | undefined }
  | {
      readonly edition: "current";
      readonly near: Near;
      readonly page: "unknown" | "own" | "another";
    };

type Step =
  | { kind: "publish"; topic: string; messages: Message[] }
  | { kind: "subscribe"; topic: string; wishes: Wish[] }
  | { kind: "trim"; topicItems: number }
  | { kind: "trim to nothing" }
  | { kind: "delete"; topic: string }
  | { kind: "restart" };

const topic = fc.constantFrom(...TOPICS);
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => Uint8Array.from(bytes)),
  fc.constantFrom("a", "b"),
);
const key = fc.option(fc.constantFrom("k1", "k2"), { nil: undefined, freq: 2 });
/** Most of what can go wrong goes wrong near the ends of what is retained. */
const near = fc.record({
  end: fc.constantFrom("zero", "first", "newest"),
  offset: fc.integer({ min: -2, max: 3 }),
});
const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({
    edition: fc.constant("seed"),
    near: fc.option(near, { nil: undefined, freq: 10 }),
  }),
  fc.record({
    edition: fc.constant("current"),
    near,
    page: fc.constantFrom("unknown", "own", "another"),
  }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("publish"),
      topic,
      messages: fc.array(fc.record({ value, key }), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("subscribe"),
      topic,
      wishes: fc.array(wish, { minLength: 4, maxLength: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("trim"), topicItems: fc.constantFrom(0, 1, 3, 8) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("trim to nothing") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete"), topic }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart") }) },
);

test("whatever is published, trimmed, deleted and restarted, every subscriber gets what an array would give it", async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 40 }),
    async (steps) => {
      const run = await Run.begin();
      try {
        for (const planned of steps) await run.take(planned);
        await run.expectWhole();
        await run.take({ kind: "restart" });
        await run.expectWhole();
      } finally {
        await run.end();
      }
    },
  );
  await fc.assert(property, { numRuns: 25 });
}, 180_000);

class Run {
  #store: SqliteStore;
  #open: OpenTopics;
  readonly #model = new Map<string, ModelTopic>(TOPICS.map((name) => [name, new ModelTopic()]));
  #topicItems = 0;

  private constructor(store: SqliteStore) {
    this.#store = store;
    this.#open = openTopics(store, systemClock, { limits: { page: PAGE } });
  }

  static async begin(): Promise<Run> {
    const store = await SqliteStore.open();
    await store.cacheStore.put(CACHE, { retention: {}, limits: {} });
    return new Run(store);
  }

  async end(): Promise<void> {
    this.#open[Symbol.dispose]();
    await this.#store[Symbol.asyncDispose]();
  }

  async take(planned: Step): Promise<void> {
    switch (planned.kind) {
      case "publish":
        return this.#publish(planned.topic, planned.messages);
      case "subscribe":
        for (const wish of planned.wishes) await this.#subscribe(planned.topic, wish);
        return;
      case "trim":
        return this.#trim(planned.topicItems);
      case "trim to nothing":
        return this.#trimToNothing();
      case "delete":
        return this.#delete(planned.topic);
      case "restart":
        this.#open[Symbol.dispose]();
        this.#store = await this.#store.reopen();
        this.#open = openTopics(this.#store, systemClock, { limits: { page: PAGE } });
    }
  }

  /** Following each topic from nothing gives exactly what the array holds. */
  async expectWhole(): Promise<void> {
    for (const [name, model] of this.#model) {
      const received: { number: number; value: Value }[] = [];
      for (;;) {
        const last = received.at(-1)?.number;
        const from: Position =
          last === undefined
            ? { kind: "retained" }
            : { kind: "after", sequenceNumber: last, sequencePage: model.page };
        const { discontinuity, items } = await this.#poll(name, from);
        expect(discontinuity).toBeUndefined();
        if (items.length === 0) break;
        received.push(...items.map((item) => ({ number: item.sequenceNumber, value: item.value })));
      }
      expect(received).toEqual(model.items);
    }
  }

  /** All called at once, so that they share commits. */
  async #publish(name: string, messages: readonly Message[]): Promise<void> {
    const model = this.#topic(name);
    const calls = messages.map(({ value, key }) => {
      const bytes = Buffer.byteLength(value);
      return this.#open.topics.publish(ADMIN, nameOf(name), { value, bytes, idempotencyKey: key });
    });
    const settled = Promise.allSettled(calls);
    for (const [index, message] of messages.entries()) {
      const expected = model.publish(message, this.#topicItems);
      if (expected === "refused") {
        expect((await refusal(() => calls[index])).code).toBe("invalid_argument");
        continue;
      }
      const appended = await calls[index]!;
      expect(appended).toMatchObject(expected);
      model.notePage(appended.sequencePage);
    }
    await settled;
  }

  async #subscribe(name: string, wish: Wish): Promise<void> {
    const model = this.#topic(name);
    const request = requestOf(wish, model);
    const delivery = await this.#poll(name, positionOf(request, model));
    const { discontinuity, items } = expectedDelivery(model, request, PAGE);
    expect(delivery.discontinuity).toEqual(discontinuity);
    const received = delivery.items.map((item) => ({
      number: item.sequenceNumber,
      value: item.value,
    }));
    expect(received).toEqual([...items]);
    if (items.length > 0) expect(delivery.sequencePage).toBe(model.page);
  }

  async #trim(topicItems: number): Promise<void> {
    this.#topicItems = topicItems;
    await this.#store.cacheStore.put(CACHE, { retention: { topicItems }, limits: {} });
    if (topicItems === 0) return;
    await until("every topic is down to its bound", async () => {
      const topics = await this.#store.topicLog.list(CACHE, "", 10);
      return topics.every(({ oldest, newest }) => newest - oldest + 1 <= topicItems);
    });
    for (const model of this.#model.values()) model.trim(topicItems);
  }

  async #trimToNothing(): Promise<void> {
    await this.#store.cacheStore.put(CACHE, { retention: { bytes: 1 }, limits: {} });
    await until("nothing is retained", async () => {
      const usage = await this.#store.cacheStore.usage(CACHE);
      return usage?.bytes === 0;
    });
    await this.#store.cacheStore.put(CACHE, { retention: { bytes: null }, limits: {} });
    for (const model of this.#model.values()) model.items = [];
  }

  async #delete(name: string): Promise<void> {
    const model = this.#topic(name);
    const deleting = () => this.#open.topics.delete(ADMIN, nameOf(name));
    if (model.exists) await deleting();
    else expect((await refusal(deleting)).code).toBe("topic_not_found");
    model.delete();
  }

  #poll(name: string, from: Position) {
    const wait = { timeoutMs: 0, hold: () => new AbortController().signal };
    return this.#open.topics.subscribe(ADMIN, nameOf(name), from, wait);
  }

  #topic(name: string): ModelTopic {
    const model = this.#model.get(name);
    if (model === undefined) throw new Error(`no model of ${name}`);
    return model;
  }
}

function nameOf(topic: string) {
  return { cache: CACHE, topic };
}

function requestOf(wish: Wish, model: ModelTopic): Request {
  if (wish.edition === "current") return { ...wish, number: numberOf(wish.near, model) };
  return { ...wish, number: wish.near && numberOf(wish.near, model) };
}

function numberOf({ end, offset }: Near, { items, newest }: ModelTopic): number {
  const ends = { zero: 0, first: items[0]?.number ?? newest + 1, newest };
  return Math.max(0, ends[end] + offset);
}

/** As the HTTP API understands the two editions. */
function positionOf(request: Request, model: ModelTopic): Position {
  if (request.edition === "seed") {
    if (request.number === undefined) return { kind: "latest", sequencePage: 0 };
    if (request.number === 0) return { kind: "retained" };
    return { kind: "after", sequenceNumber: request.number, sequencePage: 0 };
  }
  const sequencePage = model.pageOf(request.page);
  if (request.number === 0) return { kind: "latest", sequencePage };
  return { kind: "after", sequenceNumber: request.number - 1, sequencePage };
}
