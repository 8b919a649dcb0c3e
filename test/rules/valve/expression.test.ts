// An expression answers what JavaScript answers on the same data, or fails.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: rules are texts, and may be templates.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Loaded, RuleQuestion } from "../../../src/core/access/rules.ts";
import type { Json } from "../../../src/core/json.ts";
import { compile } from "../../../src/rules/valve/compile.ts";
import { Evaluation } from "../../../src/rules/valve/evaluation.ts";
import { RuleFailure } from "../../../src/rules/valve/failure.ts";
import { readExpression } from "../../../src/rules/valve/read-expression.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { question } from "./rules-of.ts";

interface Scene {
  readonly data: Json;
  readonly oldData: Json;
  readonly serverData: Json;
  readonly records: Readonly<Record<string, Json>>;
  readonly variables: readonly [string, string];
}

type Outcome = { readonly value: unknown } | { readonly failure: string };

const NOW = 1_700_000_000_123;
const SCENE: Scene = {
  data: {
    a: 1,
    b: "text",
    list: [1, "x", null, [2], { a: 1 }],
    deep: { deeper: { deepest: true } },
    n: null,
    yes: true,
  },
  oldData: { a: 2, list: [], constructor: 5 },
  serverData: { role: "admin", level: 3 },
  records: { a: "b", b: { is: "it", list: ["alice"] }, undefined: 1 },
  variables: ["alice", "x1"],
};

