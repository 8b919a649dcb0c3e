// A cache on the fake engine, with short ways to publish to its topic and to subscribe to it.

import type { Principal } from "../../../src/core/access/principal.ts";
import { NO_OVERRIDES } from "../../../src/core/caches/cache.ts";
import type { Delivery, Position } from "../../../src/core/topics/subscription.ts";
import type { Message } from "../../../src/core/topics/topics.ts";
import { FakeEngine, type Point, type Weather } from "../../support/fake-engine.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { openTopics, type TopicsOptions } from "../../support/open-topics.ts";
import { principal } from "../../support/principals.ts";

export const NAME = { cache: "c", topic: "t" };
export const HOUR_MS = 3_600_000;
export const WRITE_MS_MAX = 10_000;
const LATEST: Position = { kind: "latest", sequencePage: 0 };
export const RETAINED: Position = { kind: "retained" };

export interface Subscribing {
  readonly from?: Position;
  readonly who?: Principal;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly topic?: string;
}

export async function openRoom(options: TopicsOptions = {}) {
  const clock = new ManualClock();
  const weather = new ControlledWeather();
  const engine = new FakeEngine(clock, weather.ask);
  await engine.cacheStore.put(NAME.cache, NO_OVERRIDES);
  const open = openTopics(engine, clock, { writeMsMax: WRITE_MS_MAX, ...options });
  let holds = 0;
  return {
    ...open,
    clock,
    engine,
    weather,
    /** How often a request was told that it will wait. */
    holds: () => holds,
    publish: (value: Message["value"], idempotencyKey?: string, who = principal()) => {
      const bytes = Buffer.byteLength(value);
      const message = { value, bytes, idempotencyKey };
      return Promise.try(() => open.topics.publish(who, NAME, message));
    },
    subscribe: (subscribing: Subscribing = {}): Promise<Delivery> => {
      const { from = LATEST, who = principal(), timeoutMs = HOUR_MS } = subscribing;
      const { signal = new AbortController().signal, topic = NAME.topic } = subscribing;
      const hold = () => {
        holds += 1;
        return signal;
      };
      return open.topics.subscribe(who, { ...NAME, topic }, from, { timeoutMs, hold });
    },
    /** What requests left behind: all zero when none is running. */
    left: () => [open.waiters.count(), open.waiters.joined, open.deadlines.size],
  };
}

export type Room = Awaited<ReturnType<typeof openRoom>>;

export function after(sequenceNumber: number, sequencePage = 0): Position {
  return { kind: "after", sequenceNumber, sequencePage };
}

export function texts({ items }: Delivery): unknown[] {
  return items.map(({ value }) => value);
}

/** Fair until a test says otherwise. */
class ControlledWeather {
  readonly asked: Point[] = [];
  #now: Weather = () => {};

  readonly ask: Weather = (point, what) => {
    this.asked.push(point);
    return this.#now(point, what);
  };

  /** Holds calls up at this point until the function that is returned is called. */
  hold(point: Point): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#now = (asked) => (asked === point ? promise : undefined);
    return () => {
      this.clear();
      resolve();
    };
  }

  /** Fails calls at this point. */
  fail(point: Point, cause: Error): void {
    this.#now = (asked) => {
      if (asked === point) throw cause;
    };
  }

  clear(): void {
    this.#now = () => {};
  }
}
