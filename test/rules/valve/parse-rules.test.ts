// A file of rules is taken, or refused with everything that is wrong and where.

import { describe, expect, test } from "bun:test";
import { parseRules, renderRemark } from "../../../src/rules/valve/parse-rules.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { OTHERWISE, parsed, parsedText, type Sections } from "./rules-of.ts";

const YAML = `# who may do what
presence:
  "*":
    allow: true
record:
  "*":
    create: true
    read: user.id !== 'open'   # not strangers
  "user/$id":
    write: "user.id === $id &&
      data.name !== ''"
    delete: |
      user.id === $id
event:
  '*': {publish: True, subscribe: false, listen: false}
rpc:
  "*": &all
    provide: true
    request: true
  sums: *all
`;

describe("taken is", () => {
  const rows: [what: string, text: string][] = [
    ["YAML", YAML],
    ["YAML with the line ends of Windows", YAML.replaceAll("\n", "\r\n")],
    ["YAML after a byte order mark", `\ufeff${YAML}`],
    ["JSON", JSON.stringify(OTHERWISE)],
    ["JSON with tabs", JSON.stringify(OTHERWISE, null, "\t")],
    ["a path without rules", JSON.stringify({ ...OTHERWISE, rpc: { "*": {} } })],
  ];
  test.each(rows)("%s", (_, text) => {
    expect(parsedText(text)).toMatchObject({ kind: "parsed", warnings: [] });
  });

  test("any name that is only a name", () => {
    const text = `{"presence": {"*": {"allow": true}}, "event": {"*": {}}, "rpc": {"*": {}},
      "record": {"*": {}, "__proto__": {"read": false}, "constructor": {"read": "name === 'x'"},
        "$constructor/$toString": {"read": "$constructor === $toString"}, "1": {}, "null ": {}}}`;
    expect(parsedText(text).kind).toBe("parsed");
  });
});

