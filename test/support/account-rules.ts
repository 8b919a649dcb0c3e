// What must be true of an account however often the server was killed.

import { expect } from "bun:test";
import { upTo } from "../conformance/momento-http/answers.ts";
import type { Account, Placed } from "./crash-load.ts";

export function expectNothingLost({
  acknowledged,
  sent,
  sentWithKey,
  unanswered,
  stored,
  delivered,
}: Account): void {
  // Otherwise the kills did not come in the middle of anything.
  expect(unanswered).toBeGreaterThan(0);
  expect(numbersOf(stored)).toEqual(upTo(stored.length));
  expect(acknowledged.filter((placed) => !isAt(stored, placed))).toEqual([]);
  expect(stored.filter(({ message }) => !sent.has(message))).toEqual([]);
  expect(repeated(stored)).toEqual([]);
  const kept = new Set(stored.map(({ message }) => message));
  expect([...sentWithKey].filter((message) => !kept.has(message))).toEqual([]);
  for (const all of delivered) {
    expect(numbersOf(all)).toEqual(upTo(stored.length));
    expect(all.map(({ message }) => message)).toEqual(stored.map(({ message }) => message));
  }
  expect(new Set([...acknowledged, ...stored].map(({ page }) => page)).size).toBe(1);
}

function numbersOf(messages: readonly Placed[]): number[] {
  return messages.map(({ number }) => number);
}

function isAt(stored: readonly Placed[], { number, page, message }: Placed): boolean {
  const found = stored[number - 1];
  return found?.message === message && found.page === page;
}

/** Those that came before under another number. */
function repeated(stored: readonly Placed[]): Placed[] {
  const seen = new Set<string>();
  return stored.filter(({ message }) => seen.size === seen.add(message).size);
}
