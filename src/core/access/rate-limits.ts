// How much a token, a cache or a user may do in a second.

import type { Clock } from "../clock.ts";
import { type LimitCause, limitExceeded } from "../errors.ts";
import { TwoGenerationMap } from "../two-generation-map.ts";

const BUCKETS_MAX = 100_000;

/** What may be done N times a second. */
const DEEDS = {
  operations_rate_limit_exceeded: "publish N messages",
  throughput_rate_limit_exceeded: "publish N bytes",
  requests_rate_limit_exceeded: "make N requests",
  commands_rate_limit_exceeded: "send N commands",
} satisfies Partial<Record<LimitCause, string>>;

export type RateCause = keyof typeof DEEDS;

interface Bucket {
  level: number;
  filledAt: number;
}

/**
 * Token buckets that hold one second's worth. A message larger than that passes when the bucket is
 * full and leaves it in debt, so that every message gets through in the end and the rate holds.
 */
export class RateLimits {
  readonly #clock: Clock;
  readonly #buckets = new TwoGenerationMap<string, Bucket>(BUCKETS_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes `amount` from what `whose` may use of `perSecond` (0: no limit), or throws `limit_exceeded`. */
  take(whose: string, perSecond: number, amount: number, cause: RateCause): void {
    if (perSecond === 0) return;
    const key = `${cause} ${whose}`;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { level: perSecond, filledAt: now };
    const elapsedMs = Math.max(0, now - bucket.filledAt);
    const level = Math.min(perSecond, bucket.level + (elapsedMs * perSecond) / 1000);
    const needed = Math.min(amount, perSecond);
    this.#buckets.set(key, { level: level < needed ? level : level - amount, filledAt: now });
    if (level >= needed) return;
    const waitSeconds = Math.max(1, Math.ceil((needed - level) / perSecond));
    throw limitExceeded(
      cause,
      `The ${whose.split(" ", 1)[0]} may ${DEEDS[cause]} a second.`.replace("N", `${perSecond}`),
      waitSeconds,
    );
  }
}
