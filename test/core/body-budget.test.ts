// The budget of request bodies: what is taken is given back, whatever became of the request.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BodyBudget, type BodyShare } from "../../src/core/body-budget.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusal } from "../support/refusal.ts";
import { isPending } from "../support/turns.ts";

describe("room", () => {
  test("is had to the last byte, and one more is refused and not counted", async () => {
    using room = open({ bytesMax: 10 });
    using share = room.budget.open();
    share.take(4);
    share.take(6);
    expect(await refusal(() => share.take(1))).toMatchObject({
      code: "limit_exceeded",
      limit: "in_flight_bytes_limit_exceeded",
      retryAfterSeconds: 1,
    });
    expect(room.budget.bytes).toBe(10);
    share.take(0);
  });

  test("that one request gives back another may take", async () => {
    using room = open({ bytesMax: 10 });
    const first = room.budget.open();
    using second = room.budget.open();
    first.take(7);
    await refusal(() => second.take(7));
    first[Symbol.dispose]();
    second.take(7);
    expect(room.budget.bytes).toBe(7);
  });

  test("is given back once, however often a share is disposed", () => {
    using room = open({ bytesMax: 10 });
    using other = room.budget.open();
    other.take(5);
    const share = room.budget.open();
    share.take(5);
    share[Symbol.dispose]();
    share[Symbol.dispose]();
    expect(room.budget.bytes).toBe(5);
  });

  test("is not taken by a reader that goes on after its share was given back", () => {
    using room = open({ bytesMax: 10 });
    const share = room.budget.open();
    share[Symbol.dispose]();
    expect(() => share.take(1)).toThrow("given back");
    expect(room.budget.bytes).toBe(0);
  });

  test("whatever is taken and given back, the sum is that of the open shares and within the bound", () => {
    const steps = fc.array(fc.tuple(fc.nat(4), fc.nat(60), fc.boolean()), { maxLength: 60 });
    const property = fc.property(steps, (sequence) => {
      using room = open({ bytesMax: 100 });
      const held = new Map<number, { share: BodyShare; bytes: number }>();
      for (const [who, bytes, isEnd] of sequence) {
        const holder = held.get(who) ?? { share: room.budget.open(), bytes: 0 };
        held.set(who, holder);
        const free = 100 - sum(held);
        if (isEnd) {
          holder.share[Symbol.dispose]();
          held.delete(who);
        } else if (bytes <= free) {
          holder.share.take(bytes);
          holder.bytes += bytes;
        } else {
          expect(() => holder.share.take(bytes)).toThrow("Too many bytes");
        }
        expect(room.budget.bytes).toBe(sum(held));
      }
      for (const { share } of held.values()) share[Symbol.dispose]();
      expect(room.budget.bytes).toBe(0);
    });
    fc.assert(property);
  });
});

describe("time", () => {
  test("a body that does not arrive is late, and no deadline is left", async () => {
    using room = open({ secondsMax: 60 });
    const arrival = room.budget.bound(new Promise<never>(() => {}));
    room.clock.advance(59_999);
    expect(await isPending(arrival)).toBe(true);
    room.clock.advance(200);
    expect(await refusal(() => arrival)).toMatchObject({
      code: "body_late",
      message: "The body did not arrive within 60 seconds.",
    });
    expect(room.deadlines.size).toBe(0);
  });

  test("a body that arrives or breaks off has no deadline any more", async () => {
    using room = open({ secondsMax: 60 });
    expect(await room.budget.bound(Promise.resolve("whole"))).toBe("whole");
    const broken = new Error("the client is gone");
    expect(room.budget.bound(Promise.reject(broken))).rejects.toBe(broken);
    await Promise.resolve();
    expect(room.deadlines.size).toBe(0);
  });
});

function open({ bytesMax = 100, secondsMax = 1 }: { bytesMax?: number; secondsMax?: number }) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const budget = new BodyBudget(deadlines, { bytesMax, secondsMax });
  return { clock, deadlines, budget, [Symbol.dispose]: () => deadlines[Symbol.dispose]() };
}

function sum(held: ReadonlyMap<unknown, { readonly bytes: number }>): number {
  return [...held.values()].reduce((total, { bytes }) => total + bytes, 0);
}