describe("an expression answers what JavaScript answers", () => {
  const texts = [
    ...[
      "1",
      "'a'",
      '"\\u0041\\x41\\n\\\\"',
      "true",
      "null",
      "undefined",
      "NaN",
      "Infinity",
      "0x1F",
      "1_000",
      ".5e1",
    ],
    ...["1 + 2 * 3 ** 2 % 4 - 5 / 2", "-'3'", "+true", "-null", "+undefined", "!'' && !0"],
    ...["typeof data", "typeof 1"],
    ...["typeof null", "typeof data.none", "typeof []", "1 + '1'", "'1' - 1", "'5' * '2'"],
    ...["null + 1", "undefined + 'x'"],
    ...["true + true", "'a' < 'b'", "'10' < 9", "null >= 0", "undefined > 0", "'a' > 1"],
    ...["1 == '1'", "null == undefined"],
    ...["null == 0", "0 == ''", "true == '1'", "NaN == NaN", "NaN !== NaN", "data == data"],
    ...["data === data", "data != null"],
    ...["data === oldData", "data.a === 1", "data['a']", "data['b'].length", "data.b[0]"],
    ...["data.b[-1]", "data.b['1']"],
    ...["data.list.length", "data.list[1]", "data.list['1']", "data.list[9]", "data.list[3][0]"],
    ...["data.none", "data[null]"],
    ...["data[undefined]", "data[true]", "data.list[1.0]", "data.list['01']"],
    ...["data.deep.deeper.deepest", "data.none?.x.y.z"],
    ...["data?.a", "data.n?.x", "(data.n?.x)?.y", "data.none?.['x']", "data.n?.trim()"],
    ...["data.b?.trim().length", "data.n ?? 5"],
    ...["data.a ?? 5", "data.none ?? data.n ?? 'z'", "data.a && data.b", "data.n && data.n.x"],
    ...["data.n || 'or'", "0 || null"],
    ...["data.a ? 'y' : 'n'", "data.n ? 1 : data.a ? 2 : 3", "'a' in data", "'none' in data"],
    ...["0 in data.list", "'9' in data.list"],
    ...["[1, 'b', [data.a]]", "[]", "['a', 'b'].indexOf('b')", "['a'].includes(data.b)"],
    ...["[NaN].includes(NaN)", "[NaN].indexOf(NaN)"],
    ...["data.list.indexOf('x')", "data.list.indexOf('x', 2)", "data.list.includes(null)"],
    ...["data.list.includes(data.list[3])"],
    ...["data.list.includes([2])", "data.list.indexOf(1, -99)", "data.list.indexOf('x', '1')"],
    ...["data.b.indexOf('t', 1)"],
    ...["data.b.startsWith('te')", "data.b.startsWith('x', 2)", "data.b.endsWith('xt')"],
    ...["data.b.endsWith('te', 2)"],
    ...["data.b.endsWith('text', undefined)", "data.b.endsWith('', null)", "data.b.includes('')"],
    ...["data.b.includes(undefined)"],
    ...["'null'.startsWith(null)", "'1true'.includes(true)", "' \\ufeffa '.trim()"],
    ...["'ß'.toUpperCase()", "'İ'.toLowerCase()"],
    ...["'x'['toUpperCase']()", "name.toUpperCase()", "data.b.match(/t(.)x/)"],
    ...["data.b.match(/T/i)[0]", "data.b.match('^t') !== null"],
    ...["data.b.match(/(e)(z)?/)[2]", "data.b.match(/x/).index", "data.b.match(/x/).input"],
    ...["data.b.match(/x/).groups", "data.b.match(/z/)"],
    ...["data.b.match(/e(.)/)?.[1].length", "`a${data.a}b${null}`", "``", "`${data.b}`"],
    ...["'a\\\nb'", "user.id", "user.isAuthenticated"],
    ...["user.data.role", "user.data['role'] === 'admin'", "user", "user === user", "now"],
    ...["now - 24*3600*1000 < now", "name", "$id", "$id + $x"],
    ...["_('a')", "_(_('a')).is", "_('none')", "_('b').list.includes($id)", "_('un' + 'defined')"],
    ...["_(`b`) === _('b')"],
    ...["us\\u0065r.id", "data /* a comment */ . a // another", "(((data.a)))", "data\n.a"],
    ...["data.a;", "-(2 ** 2)", "(-2) ** 2", "2 ** -1"],
    ...["oldData.constructor", "data.a === 1 && data.b.length > 3 || false"],
    ...["!(data.a > 1) === true", "- -1", "-0", "0 === -0"],
    ...["1 / 0", "5 % -3", "-5 % 3", "0.1 + 0.2", "9007199254740993", "'a' + 1 + 2", "1 + 2 + 'a'"],
    ...["data.list[4].a", "1 < 2 < 3", "3 > 2 > 1"],
  ];
  test.each(texts)("%s", (text) => {
    expect(evaluated(text, SCENE)).toEqual(native(text, SCENE));
    expect(evaluated(text, SCENE)).toHaveProperty("value");
  });

  test("whatever is written, on whatever data, or it fails", () => {
    let answered = 0;
    let permitted = 0;
    fc.assert(
      fc.property(expressions(), scenes(), (text, scene) => {
        const ours = evaluated(text, scene);
        const theirs: Outcome = native(text, scene);
        if ("value" in ours) {
          answered++;
          if (ours.value === true) permitted++;
          expect<Outcome>(ours).toEqual(theirs);
        } else if ("value" in theirs) {
          expect(ours.failure).toMatch(
            /is no member of data$|is neither a text nor a number$|^crossreference got/,
          );
        }
      }),
      { numRuns: 400 },
    );
    // Failing at everything would be right as well.
    expect(answered).toBeGreaterThan(20);
    expect(permitted).toBeGreaterThan(0);
  });
});

