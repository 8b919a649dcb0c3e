// The Topics service on an engine and a clock of the test's choice.

import { RateLimits } from "../../src/core/access/rate-limits.ts";
import type { Clock } from "../../src/core/clock.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { Topics, type TopicsLimits } from "../../src/core/topics/topics.ts";
import { type WaiterLimits, Waiters } from "../../src/core/topics/waiters.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import type { OpenEngine } from "./open-engine.ts";
import { unheardAudit } from "./unheard-audit.ts";

export interface TopicsOptions {
  readonly limits?: Partial<TopicsLimits>;
  readonly waiters?: Partial<WaiterLimits>;
  readonly writeMsMax?: number;
}

export interface OpenTopics extends Disposable {
  readonly topics: Topics;
  readonly waiters: Waiters;
  readonly deadlines: Deadlines;
}

export function openTopics(
  { topicLog, cacheStore }: Pick<OpenEngine, "topicLog" | "cacheStore">,
  clock: Clock,
  { limits, waiters: waiterLimits, writeMsMax = 10_000 }: TopicsOptions = {},
): OpenTopics {
  const waiters = new Waiters({ serverMax: 0, tokenMax: 0, ...waiterLimits });
  const deadlines = new Deadlines(clock);
  const topics = new Topics(
    topicLog,
    cacheStore,
    waiters,
    new RateLimits(clock),
    deadlines,
    new WriteDeadline(deadlines, writeMsMax),
    {
      messageBytesMax: 1000,
      page: { itemsMax: 100, bytesMax: 100_000 },
      tokenPublishesPerSecond: 0,
      tokenBytesPerSecond: 0,
      ...limits,
    },
    unheardAudit,
  );
  return {
    topics,
    waiters,
    deadlines,
    [Symbol.dispose]() {
      topics[Symbol.dispose]();
      deadlines[Symbol.dispose]();
    },
  };
}
