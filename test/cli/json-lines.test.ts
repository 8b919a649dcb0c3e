// Lines are found wherever the pieces of a pipe are cut.

import { describe, expect, test } from "bun:test";
import { linesOf } from "../../src/cli/json-lines.ts";

const TEXT = '{"a":"é😀"}\n\n  \r\n[1]\r\n"end"';
const LINES = [
  { number: 1, text: '{"a":"é😀"}' },
  { number: 4, text: "[1]\r" },
  { number: 5, text: '"end"' },
];

describe("lines", () => {
  test.each([1, 2, 3, 7, 1000])("in pieces of %d bytes", async (size) => {
    expect(await all(new TextEncoder().encode(TEXT), size)).toEqual(LINES);
    expect(await all(new TextEncoder().encode(`${TEXT}\n`), size)).toEqual(LINES);
  });

  test("of nothing are none", async () => {
    expect(await all(new Uint8Array(0), 1)).toEqual([]);
  });

  test("that are not UTF-8 are told by their number", async () => {
    const error = await all(Uint8Array.of(91, 93, 10, 0xff), 2).catch((cause: unknown) => cause);
    expect(String(error)).toContain("Line 2 is not UTF-8.");
  });
});

async function all(bytes: Uint8Array, size: number) {
  return await Array.fromAsync(linesOf(pieces(bytes, size)));
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
}