describe("an expression fails", () => {
  const rows: [text: string, reason: RegExp][] = [
    ["data.n.x", /^"x" cannot be read of null$/],
    ["data.none.x", /^"x" cannot be read of undefined$/],
    ["data.none?.x + data.none.x", /cannot be read/],
    ["(data.none?.x).y", /cannot be read/],
    ["data.none.trim()", /trim is no function of undefined/],
    ["data.a.trim()", /trim is no function of 1/],
    ["data.list.trim()", /trim is no function of a list/],
    ["data.deep.includes('x')", /includes is no function of an object/],
    ["data.list.startsWith(1)", /startsWith is no function/],
    ["data.a.match(/1/)", /match/],
    ["data + ''", /an object is neither/],
    ["data.list + 1", /a list is neither/],
    ["-data.list", /a list is neither/],
    ["data == 'x'", /neither/],
    ["data.list == 1", /neither/],
    ["data.list < 2", /neither/],
    ["`${data}`", /neither/],
    ["data[data.list]", /neither/],
    ["data.b.startsWith(data.list)", /neither/],
    ["data.b.indexOf('t', data)", /neither/],
    ["'x' in data.b", /no members/],
    ["'x' in null", /no members/],
    ["data.list in data", /neither/],
    ["data.constructor", /^"constructor" is no member of data$/],
    ["'toString' in data", /no member/],
    ["_(5)", /^crossreference got unsupported type number$/],
    ["_(null)", /^crossreference got unsupported type object$/],
    ["_(data.none)", /^crossreference got unsupported type undefined$/],
    ["_('none').x", /^"x" cannot be read of null$/],
  ];
  test.each(rows)("%s", (text, reason) => {
    const outcome = evaluated(text, SCENE);
    expect("failure" in outcome && outcome.failure).toMatch(reason);
  });

  test("where a text grows too long", () => {
    const scene = { ...SCENE, data: { text: "x".repeat(600_000) } };
    expect(evaluated("data.text + data.text", scene)).toHaveProperty("failure");
    expect(evaluated("`${data.text}${data.text}`", scene)).toHaveProperty("failure");
    expect(evaluated("(data.text + 'x').length", scene)).toEqual({ value: 600_001 });
  });

  test("not where a text is long but looked at once", () => {
    const data = { text: "a".repeat(500_000), start: "a".repeat(250_000) };
    const text = "data.text.startsWith(data.start) && data.text.includes('aaab') === false";
    expect(evaluated(text, { ...SCENE, data })).toEqual({ value: true });
  });

  test.each([
    ["a search in a long text for a long text", "data.text.includes(data.sought)"],
    ["a search for its place", "data.text.indexOf(data.sought) > 0"],
    ["a regular expression in a long text", "data.text.match(/(a+)+$/) !== null"],
    ["one thing done over and over", Array(200).fill("data.text.toUpperCase()").join(" && ")],
    ["comparing over and over", Array(200).fill("data.text === data.other").join(" && ")],
    ["making numbers over and over", Array(200).fill("+data.text !== 1").join(" && ")],
    [
      "a list that is looked through over and over",
      Array(100).fill("!data.list.includes('a')").join(" && "),
    ],
  ])("where it would take long: %s", (_, text) => {
    const data = {
      text: "a".repeat(300_000),
      other: "a".repeat(300_000),
      sought: `${"a".repeat(100_000)}b`,
      list: Array(60_000).fill("b"),
    };
    expect(evaluated(text, { ...SCENE, data })).toEqual({ failure: "it would take too long" });
  });
});

test("what is asked for twice is the same, and parsed once", () => {
  let parses = 0;
  const about: RuleQuestion = {
    ...question("write", "a"),
    data: () => ({ parses: ++parses }),
    oldData: () => undefined,
  };
  expect(answerOf("data === data && data.parses === 1 && oldData === null", about)).toBe(true);
  expect(answerOf("1 === 1", about)).toBe(true);
  expect(parses).toBe(1);
});

function evaluated(text: string, scene: Scene): Outcome {
  const { data, oldData, serverData } = scene;
  const about = question("write", "a/name", { id: "alice", serverData, data, oldData });
  try {
    return { value: described(answerOf(text, about, scene)) };
  } catch (cause) {
    if (cause instanceof RuleFailure) return { failure: cause.message };
    throw cause;
  }
}

function answerOf(text: string, about: RuleQuestion, scene = SCENE): unknown {
  const reading = readExpression(text, {
    section: "record",
    action: "write",
    support: { data: true, oldData: true },
    variables: ["$id", "$x"],
  });
  if (reading.kind === "refused") throw new Error(`${text}: ${reading.problems.join(", ")}`);
  const loaded = { get: (name: string) => recordOf(scene, name), has: () => true };
  const clock = new ManualClock(NOW);
  const evaluation = new Evaluation(about, loaded as unknown as Loaded, scene.variables, clock);
  return compile(reading.expression)(evaluation);
}

/** What JavaScript makes of the text. */
function native(text: string, scene: Scene): Outcome {
  const names = ["user", "data", "oldData", "now", "name", "_", "$id", "$x"];
  const run = new Function(...names, `"use strict"; return ${text}\n;`);
  const { data, oldData, serverData, variables } = scene;
  const user = { isAuthenticated: true, id: "alice", data: serverData };
  const record = (name: unknown) => recordOf(scene, String(name)) ?? null;
  try {
    return { value: described(run(user, data, oldData, NOW, "a/name", record, ...variables)) };
  } catch (cause) {
    return { failure: String(cause) };
  }
}

