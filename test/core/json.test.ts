// JSON that may be kept: bounded in depth, made of whole characters, and harmless wherever it is copied.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isAsWritten, type Json, renderJson } from "../../src/core/json.ts";
import { refusal } from "../support/refusal.ts";

const DEPTH_MAX = 20;

describe("what is kept", () => {
  const rows: [string, string][] = [
    ["a string", '"a"'],
    ["null", "null"],
    ["an empty object", "{}"],
    ["a whole emoji", '{"😀":"😀"}'],
    ["a backslash before ud800, which is no escape", '"\\\\ud800"'],
    ["two backslashes before ud800", '"\\\\\\\\ud800"'],
    ["a backslash before ud800 in a key", '{"\\\\ud800":1}'],
    ["a quote before text like a surrogate", '"\\"ud800"'],
    ["an escaped control character", '"\\u0001"'],
    ["__proto__ as a value", '["__proto__",{"a":"__proto__"}]'],
    ["a value that looks like the member", '"{\\"__proto__\\":1}"'],
    ["a value that looks like the member after a comma", '[",\\"__proto__\\":"]'],
    ["a key with a quote before __proto__", '{"x\\"__proto__":1}'],
    ["a key with a comma and a quote before __proto__", '{",\\"__proto__":1}'],
    ["a key that only begins so", '{"__proto__x":1,"x__proto__":2}'],
    ["a value of a key that ends in a comma", '{"a,":"__proto__","b{":"__proto__"}'],
    ["constructor and prototype as keys", '{"constructor":{"prototype":{"a":1}}}'],
    ["a line separator", '"\u2028"'],
    ["the smallest number", "5e-324"],
    ["the largest number", "1.7976931348623157e+308"],
  ];
  test.each(rows)("%s stays as it is", (_, text) => {
    expect(render(text)).toBe(text);
  });

  // As JSON.parse and JSON.stringify keep it: what they change, clients in JavaScript change too.
  const changed: [string, string, string][] = [
    ["negative zero becomes zero", "[-0,-0.0]", "[0,0]"],
    ["an integer beyond 2^53 becomes the nearest number", "9007199254740993", "9007199254740992"],
    ["more digits than a number has are rounded", "0.1000000000000000055511151231257827", "0.1"],
    ["a number too large for any becomes null", "[1e400,-1e400]", "[null,null]"],
    ["a number too small for any becomes zero", "1e-400", "0"],
    [
      "the last of the same keys counts, at the place of the first",
      '{"a":1,"b":2,"a":3}',
      '{"a":3,"b":2}',
    ],
    ["keys like indexes come first", '{"b":1,"1":2}', '{"1":2,"b":1}'],
    ["white space goes", ' { "a" : 1 } ', '{"a":1}'],
    ["escapes that are not needed go", '"\\u0061\\/\\ud83d\\ude00"', '"a/😀"'],
  ];
  test.each(changed)("%s", (_, text, kept) => {
    expect(render(text)).toBe(kept);
  });
});

describe("what is refused", () => {
  const rows: [string, string, RegExp][] = [
    ["half a pair", '"\\ud800"', /surrogate/],
    ["the other half", '"a\\udfff"', /surrogate/],
    ["the halves in the wrong order", '"\\ude00\\ud83d"', /surrogate/],
    ["half a pair in a key", '{"\\ud83d":1}', /surrogate/],
    ["half a pair deep inside", '[[{"a":["\\ud83d"]}]]', /surrogate/],
    ["half a pair after an escaped backslash", '"\\\\\\ud800"', /surrogate/],
    ["half a pair after text that only looks like one", '"\\\\ud800 \\ud800"', /surrogate/],
    ["half a pair after a quote", '"\\"\\udbff"', /surrogate/],
    ["__proto__ as a member", '{"__proto__":{"a":1}}', /__proto__/],
    ["__proto__ as a later member", '{"a":1,"__proto__":null}', /__proto__/],
    ["__proto__ as a member deep inside", '[{"a":[{"__proto__":1}]}]', /__proto__/],
    ["__proto__ written with escapes", '{"\\u005f_proto__":1}', /__proto__/],
    [
      "__proto__ after a value that only looks so",
      '{"a":"\\"__proto__\\":","__proto__":1}',
      /__pro/,
    ],
  ];
  test.each(rows)("%s", async (_, text, message) => {
    const error = await refusal(() => render(text));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toMatch(message);
    expect(error.message).toStartWith("The data ");
  });
});

