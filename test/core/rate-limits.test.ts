// Rate limits: so much a second, no more over any time, and everything gets through in the end.

import { describe, expect, test } from "bun:test";
import { type RateCause, RateLimits } from "../../src/core/access/rate-limits.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusal } from "../support/refusal.ts";

const COUNT: RateCause = "operations_rate_limit_exceeded";
const BYTES: RateCause = "throughput_rate_limit_exceeded";

describe("take", () => {
  test("0 is no limit", () => {
    const { take } = open();
    for (let index = 0; index < 10_000; index += 1) take(0, 1_000_000);
  });

  test("a second's worth goes at once, then as much as time brings", async () => {
    const { clock, take, passed } = open();
    expect(passed(15, 10, 1)).toBe(10);
    expect((await refusal(() => take(10, 1))).code).toBe("limit_exceeded");
    clock.advance(300);
    expect(passed(15, 10, 1)).toBe(3);
    clock.advance(10_000);
    expect(passed(15, 10, 1)).toBe(10);
  });

  test("over a long time no more passes than the rate", () => {
    const { clock, passed } = open();
    let total = 0;
    for (let tenth = 0; tenth < 600; tenth += 1) {
      total += passed(20, 10, 1);
      clock.advance(100);
    }
    expect(total).toBeWithin(600, 611);
  });

  test("what is refused is not counted", () => {
    const { clock, passed } = open();
    expect(passed(1000, 10, 1)).toBe(10);
    clock.advance(1000);
    expect(passed(1000, 10, 1)).toBe(10);
  });

  test("a message larger than a second's worth passes when the bucket is full, and is paid for after", async () => {
    const { clock, take } = open();
    take(100, 350, BYTES);
    clock.advance(3400);
    await refusal(() => take(100, 100, BYTES));
    await refusal(() => take(100, 350, BYTES));
    clock.advance(100);
    take(100, 100, BYTES);
  });

  const waits: [string, number, number, number][] = [
    ["a message a second", 1, 1, 1],
    ["ten messages a second", 10, 1, 1],
    ["a large message, in debt", 100, 450, 5],
  ];
  test.each(waits)(
    "says after how many seconds a retry has a chance: %s",
    async (_, perSecond, amount, seconds) => {
      const { clock, take } = open();
      take(perSecond, perSecond, BYTES);
      clock.advance(1000);
      take(perSecond, amount, BYTES);
      for (let index = amount; index < perSecond; index += amount) take(perSecond, amount, BYTES);
      const error = await refusal(() => take(perSecond, amount, BYTES));
      expect(error).toMatchObject({
        code: "limit_exceeded",
        limit: BYTES,
        retryAfterSeconds: seconds,
      });
      clock.advance(error.retryAfterSeconds * 1000);
      take(perSecond, amount, BYTES);
    },
  );

  test("the message says whose limit it is, and no token", async () => {
    const { take } = open();
    take(1, 1, COUNT, "token secret-id");
    const error = await refusal(() => take(1, 1, COUNT, "token secret-id"));
    expect(error.message).toContain("token");
    expect(error.message).not.toContain("secret-id");
  });

  test("tokens, caches and kinds of limit do not share", () => {
    const { take } = open();
    for (const whose of ["token a", "token b", "cache a"]) {
      for (const cause of [COUNT, BYTES]) take(1, 1, cause, whose);
    }
  });

  test("a clock that was set back neither gives nor takes", async () => {
    const { clock, take, passed } = open();
    expect(passed(10, 10, 1)).toBe(10);
    clock.step(-3_600_000);
    await refusal(() => take(10, 1));
    clock.advance(1000);
    expect(passed(20, 10, 1)).toBe(10);
  });
});

function open() {
  const clock = new ManualClock();
  const limits = new RateLimits(clock);
  const take = (perSecond: number, amount: number, cause: RateCause = COUNT, whose = "token id") =>
    limits.take(whose, perSecond, amount, cause);
  /** Of so many attempts. */
  const passed = (attempts: number, perSecond: number, amount: number) => {
    let count = 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        take(perSecond, amount);
        count += 1;
      } catch {
        // Refused.
      }
    }
    return count;
  };
  return { clock, take, passed };
}
