// Patterns mean what they mean in JavaScript, as far as they can be matched in linear time, and none takes long.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compileLinear } from "../../src/patterns/linear-pattern.ts";
import { refusal } from "../support/refusal.ts";

describe("a pattern means what it means in JavaScript", () => {
  const patterns = [
    ...["^lis/.*", "user/[a-z0-9]+/status$", "a", "a.b", "a\\.b", "^$", "[^/]+/\\d{2,3}", "\\/x"],
    ...["(?:a|b)+c?", "(?<id>\\w+)-\\k*", "\\u0041", "[^]", "é+", "^[\\w-]{3}\\b", "[/]\\s", "A"],
    ...["a{", "x{,2}", "]", "}", "\\x41", "\\cJ", "[\\d\\-a]", "a\\-b", "\\$\\^\\*", "😀", "."],
  ].filter((pattern) => isPattern(pattern));
  const names = [
    ...[
      "lis/1",
      "/lis/1",
      "user/bob/status",
      "user/bob/status/",
      "a.b",
      "aXb",
      "x/12",
      "x/1",
      "/x",
    ],
    ...[
      "abc",
      "c",
      "A",
      "a",
      "é",
      "éé/1",
      "abc d",
      "foo-bar",
      "/ x",
      "a{",
      "x{,2}",
      "]",
      "}",
      "\n",
    ],
    ...["1-a", "a-b", "$^*", "😀", " ", "user/BOB/status"],
  ];
  test.each(patterns)("%s", (pattern) => {
    const { matches } = compileLinear(pattern);
    const expected = names.filter((name) => new RegExp(pattern).test(name));
    expect(names.filter((name) => matches(name))).toEqual(expected);
  });

  test("whatever is written of the plainer parts", () => {
    const part = fc.constantFrom(
      ...["a", "b", "/", ".", "^", "$", "|", "(", ")", "(?:", "*", "+", "?", "[ab]", "[^a]", "\\d"],
      ...["\\w", "\\b", "{2}", "{1,3}", "\\."],
    );
    const text = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));
    const name = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "1"), maxLength: 12 });
    const property = fc.property(text, fc.array(name), (pattern, names) => {
      if (!isPattern(pattern)) return;
      const { matches } = compileLinear(pattern);
      const expression = new RegExp(pattern);
      expect(names.map(matches)).toEqual(names.map((name) => expression.test(name)));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe("no pattern is", () => {
  const rows: [string, string][] = [
    ["a bracket that nothing closes", "["],
    ["a group that nothing closes", "(a"],
    ["a repetition of nothing", "*"],
    ["what looks ahead", "a(?=b)"],
    ["what looks behind", "(?<!a)b"],
    ["what looks back at a group", "(a)\\1"],
    ["a large repetition", "a{1000}"],
    ["repetitions of repetitions", "(?:(?:a{30}){30}){30}"],
    [
      "a long list",
      Array.from({ length: 200 }, (_, n) => `${(n * 7919) % 997}/${(n * 31) % 89}`).join("|"),
    ],
  ];
  test.each(rows)("%s", async (_, pattern) => {
    const error = await refusal(() => compileLinear(pattern));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toStartWith("The pattern is ");
    expect(error.message.length).toBeLessThan(300);
  });
});

test("what hangs a matcher that tries all ways costs next to nothing", () => {
  const name = `${"a".repeat(1000)}!`;
  for (const pattern of [
    "(a+)+$",
    "(a|a)*b",
    "(a*)*c",
    "(?:a?){30}a{30}b",
    "(.*)(.*)(.*)(.*)[0-9]",
  ]) {
    const { matches, cost } = compileLinear(pattern);
    // In the other kind this takes years.
    expect(matches(name)).toBe(false);
    expect(cost).toBeLessThan(129);
  }
});

/** Whether both know it: what JavaScript alone can match is tested below. */
function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    compileLinear(text);
    return true;
  } catch {
    return false;
  }
}