describe("depth", () => {
  const rows: [string, number][] = [
    ["1", 0],
    ['"[[[["', 0],
    ["[]", 1],
    ["{}", 1],
    ["[1,2,[3]]", 2],
    ['{"a":{"b":{}},"c":1}', 3],
    ['[{"a":[{"b":[]}]}]', 5],
  ];
  test.each(rows)("%s is %i deep", async (text, depth) => {
    expect(render(text, depth)).toBe(text);
    if (depth === 0) return;
    const error = await refusal(() => render(text, depth - 1));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain(`at most ${depth - 1} levels`);
  });

  test("data as deep as a parser allows is refused without a stack of its own", async () => {
    let deep: Json = 0;
    for (let depth = 0; depth < 1_000_000; depth += 1) deep = [deep];
    const error = await refusal(() => renderJson("data", deep, DEPTH_MAX));
    expect(error.code).toBe("invalid_argument");
  });
});

test("megabytes of backslashes are looked through once: each anew would take hours", () => {
  const text = `${"\\".repeat(5_000_000)}ud800`;
  expect(renderJson("data", text, DEPTH_MAX)).toBe(JSON.stringify(text));
});

test("whatever JSON there is, it is kept as JSON.stringify writes it, or refused for a reason it has", async () => {
  const text = fc.string({
    unit: fc.constantFrom(
      "\\",
      '"',
      "u",
      "d",
      "8",
      "0",
      "{",
      ",",
      ":",
      "\ud800",
      "😀",
      "__proto__",
    ),
    maxLength: 8,
  });
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }).map((entries) => {
        // As JSON.parse makes it: `__proto__` is a member like any other.
        const made: Record<string, Json> = {};
        for (const [key, member] of entries) {
          Object.defineProperty(made, key, { value: member, enumerable: true, configurable: true });
        }
        return made;
      }),
    ),
  }));
  const property = fc.property(value, (json) => {
    const { isWhole, isPlain } = traits(json);
    if (isWhole && isPlain) {
      expect(renderJson("data", json, DEPTH_MAX)).toBe(JSON.stringify(json));
    } else {
      const reasons = [...(isWhole ? [] : ["surrogate"]), ...(isPlain ? [] : ["__proto__"])];
      expect(() => renderJson("data", json, DEPTH_MAX)).toThrow(RegExp(reasons.join("|")));
    }
  });
  fc.assert(property, { numRuns: 3000 });
});

function render(text: string, depthMax = DEPTH_MAX): string {
  return renderJson("data", JSON.parse(text) as Json, depthMax);
}

/** Found by looking at every string of it, and not at its text. */
function traits(json: Json): { isWhole: boolean; isPlain: boolean } {
  if (typeof json === "string") return { isWhole: json.isWellFormed(), isPlain: true };
  if (typeof json !== "object" || json === null) return { isWhole: true, isPlain: true };
  const keys = Array.isArray(json) ? [] : Object.keys(json);
  const members = Object.values(json).map(traits);
  return {
    isWhole: keys.every((key) => key.isWellFormed()) && members.every(({ isWhole }) => isWhole),
    isPlain: !keys.includes("__proto__") && members.every(({ isPlain }) => isPlain),
  };
}

test.each<[Json, boolean]>([
  [{ a: [1, "x", null, true, { b: -1.5 }] }, true],
  [[], true],
  ["1e400", true],
  [{ a: [1, Number.POSITIVE_INFINITY] }, false],
  [{ a: { b: -0 } }, false],
  [Number.NEGATIVE_INFINITY, false],
])("%j is what comes out of its text again: %p", (value, is) => {
  expect(isAsWritten(value)).toBe(is);
  expect(Bun.deepEquals(JSON.parse(JSON.stringify(value)), value, true)).toBe(is);
});
