// Names: what a cache, a topic or a token may be called.

import { describe, expect, test } from "bun:test";

import {
  isName,
  isTokenId,
  requireName,
  requirePlainName,
  requireTokenId,
} from "../../src/core/names.ts";

import { refusal } from "../support/refusal.ts";

const GOOD: [string, string][] = [
  ["one character", "a"],
  ["255 bytes of ASCII", "a".repeat(255)],
  ["255 bytes of two each and one", `a${"é".repeat(127)}`],
  ["255 bytes of three each", "€".repeat(85)],
  ["252 bytes of four each", "😀".repeat(63)],
  ["a space", "a b"],
  ["nothing but a space", " "],
  ["a slash", "a/b"],
  ["dots that are not alone", "..."],
  ["a dot first", ".a"],
  ["a percent sign", "%2F"],
  ["quotes", "'\"`"],
  ["what every object has", "__proto__"],
  ["a byte order mark", "\uFEFFa"],
  ["U+FFFF", "\uFFFF"],
  ["the last code point", "\u{10FFFF}"],
  ["just above the control characters", "\u0020a\u007e\u00a0"],
];

const WILD: [string, string][] = [
  ["the wildcard", "*"],
  ["a prefix", "a*"],
];

const BAD: [string, string][] = [
  ["empty", ""],
  ["a dot", "."],
  ["two dots", ".."],
  ["256 bytes of ASCII", "a".repeat(256)],
  ["256 bytes of two each", "é".repeat(128)],
  ["258 bytes of three each", "€".repeat(86)],
  ["256 bytes of four each", "😀".repeat(64)],
  ["far too long", "a".repeat(1_000_000)],
  ["NUL", "a\0"],
  ["a line break", "a\n"],
  ["a tab", "\ta"],
  ["U+001F", "\u001f"],
  ["DEL", "\u007f"],
  ["U+0080", "\u0080"],
  ["U+009F", "\u009f"],
  ["the replacement character", "\ufffd"],
  ["half an emoji", "a\ud83d"],
  ["the other half", "\ude00a"],
];

describe("a name", () => {
  test.each(GOOD)("may be %s", (_, name) => {
    expect(isName(name)).toBe(true);
    expect(requireName("topic name", name)).toBe(name);
  });

  test.each([...BAD, ...WILD])("may not be %s", async (_, name) => {
    expect(isName(name)).toBe(false);
    const error = await refusal(() => requireName("topic name", name));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain("topic name");
  });
});

describe("the id of a token", () => {
  test.each([...GOOD, ...WILD])("may be %s", (_, id) => {
    expect(isTokenId(id)).toBe(true);
    expect(requireTokenId(id)).toBe(id);
  });

  test.each(BAD)("may not be %s", async (_, id) => {
    expect(isTokenId(id)).toBe(false);
    const error = await refusal(() => requireTokenId(id));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain("token id");
  });
});

describe("a plain name", () => {
  const wider = ["*", "a*", ".", "..", "\ufffd", "a".repeat(300), "😀".repeat(75)];
  test.each([...GOOD.map(([, name]) => name), ...wider])("may be %j", (name) => {
    expect(() => requirePlainName("record name", name, 300)).not.toThrow();
  });

  const bad = ["", "a\0", "a\n", "\u001f", "\u007f", "\u0080", "\u009f", "a\ud83d", "\ude00a"];
  const long = ["a".repeat(301), "é".repeat(151), "😀".repeat(76), "a".repeat(1_000_000)];
  test.each([...bad, ...long])("may not be another", async (name) => {
    const error = await refusal(() => requirePlainName("record name", name, 300));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain("The record name is not valid. Allowed are 1 to 300 bytes");
  });
});
