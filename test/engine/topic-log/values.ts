// Values: text stays text and bytes stay bytes, to the last of them.

import { describe, expect, test } from "bun:test";
import type { Value } from "../../../src/core/topics/topic-log.ts";
import type { OpenEngine, OpenWith } from "../../support/open-engine.ts";
import {
  append,
  CACHE,
  numbers,
  openWithCache,
  ownTopic,
  read,
  shareEngine,
  span,
  values,
} from "../store-calls.ts";

const TEXTS: [string, string][] = [
  ["an empty one", ""],
  ["a NUL", "\0"],
  ["NULs within", "a\0b\0"],
  ["a byte order mark first", "\uFEFFtext"],
  ["nothing but a byte order mark", "\uFEFF"],
  ["a byte order mark the wrong way round", "\uFFFEtext"],
  ["emoji", "😀👩‍👩‍👧‍👦"],
  ["U+FFFF", "\uFFFF"],
  ["the last code point", "\u{10FFFF}"],
  ["the replacement character", "\uFFFD"],
  ["control characters and quotes", '\u0001\u001f\u007f\u0080"\\\r\n\t\u2028\u2029'],
  ["digits", "007"],
  ["what looks like JSON", '{"binary":0}'],
  ["what looks like SQL", "'; DROP TABLE items; --"],
  ["combining marks as they were given", "e\u0301 \u00e9"],
];

const BINARIES: [string, Uint8Array<ArrayBuffer>][] = [
  ["none", Uint8Array.of()],
  ["a zero", Uint8Array.of(0)],
  ["every value", Uint8Array.from(span(0, 255))],
  ["no UTF-8", Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80)],
  ["text", new TextEncoder().encode("text")],
  ["a part of a larger buffer", Uint8Array.from(span(0, 99)).subarray(40, 45)],
];

export function valueRules(open: OpenWith): void {
  describe("values", () => {
    const engine = shareEngine(open);

    test.each<[string, Value]>(TEXTS)("text stays text: %s", async (_, text) => {
      await expectKept(engine(), text);
    });

    test.each<[string, Value]>(BINARIES)("bytes stay bytes: %s", async (_, bytes) => {
      await expectKept(engine(), bytes);
    });

    test("a mebibyte comes back whole, as text and as bytes", async () => {
      const random = crypto.getRandomValues(new Uint8Array(65_536));
      const bytes = Uint8Array.from({ length: 1_048_576 }, (_, i) => random[i % 65_536]!);
      await expectKept(engine(), bytes);
      await expectKept(engine(), "ä\0".repeat(349_525));
    });

    test("text and bytes that are called at once keep their kinds and their order", async () => {
      const topic = ownTopic();
      const mixed = span(0, 99).map((n) => (n % 3 === 0 ? Uint8Array.of(n) : `text ${n}`));
      await Promise.all(mixed.map((value) => append(engine(), topic, value)));
      expect(values(await read(engine(), topic))).toEqual(mixed);
    });

    test("any names that differ name different topics, and publishers keep theirs", async () => {
      await using first = await openWithCache(open);
      const like = ["X", " x", "x ", "\uFEFFx", "é", "e\u0301"];
      const names = [...like, "x", "__proto__", "😀", "a/b", "%"];
      for (const name of names) await append(first, name, name, { publisherId: name });
      await using again = await first.reopen();
      for (const name of names) {
        const { items } = await read(again, name);
        expect(items).toHaveLength(1);
        expect(items[0]).toMatchObject({ value: name, publisherId: name });
      }
      const listed = await again.topicLog.list(CACHE, "", 100);
      expect(listed.map(({ topic }) => topic).toSorted()).toEqual(names.toSorted());
    });
  });
}

async function expectKept(engine: OpenEngine, value: Value): Promise<void> {
  const topic = ownTopic();
  await append(engine, topic, value);
  const seen = await read(engine, topic);
  expect(numbers(seen)).toEqual([1]);
  expectSame(seen.items[0]!.value, value);
}

/** Unlike `toEqual`, tells a string of other code units from the same one and prints neither. */
function expectSame(value: Value, expected: Value): void {
  expect(typeof value).toBe(typeof expected);
  if (typeof value === "string") expect(value === expected).toBe(true);
  else expect(Buffer.compare(value, Buffer.from(expected))).toBe(0);
}
