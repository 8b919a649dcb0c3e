// A regular expression of a rule finds what it finds in JavaScript, or is refused; and none takes long.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compileRegularExpression } from "../../../src/rules/valve/regular-expression.ts";
import { RegularExpressionProblem } from "../../../src/rules/valve/regular-expression-problem.ts";

const TEXTS = [
  ...["", "a", "A", "b", "ab", "aab", "abab", "a.b", "a/b", "foo-bar", "x12", "4123456789012"],
  ...["a\nb", "a\rb", "a\u2028b", " ", "\u00a0", "\ufeff", "\u200b", "_", "é", "É", "ß", "ẞ"],
  ...["ſ", "s", "S", "K", "k", "K", "σ", "ς", "Σ", "İ", "i", "ı", "I", "ǆ", "ǅ", "Ǆ", "µ", "μ"],
  ...["😀", "a😀b", "😀😀", "\ud83d", "\ude00", "a\ude00\ud83db", "\u{10d83d}", "\ud800\ud800"],
  ...["bob@example.com", "user/bob", "0", "٣", "\0", "\\", "[", "]", "{", "^$", "A😀s"],
];

describe("a regular expression finds what JavaScript finds", () => {
  const expressions: RegExp[] = [
    ...[/^4[0-9]{12}(?:[0-9]{3})?$/, /./, /^.$/, /^..$/, /^.$/u, /^..$/u, /^.$/s, /^.{2}$/s],
    ...[/[^a]/, /^[^a]$/u, /\s/, /\S/, /\w/, /\W/, /\d/, /\D/, /\bfoo\b/, /o\B/, /[\s\d]/, /[^\w]/],
    ...["[]", "[^]"].map((source) => new RegExp(source)),
    ...[/s/i, /k/i, /[a-z]/i, /[^a-z]/i, /σ/i, /[\W]/i, /\w/i, /ß/i, /ẞ/i, /i/i, /µ/i],
    ...[
      /[ǅ]/i,
      /é/i,
      /😀/,
      /[😀]/u,
      /😀/u,
      /[😀]/u,
      /^[^😀]+$/u,
      /\ud83d/,
      /\ude00/,
      /[\ud800-\udbff]/,
    ],
    ...[/\ud83d/u, /\u{1f600}/u, /\u{10d83d}/u, /😀*/, /(?:😀)*x?/u, /[\ud83d\ude00]+/u],
    ...[/(a)(b)?/, /(a)|(b)/, /(?:(a)(b))+/, /(\w+)@(\w+)\.com$/, /^(a|ab)(c|bcd)?/, /a+?b/],
    ...[/a{1,2}?/],
    ...[/a|ab/, /ab|a/, /(a+)(b*)/, /\//, /[/]/, /a{,2}/, /a{/, /]/, /\x41/, /\u0041/, /\cJ/, /\0/],
    ...[/[\b]/, /\$\^/, /^$/, /(?:)/, /(?:a|b)+$/i, /[--a]/, /[a-]/, /a/, /[\d-x]/, /\t|\v|\f/],
  ];
  test.each(expressions.map((expression) => [String(expression), expression] as const))(
    "%s",
    (_, expression) => {
      const { match } = compileRegularExpression(expression.source, expression.flags);
      expect(TEXTS.map((text) => membersOf(match(text)))).toEqual(
        TEXTS.map((text) => membersOf(text.match(expression))),
      );
    },
  );

  test("whatever is written, of what it is made of", () => {
    const atom = fc.constantFrom(
      ...["a", "b", "s", "K", ".", "\\d", "\\w", "\\W", "\\s", "[ab]", "[^a]", "[^\\W]", "[A-z]"],
      ...["😀", "\\ud83d", "^", "$", "\\b", "\\B", "é"],
    );
    const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => ({
      part: fc.oneof(
        { depthSize: "small", maxDepth: 4 },
        atom,
        fc
          .tuple(tie("expression"), fc.constantFrom("(", "(?:"))
          .map(([inside, open]) => `${open}${inside})`),
        fc
          .tuple(tie("part"), fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "{0}", "+?", "*?"))
          .map(([inside, times]) => `(?:${inside})${times}`),
      ),
      expression: fc
        .tuple(
          fc.array(tie("part"), { minLength: 1, maxLength: 3 }),
          fc.array(tie("part"), { maxLength: 1 }),
        )
        .map(([first, second]) => [first.join(""), ...second].join("|")),
    }));
    const text = fc.string({
      unit: fc.constantFrom(
        "a",
        "b",
        "A",
        "s",
        "ſ",
        "K",
        "1",
        " ",
        "\n",
        "\u2028",
        "😀",
        "\ud83d",
        "é",
      ),
      maxLength: 8,
    });
    const flags = fc.constantFrom("", "i", "u", "s", "is", "su");
    let matched = 0;
    fc.assert(
      fc.property(expression, flags, fc.array(text, { maxLength: 5 }), (source, flag, texts) => {
        const compiled = compiledOrRefused(source, flag);
        if (compiled === undefined) return;
        matched++;
        const native = new RegExp(source, flag);
        expect(texts.map((each) => membersOf(compiled.match(each)))).toEqual(
          texts.map((each) => membersOf(each.match(native))),
        );
      }),
      { numRuns: 250 },
    );
    expect(matched).toBeGreaterThan(30);
  });
});

