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
  expect(acknowledged.filter((message) => !isAt(stored, message)).map(shortened)).toEqual([]);
  expect(stored.filter(({ text }) => !sent.has(text)).map(shortened)).toEqual([]);
  expect(repeated(stored).map(shortened)).toEqual([]);
  const texts = new Set(stored.map(({ text }) => text));
  expect([...sentWithKey].filter((text) => !texts.has(text))).toEqual([]);
  for (const messages of delivered) {
    expect(numbersOf(messages)).toEqual(upTo(stored.length));
    expect(messages.filter(({ number, text }) => stored[number - 1]?.text !== text)).toEqual([]);
  }
  expect(new Set([...acknowledged, ...stored].map(({ page }) => page)).size).toBe(1);
}

function numbersOf(messages: readonly Placed[]): number[] {
  return messages.map(({ number }) => number);
}

function isAt(stored: readonly Placed[], { number, page, text }: Placed): boolean {
  const found = stored[number - 1];
  return found?.text === text && found.page === page;
}

/** Messages whose text came before. */
function repeated(stored: readonly Placed[]): Placed[] {
  const seen = new Set<string>();
  return stored.filter(({ text }) => seen.size === seen.add(text).size);
}

function shortened({ number, page, text }: Placed): string {
  return `${number} (page ${page}): ${text.slice(0, 40)}`;
}