function recordOf({ records }: Scene, name: string): Json | undefined {
  return Object.hasOwn(records, name) ? records[name] : undefined;
}

/** With all that comparing passes over: what lists hold besides, and the sign of zero. */
function described(value: unknown): unknown {
  if (Object.is(value, -0)) return "minus zero";
  if (typeof value !== "object" || value === null) return value;
  return [
    Array.isArray(value),
    Object.entries(value).map(([key, member]) => [key, described(member)]),
  ];
}

function scenes(): fc.Arbitrary<Scene> {
  const scalar = fc.constantFrom<Json>(
    ...[null, true, false, 0, -0, 1, 2.5, -1, 1e21, "", "a", "b", "1", " 1 ", "length", "x1"],
    ...["alice", "é😀"],
  );
  const key = fc.constantFrom("a", "b", "length", "0", "constructor", "toString", "list", "x1");
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { depthSize: "small", maxDepth: 3 },
      scalar,
      fc.dictionary(key, tie("json"), { maxKeys: 5, noNullPrototype: true }),
      fc.array(tie("json"), { maxLength: 3 }),
    ),
  }));
  const members = fc.dictionary(key, json, { minKeys: 2, maxKeys: 6, noNullPrototype: true });
  const variable = fc.constantFrom("alice", "a", "x1", "constructor", "1");
  return fc.record({
    data: fc.oneof({ weight: 4, arbitrary: members }, { weight: 1, arbitrary: json }),
    oldData: json,
    serverData: members,
    records: members,
    variables: fc.tuple(variable, variable),
  });
}

function expressions(): fc.Arbitrary<string> {
  const key = fc.constantFrom("a", "b", "list", "length", "constructor", "x1");
  const atom = fc.constantFrom(
    ...["data", "data", "oldData", "user", "user.id", "user.data", "$id", "$x", "now", "name"],
    ...["null"],
    ...["undefined", "true", "false", "0", "1", "2.5", "-1", "''", "'a'", "'b'", "'1'", "'length'"],
    ...["NaN"],
  );
  const binary = fc.constantFrom(
    ...["===", "!==", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "**", "in"],
    ...["&&", "&&", "||", "||", "??"],
  );
  const call = fc.constantFrom(
    ...["startsWith", "endsWith", "includes", "indexOf", "toUpperCase", "toLowerCase", "trim"],
  );
  const { any } = fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small", maxDepth: 5 },
      atom,
      fc.tuple(tie("any"), fc.constantFrom(".", "?."), key).map((parts) => wrapped(...parts)),
      fc
        .tuple(tie("any"), fc.constantFrom("[", "?.["), tie("any"))
        .map(([object, open, inside]) => `(${object})${open}${inside}]`),
      fc
        .tuple(tie("any"), binary, tie("any"))
        .map(([left, operator, right]) => `((${left}) ${operator} (${right}))`),
      fc
        .tuple(fc.constantFrom("!", "-", "+", "typeof ", "!!"), tie("any"))
        .map(([operator, operand]) => `${operator}(${operand})`),
      fc
        .tuple(tie("any"), tie("any"), tie("any"))
        .map(([test, one, other]) => `(${test} ? ${one} : ${other})`),
      fc
        .tuple(tie("any"), call, tie("any"), fc.constantFrom("", ", 1", ", '2'", ", undefined"))
        .map(([object, method, value, rest]) =>
          /^to|trim/.test(method)
            ? `(${object}).${method}()`
            : `(${object}).${method}(${value}${rest})`,
        ),
      fc
        .tuple(tie("any"), fc.constantFrom("/a/", "/^.$/", "/(1)|l/i"))
        .map(([object, sought]) => `(${object}).match(${sought})`),
      tie("any").map((name) => `_(${name})`),
      fc.array(tie("any"), { maxLength: 3 }).map((elements) => `[${elements.join(", ")}]`),
      fc.tuple(tie("any"), tie("any")).map(([one, other]) => `\`\${${one}}-\${${other}}\``),
    ),
  }));
  const comparison = fc.constantFrom("===", "!==", "==", "<", ">=");
  const comparing = fc.tuple(any, comparison, any);
  return fc.oneof(
    any,
    comparing.map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
  );
}

function wrapped(object: string, dot: string, key: string): string {
  return `(${object})${dot}${key}`;
}