describe("refused is", () => {
  const rows: [what: string, source: string, flags: string, reason: RegExp][] = [
    ["what is none", "(", "", /not valid/],
    ["a repetition of nothing", "*", "", /not valid/],
    ["what looks ahead", "a(?=b)", "", /ahead or behind/],
    ["what looks behind", "(?<!a)b", "", /ahead or behind/],
    ["what looks back at a group", "(a)\\1", "", /looks back/],
    ["a group with a name", "(?<x>a)", "", /name/],
    ["a property of characters", "\\p{L}", "u", /property/],
    ["all matches at once", "a", "g", /flags/],
    ["lines", "^a", "m", /flags/],
    ["where the last match ended", "a", "y", /flags/],
    ["sets of sets", "[a--b]", "v", /flags/],
    ["letters in any case beyond their units", "a", "iu", /flags/],
    ["repetition of what may be empty", "(?:a*)*", "", /empty/],
    ["options of what may be empty", "(|a)?", "", /empty/],
    ["a group that takes part now and then", "(?:(a)|b)+", "", /now and then/],
    ["a large repetition", "a{1000}", "", /too large/],
    ["repetitions of repetitions", "(?:(?:a{30}){30}){30}", "", /too large/],
    ["one repetition too many", "a{100000}", "", /too large/],
    ["a long one", "a".repeat(1025), "", /longer than 1024/],
    ["what is nested deeply", `${"(".repeat(500)}${")".repeat(500)}`, "", /too large|empty/],
  ];
  test.each(rows)("%s", (_, source, flags, reason) => {
    expect(() => compileRegularExpression(source, flags)).toThrow(RegularExpressionProblem);
    expect(() => compileRegularExpression(source, flags)).toThrow(reason);
  });
});

test("what hangs a matcher that tries all ways costs next to nothing", () => {
  const text = `${"a".repeat(2000)}!`;
  for (const source of [
    "(a+)+$",
    "(?:a|a)*b",
    "^(?:a|aa)+$",
    "(.*)(.*)(.*)(.*)[0-9]",
    "a.*a.*a.*b",
  ]) {
    // It would take years.
    expect(compileRegularExpression(source, "").match(text)).toBe(null);
  }
});

/** All that a match holds: comparing lists passes over what is in them besides. */
function membersOf(match: object | null) {
  return match && Object.entries({ ...match });
}

function compiledOrRefused(source: string, flags: string) {
  try {
    return compileRegularExpression(source, flags);
  } catch (cause) {
    if (cause instanceof RegularExpressionProblem) return undefined;
    throw cause;
  }
}