describe("refused is a file", () => {
  const rows: [what: string, sections: Sections, problem: string][] = [
    ["without a section", { record: undefined }, 'missing configuration section "record"'],
    ["with a section too many", { bogus: {} }, 'unexpected configuration section "bogus"'],
    [
      "with a section called __proto__",
      JSON.parse('{"__proto__": {}}'),
      'unexpected configuration section "__proto__"',
    ],
    [
      "with a section called constructor",
      { constructor: {} },
      'unexpected configuration section "constructor"',
    ],
    ["with an empty section", { rpc: {} }, 'rpc: empty section "rpc"'],
    ["with a section of nothing", { rpc: null }, 'rpc: empty section "rpc"'],
    ["with a section that is a list", { rpc: [] }, "rpc: a section must be paths with their rules"],
    [
      "without a root entry",
      { rpc: { bla: { request: true } } },
      'rpc: missing root entry "*" for section rpc',
    ],
    [
      "with a wrong path",
      { record: { "*": {}, a$$x: {} } },
      'record "a$$x": invalid variable name $$',
    ],
    ["with an empty path", { record: { "*": {}, "": {} } }, "record: path can't be empty"],
    [
      "with a path of nothing",
      { record: { "*": null } },
      'record "*": a path must have rules by their types: create, read, write, delete, listen, notify',
    ],
    [
      "with an unknown rule type",
      { rpc: { "*": { write: "a === b" } } },
      'rpc "*": unknown rule type write in section rpc',
    ],
    [
      "with a rule type called __proto__",
      { rpc: { "*": JSON.parse('{"__proto__": true}') } },
      'rpc "*": unknown rule type __proto__ in section rpc',
    ],
    [
      "with a rule type called toString",
      { rpc: { "*": { toString: true } } },
      'rpc "*": unknown rule type toString in section rpc',
    ],
    [
      "with a rule that is a number",
      { rpc: { "*": { request: 3 } } },
      'rpc "*" request: rule must be a string, true or false',
    ],
    [
      "with a rule that is nothing",
      { rpc: { "*": { request: null } } },
      'rpc "*" request: rule must be a string, true or false',
    ],
    [
      "with a rule that is a list",
      { rpc: { "*": { request: [] } } },
      'rpc "*" request: rule must be a string, true or false',
    ],
  ];
  test.each(rows)("%s", (_, sections, problem) => {
    expect(problemsOf(parsed(sections)).map(withoutPlace)).toEqual([problem]);
  });

  test.each([
    [
      "empty",
      "",
      /^line 1, column 1: the file must hold the sections presence, record, event, rpc$/,
    ],
    ["a list", "[]", /must hold the sections/],
    ["a text", "bla", /must hold the sections/],
    ["neither YAML nor JSON", "record: [\n a", /^line 2, column \d+: /],
    ["two documents", `${YAML}---\n${YAML}`, /^line 21, column 1: .*multiple documents/],
    ["with a tag", "record: !!js/function 'x'", /tag/],
    [
      "with an unknown alias",
      YAML.replace("*all", "*nobody"),
      /rpc "sums": a path must have rules/,
    ],
    [
      "with a rule that refers to itself",
      YAML.replace("sums: *all", "sums: &x {request: *x}"),
      /rule must be a string/,
    ],
    ["with an unquoted star", YAML.replace("'*'", "*"), /^line 15, column/],
    ["with a key twice", `${YAML}  sums: {}`, /^line 21, column 3: rpc: "sums" is there twice/],
    [
      "with a key twice in JSON",
      '{"rpc": {}, "rpc": {}}',
      /^line 1, column 13: "rpc" is there twice/m,
    ],
    [
      "with a number and its text",
      `${YAML}  1: {}\n  "1": {}\n`,
      /^line 22, column 3: rpc: "1" is there twice/,
    ],
    [
      "with a path that is true",
      `${YAML}  true: {}\n`,
      /^line 21, column 3: rpc: path must be a string/,
    ],
    ["nested deeply", `record: ${"[".repeat(8000)}`, /^line 1/],
  ])("that is %s", (_, text, problem) => {
    const problems = problemsOf(parsedText(text));
    expect(problems.join("\n")).toMatch(problem);
    expect(problems.length).toBeLessThan(20);
  });

  test("that is not UTF-8", () => {
    const file = new TextEncoder().encode(YAML).map((byte) => (byte === 0x23 ? 0xff : byte));
    expect(problemsOf(parseRules(file, { clock: new ManualClock(), iterationsMax: 3 }))).toEqual([
      "line 1, column 1: the file is not UTF-8",
    ]);
  });

  test("that is too large", () => {
    const text = `${YAML}#${" ".repeat(524_288)}`;
    expect(problemsOf(parsedText(text))).toEqual([
      "line 1, column 1: the file is larger than 524288 bytes",
    ]);
  });

  test("with too many paths, which is said once", () => {
    const paths = Object.fromEntries(
      Array.from({ length: 1100 }, (_, index) => [`a/${index}`, {}]),
    );
    expect(problemsOf(parsed({ record: { "*": {}, ...paths } })).map(withoutPlace)).toEqual([
      'record "a/998": a file can\'t have more than 1000 paths',
    ]);
  });
});

