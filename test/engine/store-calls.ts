// Short ways to call an engine, for suites whose tests are about one thing.

import { afterAll, beforeAll } from "bun:test";
import { type CacheOverrides, NO_OVERRIDES } from "../../src/core/caches/cache.ts";
import type {
  Append,
  Appended,
  PageBounds,
  ReadFrom,
  TopicRead,
  Value,
} from "../../src/core/topics/topic-log.ts";
import {
  type EngineSettings,
  type OpenEngine,
  type OpenWith,
  UNBOUNDED,
} from "../support/open-engine.ts";

export const CACHE = "c";
/** No value that the types allow; it makes the writer throw in the middle of its group. */
export const POISON = { length: 1 } as unknown as Value;
export const WIDE: PageBounds = { itemsMax: 10_000, bytesMax: 100_000_000 };

/** An engine with the cache that the other calls are about. */
export async function openWithCache(
  open: OpenWith,
  settings: Partial<EngineSettings> = {},
): Promise<OpenEngine> {
  const engine = await open(settings);
  await engine.cacheStore.put(CACHE, NO_OVERRIDES);
  return engine;
}

/** One engine for all tests of a `describe`, for those that keep apart by their topics. */
export function shareEngine(open: OpenWith): () => OpenEngine {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await openWithCache(open);
  });
  afterAll(() => engine[Symbol.asyncDispose]());
  return () => engine;
}

/** A topic that no other test writes to. */
export function ownTopic(): string {
  return crypto.randomUUID();
}

export function append(
  { topicLog }: Pick<OpenEngine, "topicLog">,
  topic: string,
  value: Value,
  more: Partial<Append> = {},
): Promise<Appended> {
  const name = { cache: CACHE, topic };
  return topicLog.append({
    publisherId: undefined,
    idempotencyKey: undefined,
    ...more,
    ...name,
    value,
  });
}

/** Appends `prefix1`, `prefix2` and so on, all called at once. */
export function appendMany(
  engine: Pick<OpenEngine, "topicLog">,
  topic: string,
  count: number,
  prefix = "m",
): Promise<Appended[]> {
  return Promise.all(upTo(count).map((index) => append(engine, topic, `${prefix}${index}`)));
}

export function read(
  { topicLog }: Pick<OpenEngine, "topicLog">,
  topic: string,
  from: ReadFrom = "oldest",
  bounds: Partial<PageBounds> = {},
): Promise<TopicRead> {
  return topicLog.read({ cache: CACHE, topic }, from, { ...WIDE, ...bounds });
}

export function put(
  { cacheStore }: Pick<OpenEngine, "cacheStore">,
  { retention = {}, limits = {} }: Partial<CacheOverrides>,
  cache = CACHE,
) {
  return cacheStore.put(cache, { retention, limits });
}

/** Defaults with one retention figure set. */
export function keeping(retention: Partial<typeof UNBOUNDED.retention>): Partial<EngineSettings> {
  return { defaults: { ...UNBOUNDED, retention: { ...UNBOUNDED.retention, ...retention } } };
}

/** Defaults with one limit set. */
export function limitedTo(limits: Partial<typeof UNBOUNDED.limits>): Partial<EngineSettings> {
  return { defaults: { ...UNBOUNDED, limits: { ...UNBOUNDED.limits, ...limits } } };
}

export function numbers({ items }: Pick<TopicRead, "items">): number[] {
  return items.map(({ sequenceNumber }) => sequenceNumber);
}

export function values({ items }: Pick<TopicRead, "items">): Value[] {
  return items.map(({ value }) => value);
}

/** 1 to `last`. */
export function upTo(last: number): number[] {
  return span(1, last);
}

export function span(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
