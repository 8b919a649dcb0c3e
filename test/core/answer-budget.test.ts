// The budget of answers: short ones do not count, and what is taken is given back.

import { expect, test } from "bun:test";
import { AnswerBudget, UNCOUNTED_BYTES_MAX } from "../../src/core/answer-budget.ts";
import { refusal } from "../support/refusal.ts";

const LIMIT = 4 * UNCOUNTED_BYTES_MAX;

test("a short answer does not count, and a longer one does from its first byte", () => {
  const budget = new AnswerBudget(LIMIT);
  const share = budget.open();
  expect(share.take(UNCOUNTED_BYTES_MAX)).toBe(true);
  expect(budget.bytes).toBe(0);
  expect(share.take(1)).toBe(true);
  expect(budget.bytes).toBe(UNCOUNTED_BYTES_MAX + 1);
  share[Symbol.dispose]();
  share[Symbol.dispose]();
  expect(budget.bytes).toBe(0);
});

test("what has no room is not taken, and short answers always have", async () => {
  const budget = new AnswerBudget(LIMIT);
  using first = budget.open();
  expect(first.take(LIMIT)).toBe(true);
  expect(first.take(1)).toBe(false);
  using second = budget.open();
  expect(second.take(UNCOUNTED_BYTES_MAX)).toBe(true);
  expect(second.take(1)).toBe(false);
  expect(await refusal(() => second.require(1))).toMatchObject({
    code: "limit_exceeded",
    limit: "in_flight_bytes_limit_exceeded",
    retryAfterSeconds: 1,
  });
  expect(budget.bytes).toBe(LIMIT);
  first[Symbol.dispose]();
  expect(second.take(1)).toBe(true);
  expect(budget.bytes).toBe(UNCOUNTED_BYTES_MAX + 1);
});

test("a command that goes on after its answer was given back takes nothing", () => {
  const budget = new AnswerBudget(LIMIT);
  const share = budget.open();
  share[Symbol.dispose]();
  expect(share.take(LIMIT)).toBe(false);
  expect(budget.bytes).toBe(0);
});