describe("refused is the rule", () => {
  const rows: [text: string, problem: string | RegExp, action?: string][] = [
    ["", "rule can't be empty"],
    [" \n", "rule can't be empty"],
    ["a=new SomeClass", "rule can't assign: === compares"],
    ["new SomeClass", "rule can't contain the new keyword"],
    [" new SomeClass", "rule can't contain the new keyword"],
    ["16-new Number(3)", "rule can't contain the new keyword"],
    ["(function (foo) { return foo + 1; })(20)", "function of an expression is not supported"],
    ["(function (foo) { return foo + 1; }) === 1", "rule can't contain user functions"],
    ["(foo => foo + 1)(20)", "function of an expression is not supported"],
    ["(foo => foo + 1) === 1", "rule can't contain user functions"],
    ['alert("bobo")', "function alert is not supported"],
    [
      'alert  ("whoops") && console.log("nope")',
      "function alert is not supported\nfunction log is not supported",
    ],
    ['console["log"]("whoops")', "function log is not supported"],
    ['global["con"+"sole"]["lo" + `g`] ("whoops")', "function of an expression is not supported"],
    [
      "data.lastname.toUpperCase() && data.lastname.substr(0,3)",
      "function substr is not supported",
    ],
    ["process.exit()", "function exit is not supported"],
    ["a b", /^rule is no expression of JavaScript: Unexpected token/],
    ["user.id.toUpperCase(", /^rule is no expression of JavaScript: Unexpected token/],
    ["true; true", "rule must be one expression"],
    ["if (true) true", "rule must be one expression"],
    ["{a: 1}", "rule must be one expression"],
    ["// true", "rule must be one expression"],
    [
      "data.price === 500 && oldData.price < 500",
      "rule publish for event does not support oldData",
      "publish",
    ],
    [
      "user.id === $userId && data.price === 500",
      "rule provide for rpc does not support data",
      "provide",
    ],
    ["data.price === 500", "rule read for record does not support data", "read"],
    ["oldData === null", "rule create for record does not support oldData", "create"],
    [
      "$nobody === 'x'",
      "unknown name $nobody: allowed are user, data, oldData, now, action, name, $userId, _()",
    ],
    [
      "$nobody === 'x'",
      "unknown name $nobody: allowed are user, now, action, name, $userId, _()",
      "allow",
    ],
    ["_ === 1", /^unknown name _:/],
    ["_()", "function _ takes the name of one record"],
    ["_('a', 'b')", "function _ takes the name of one record"],
    ["name.trim(1)", "function trim takes no values"],
    ["name.startsWith()", "function startsWith takes 1 or 2 values"],
    ["name.includes('a', 1, 2)", "function includes takes 1 or 2 values"],
    ["name.match()", "function match takes a regular expression that is written out"],
    ["name.match($userId)", "function match takes a regular expression that is written out"],
    ["name.match(/a/, 1)", "function match takes a regular expression that is written out"],
    ["name.match(/a(?=b)/)", "the regular expression can't be matched: it looks ahead or behind"],
    ["name.match('(')", /^the regular expression can't be matched: it is not valid/],
    ["name === /a/", "rule can't contain a regular expression but as what match is called with"],
    ["name & 1", "rule can't contain the operator &"],
    ["name instanceof user", "rule can't contain the operator instanceof"],
    ["~name", "rule can't contain the operator ~"],
    ["'a'.repeat(1e9)", "function repeat is not supported"],
    ["1n === 1", "rule can't contain bigints"],
    [
      "'x'.padStart(9) && name & 2",
      /^function padStart is not supported\nrule can't contain the operator &$/,
    ],
    ["a".repeat(8193), "rule can't be longer than 8192 characters"],
    [`${"!".repeat(600)}true`, "rule can't be nested deeper than 500 levels"],
    [`${"(".repeat(4000)}true${")".repeat(4000)}`, /^rule is no expression of JavaScript: /],
    ["010 === 8", /^rule is no expression of JavaScript: Invalid number/],
    ["a <!-- b", /^unknown name|assign/],
  ];
  test.each(rows)("%j", (text, problem, action = "write") => {
    const section = { publish: "event", provide: "rpc", allow: "presence" }[action] ?? "record";
    const problems = problemsOf(
      parsed({ [section]: { "*": {}, "a/$userId": { [action]: text } } }),
    );
    const found = problems.map((each) => withoutPlace(each).replace(/^.*?: /, "")).join("\n");
    if (typeof problem === "string") expect(found).toBe(problem);
    else expect(found).toMatch(problem);
  });

  test.each(["newData.x", "user.data.renew", "'new X'", "data.function", "'a => b'", "data .a"])(
    "but not %j for a word in it",
    (text) => {
      const problems = problemsOf(parsed({ record: { "*": { write: `${text} === 1` } } }));
      expect(problems.map(withoutPlace)).toEqual(
        text === "newData.x" ? [expect.stringContaining("unknown name newData")] : [],
      );
    },
  );

  test("with a list of alternatives no longer than it may be nested", () => {
    const text = Array(400).fill("name === 'a'").join("||");
    expect(parsed({ record: { "*": { read: text } } }).kind).toBe("parsed");
  });
});

test("every problem is told with its place", () => {
  const text = YAML.replace("user.id !== 'open'  ", "user.id !=")
    .replace("delete: |", "remove: |")
    .replace("sums: *all", "/sums: *all\nbogus: 1");
  expect(problemsOf(parsedText(text))).toEqual([
    'line 8, column 5: record "*" read: rule is no expression of JavaScript: Unexpected token in line 1 of it, column 11',
    'line 12, column 5: record "user/$id": unknown rule type remove in section record',
    'line 20, column 3: rpc "/sums": path can\'t start with /',
    'line 21, column 1: unexpected configuration section "bogus"',
  ]);
});

test("what was written in the file breaks no line of what is told of it", () => {
  const problems = problemsOf(
    parsed({
      "a\nb": {},
      record: {
        "*": {},
        "/\n\u001b[31m": {},
        a: { "x\ny": true, read: "x\n.y(", write: "a\u2028" },
      },
    }),
  );
  expect(problems.length).toBe(5);
  for (const problem of problems) expect(problem).not.toMatch(/[\n\r\u001b\u2028]/);
});

describe("warned of is", () => {
  test.each([
    ["user.data.canBid && data.price > oldData.price", true],
    ["data.price > oldData.price && user.data.canBid", true],
    ["user.data.canBid || data.price > 1", true],
    ["!!user.data.canBid && data.price > oldData.price", false],
    ["user.isAuthenticated", false],
    ["user.isAuthenticated && $id === user.id", false],
    ["user", true],
    ["_('a').open", true],
    ["data.list.includes(1) || name.startsWith('a') || name.endsWith('b')", false],
    ["data.list.indexOf(1)", true],
    ["data.list.indexOf(1) > -1", false],
    ["name.match(/a/)", true],
    ["name.match(/a/) !== null", false],
    ["data.x ? true : 'a' in data", false],
    ["data.x ? true : data.y", true],
    ["data?.list.includes(1)", true],
    ["data.x ?? true", true],
    ["!data.x ?? data.y", true],
    ["1", true],
    ["'true'", true],
    ["null", true],
    ["`true`", true],
    ["[true]", true],
    ["typeof data", true],
    ["now", true],
    ["+true", true],
    ["$id", true],
    ["true", false],
    ["false", false],
  ])("%s: %p", (text, isWarned) => {
    const result = parsed({ record: { "*": {}, "a/$id": { write: text } } });
    const warnings = result.kind === "parsed" ? result.warnings.map(renderRemark) : undefined;
    expect(warnings?.map(withoutPlace)).toEqual(
      isWarned
        ? [
            'record "a/$id" write: rule can answer something else than true or false, which denies: compare it',
          ]
        : [],
    );
  });

  test("a dot and a star in a path", () => {
    const result = parsed({ record: { "*": {}, "a.*": {} } });
    expect(result.kind === "parsed" && result.warnings.map(renderRemark).map(withoutPlace)).toEqual(
      ['record "a.*": path is no regular expression: ".*" is a dot and then anything'],
    );
  });
});

function problemsOf(result: ReturnType<typeof parsed>): string[] {
  return result.kind === "refused" ? result.problems.map(renderRemark) : [];
}

function withoutPlace(remark: string): string {
  return remark.replace(/^line \d+, column \d+: /, "");
}
