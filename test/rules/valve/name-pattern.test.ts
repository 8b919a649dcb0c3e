// Patterns: which texts are some, which names they match, and what their variables stand for.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NamePattern, problemOfPattern } from "../../../src/rules/valve/name-pattern.ts";

describe("a pattern is not", () => {
  const rows: [text: string, problem: string | RegExp][] = [
    ["", "path can't be empty"],
    ["/bla", "path can't start with /"],
    ["bla/$-", "invalid variable name $-"],
    ["bla/$$aa", "invalid variable name $$"],
    ["a$", "invalid variable name $"],
    ["a/$_id", "invalid variable name $_"],
    ["a/$😀", "invalid variable name $😀"],
    ["$a/$b/$a", "path can't contain the variable $a twice"],
    ["a|b", /^path can't contain \|/],
    ["(a)/*", /^path can't contain \(/],
    ["a[0]", /^path can't contain \[/],
    ["a+", /^path can't contain \+/],
    ["a\\d", /^path can't contain \\/],
    ["^a", /^path can't contain \^/],
    ["a?", /^path can't contain \?/],
    ["a{2}", /^path can't contain \{/],
    ["*/".repeat(33), /more than 32/],
    ["a".repeat(1025), /longer than 1024/],
    ["a\ud83d", /half of a surrogate pair/],
  ];
  test.each(rows)("%j", (text, problem) => {
    const found = problemOfPattern(text) ?? "";
    if (typeof problem === "string") expect(found).toBe(problem);
    else expect(found).toMatch(problem);
  });
});

describe("a pattern", () => {
  const rows: [text: string, variables: string[], matches: Record<string, string[] | undefined>][] =
    [
      ["i-am-valid", [], { "i-am-valid": [], "i-am-valid/": undefined, "x/i-am-valid": undefined }],
      ["*", [], { "": [], a: [], "a/b": [], "a\u2028b": [], "😀": [] }],
      ["public/*", [], { "public/details/info": [], "public/": [], "private/details": undefined }],
      [
        "private/$userId",
        ["$userId"],
        { "private/userA": ["userA"], "private/": undefined, "private/a/b": undefined },
      ],
      [
        "private/$userId/*/$anotherId",
        ["$userId", "$anotherId"],
        {
          "private/userA/blabla/14": ["userA", "14"],
          "private/a/b/c/d": ["a", "d"],
          "private/a/b": undefined,
        },
      ],
      ["$recordName/*", ["$recordName"], { "a/b/c": ["a"], "/b": undefined, a: undefined }],
      ["$a$b", ["$a", "$b"], { abc: ["ab", "c"], a: undefined, "a/b": undefined }],
      ["$a-$b", ["$a", "$b"], { "x-y-z": ["x-y", "z"], "-y": undefined }],
      ["*$a", ["$a"], { abc: ["c"], "a/": undefined }],
      ["a.b", [], { "a.b": [], aXb: undefined }],
      ["a/*/b", [], { "a/x/b": [], "a/x/y/b": [], "a//b": [], "a/b": undefined }],
      ["**", [], { "": [], "a/b": [] }],
      ["constructor", [], { constructor: [], toString: undefined }],
      ["__proto__/$constructor", ["$constructor"], { "__proto__/__proto__": ["__proto__"] }],
      ["$1", ["$1"], { x: ["x"] }],
      ["a/$id!", ["$id"], { "a/b!": ["b"], "a/!": undefined, "a/!!": ["!"] }],
      ["😀/$x", ["$x"], { "😀/😀": ["😀"] }],
    ];
  test.each(rows)("%s", (text, variables, matches) => {
    expect(problemOfPattern(text)).toBe(undefined);
    const pattern = new NamePattern(text);
    expect(pattern.variables).toEqual(variables);
    for (const [name, values] of Object.entries(matches)) {
      expect([name, pattern.match(name)]).toEqual([name, values]);
    }
  });

  test("is about no name in particular when it is made of * alone", () => {
    const texts = ["*", "**", "$user", "$a$b*", "a*", "*/x", "undefined", "un*"];
    expect(texts.filter((text) => new NamePattern(text).isOfAnything)).toEqual(["*", "**"]);
  });

  test("matches and captures as the regular expression that it stands for", () => {
    const part = fc.constantFrom("a", "b", "/", ".", "-", "*", "$x", "$y", "ab", "aa");
    const name = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "-"), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 8 }),
        fc.array(name),
        (parts, names) => {
          const text = parts.join("");
          if (problemOfPattern(text) !== undefined) return;
          const pattern = new NamePattern(text);
          const expression = text
            .replaceAll(".", "\\.")
            .replaceAll("*", ".*")
            .replaceAll(/\$[a-zA-Z0-9]+/g, "([^/]+)");
          const native = new RegExp(`^${expression}$`);
          expect(names.map((each) => pattern.match(each))).toEqual(
            names.map((each) => native.exec(each)?.slice(1)),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("of many wildcards takes steps in proportion to the name", () => {
    const pattern = new NamePattern(`${"*a".repeat(32)}b`);
    // A matcher that tries all ways would not come to an end.
    expect(pattern.match("a".repeat(10_000))).toBe(undefined);
  });
});
