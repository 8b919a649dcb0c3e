// Deadlines: one timer for all, never early, and late by a tick at most.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Deadlines } from "../../src/core/deadlines.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { isPending } from "../support/turns.ts";

const TICK_MS = 100;
const NOON = 1_700_000_000_000;

describe("after", () => {
  test("a deadline never fires early and at most 100 ms late, wherever in a tick it is set", () => {
    const ms = fc.integer({ min: 0, max: 1000 });
    const property = fc.property(ms, ms, ms, (firstAt, pauseMs, delayMs) => {
      const clock = new ManualClock(NOON + firstAt);
      using deadlines = new Deadlines(clock);
      // Another one, so that the timer runs already.
      deadlines.after(5000, () => {});
      clock.advance(pauseMs);
      const due = clock.now() + delayMs;
      let firedAt: number | undefined;
      deadlines.after(delayMs, () => {
        firedAt = clock.now();
      });
      clock.advance(delayMs + 2 * TICK_MS);
      expect(firedAt).toBeWithin(due, due + TICK_MS + 1);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test("each fires once, in the order of their times", () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    const fired: number[] = [];
    for (const delayMs of [900, 300, 600, 300]) deadlines.after(delayMs, () => fired.push(delayMs));
    clock.advance(5000);
    expect(fired).toEqual([300, 300, 600, 900]);
  });

  test("one that was called off does not fire, also when another of the same tick calls it off", () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    const fired: string[] = [];
    const callOff = [deadlines.after(500, () => fired.push("first"))];
    callOff[0]!();
    deadlines.after(500, () => callOff[1]!());
    callOff.push(deadlines.after(500, () => fired.push("second")));
    clock.advance(1000);
    expect(fired).toEqual([]);
    expect(deadlines.size).toBe(0);
  });

  test("one that is set by another that fires has its own time", () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    const fired: number[] = [];
    deadlines.after(200, () => {
      deadlines.after(300, () => fired.push(clock.now() - NOON));
    });
    clock.advance(2000);
    expect(fired).toHaveLength(1);
    expect(fired[0]!).toBeWithin(500, 500 + 2 * TICK_MS + 1);
  });

  test("ten thousand deadlines take one timer, and none is left when all are over", () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    for (let delayMs = 0; delayMs < 10_000; delayMs += 1) deadlines.after(delayMs, () => {});
    expect([clock.timers, deadlines.size]).toEqual([1, 10_000]);
    clock.advance(20_000);
    expect([clock.timers, deadlines.size]).toEqual([0, 0]);
  });

  test("no timer runs on when all were called off", () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    deadlines.after(60_000, () => {})();
    clock.advance(500);
    expect([clock.timers, deadlines.size]).toEqual([0, 0]);
  });

  test("after the clock was set forward, what is due by it fires", () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    let fired = 0;
    deadlines.after(60_000, () => {
      fired += 1;
    });
    clock.step(3_600_000);
    clock.advance(2 * TICK_MS);
    expect(fired).toBe(1);
  });

  test("after the clock was set back, a new deadline still has its own length", () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    deadlines.after(7_200_000, () => {});
    clock.advance(1000);
    clock.step(-3_600_000);
    let fired = 0;
    deadlines.after(1000, () => {
      fired += 1;
    });
    clock.advance(1000 + 2 * TICK_MS);
    expect(fired).toBe(1);
  });

  test("nothing fires after disposal", () => {
    const clock = new ManualClock(NOON);
    const deadlines = new Deadlines(clock);
    let fired = 0;
    deadlines.after(500, () => {
      fired += 1;
    });
    deadlines[Symbol.dispose]();
    clock.advance(5000);
    expect([fired, clock.timers, deadlines.size]).toEqual([0, 0, 0]);
  });
});

describe("bound", () => {
  const late = () => new Error("late");

  test("work that ends in time settles as it does, and leaves no deadline", async () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    expect(await deadlines.bound(Promise.resolve(7), 1000, late)).toBe(7);
    const failing = deadlines.bound(Promise.reject(new Error("own")), 1000, late);
    expect(await failing.catch((cause: Error) => cause.message)).toBe("own");
    expect(deadlines.size).toBe(0);
  });

  test("work that takes longer is rejected with what was asked for, at its deadline", async () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    const bound = deadlines.bound(new Promise(() => {}), 1000, late);
    clock.advance(900);
    expect(await isPending(bound)).toBe(true);
    clock.advance(100 + 2 * TICK_MS);
    expect(await bound.catch((cause: Error) => cause.message)).toBe("late");
  });

  test("what the work does after its deadline bothers nobody", async () => {
    const clock = new ManualClock(NOON);
    using deadlines = new Deadlines(clock);
    const work = Promise.withResolvers<number>();
    const bound = deadlines.bound(work.promise, 1000, late).catch((cause: Error) => cause.message);
    clock.advance(1000 + 2 * TICK_MS);
    work.reject(new Error("own"));
    expect(await bound).toBe("late");
  });
});
