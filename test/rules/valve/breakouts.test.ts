// Nobody gets out of a rule: not who writes it, and not who writes what it looks at.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: rules are texts, and may be templates.

import { describe, expect, test } from "bun:test";
import type { Json } from "../../../src/core/json.ts";
import { decided, parsed, question, rulesOf } from "./rules-of.ts";

const DATA: Json = {
  text: "x",
  list: [1, [2]],
  object: {},
  key: "constructor",
  keys: ["constructor"],
  n: null,
};

describe("what is inherited cannot be had", () => {
  const texts = [
    ...["data.constructor", "data['constructor']", "data['const' + 'ructor']"],
    ...["data[`constructor`]"],
    ...["data[data.key]", "data[data.keys[0]]", "data[data.keys]", "data['\\x63onstructor']"],
    ...["data.\\u0063onstructor", "data.__proto__", "data['__proto__']", "data.object.toString"],
    ...["data.object.hasOwnProperty", "data.object.__defineGetter__"],
    ...["data.object.__lookupGetter__"],
    ...["data.object.valueOf", "data.text.constructor", "data.text.at", "data.text['startsWith']"],
    ...["''.constructor", "''.constructor.constructor", "(1).constructor", "true.constructor"],
    ...["[].constructor", "[].concat", "[]['map']", "data.list.constructor", "data.list.push"],
    ...["data.list[1].constructor", "data.list['length']['constructor']", "user.constructor"],
    ...["user.__proto__", "user.id.constructor", "user.data.constructor", "name.constructor"],
    ...["now.constructor", "now.toFixed", "action.constructor", "$id.constructor"],
    ...["``.constructor"],
    ...["data.text.match(/x/).constructor", "data.text.match(/x/).map", "data?.constructor"],
    ...["data.n?.x.constructor ?? data.constructor", "(data.text + 1).constructor"],
    ...["(typeof data).constructor", "(data.list, data).constructor", "_('r').constructor"],
    ...["_('r')['__proto__']", "oldData.constructor", "data.text.trim.call", "data.text.trim"],
  ];
  /** Each answers true where the text answers something else, be it nothing. */
  const questions = ["T === undefined", "T !== undefined", "typeof T === 'function'", "!T", "!!T"];
  test.each(texts)("%s", (text) => {
    for (const asked of questions) {
      const rule = asked.replace("T", () => `(${text})`);
      expect([rule, kindOf(rule)]).not.toEqual([rule, "permitted"]);
    }
  });

  test.each([
    "'constructor' in data",
    "'__proto__' in data",
    "'toString' in data.list",
    "'x' in data.text",
  ])("%s", (text) => {
    expect(kindOf(text)).toBe("failed");
    expect(kindOf(`!(${text})`)).toBe("failed");
  });

  test("but a member of that name is one like any other", () => {
    const data = JSON.parse('{"constructor": 1, "__proto__": {"a": 2}, "toString": 3}') as Json;
    const text = "data.constructor === 1 && data.__proto__.a === 2 && 'toString' in data";
    expect(kindOf(text, data)).toBe("permitted");
    expect(kindOf("data.a === undefined", data)).toBe("permitted");
  });
});

describe("no rule may contain", () => {
  const texts = [
    ...["this", "globalThis", "global", "window", "self", "process", "Bun", "require('fs')"],
    ...["import('fs')", "import.meta", "eval('1')", "Function('return 1')()", "arguments"],
    ...["console"],
    ...["Object", "Array", "String.raw`x`", "name.at`x`", "Math.random()", "Date.now()", "Symbol"],
    ...["Reflect.get(data, 'x')", "JSON.parse('1')", "new Date()", "new Function('x')"],
    ...["new.target"],
    ...["(() => true)()", "() => true", "function () {}", "(function () { return this })()"],
    ...["async () => 1", "class {}", "async function* f() {}", "await name", "yield", "super.x"],
    ...["a = 1", "data.x = 1", "data.text += 'x'", "data['__proto__'] = null", "[data.x] = [1]"],
    ...["({ x: data.x } = data)", "data.x++", "--data.x", "delete data.x", "void 0", "name ||= 1"],
    ...["name, true", "(name, true)", "[...data.list]", "name.includes(...data.list)", "{}"],
    ...["({})"],
    ...["({ __proto__: data })", "({ get x() { return 1 } })", "[1, , 2]", "data.constructor()"],
    ...["data.constructor('x')", "''.constructor('x')", "data.text.replace(/x/, 'y')"],
    ...["data.list.map(_)"],
    ...["data.text.trim.call(name)", "data.text.trim.constructor('x')()"],
    ...["data.text['tr' + 'im']()"],
    ...["(data.text.trim)()()", "data.text.trim?.()", "data?.text.trim?.()", "_?.('a')"],
    ...["_.call(1)"],
    ...["_`a`", "_", "user()", "name()", "$id()", "data()", "(_)('a')('b')", "data.list[0]()"],
    ...["'x'.toString()", "'x'.valueOf()", "'x'.split('')", "'x'.repeat(9)", "'x'.padEnd(1e9)"],
    ...["'x'.normalize()", "'x'.concat('y')", "'x'.search(/x/)", "'x'.matchAll(/x/g)"],
    ...["/x/.test(name)"],
    ...["/x/.exec(name)", "/x/.constructor", "/x/", "name.match(/x/g)", "name.match(/(x)\\1/)"],
    ...["name.match(/x/.source)", "name.match(data.text)", "name.match(`x`)", "name.match()"],
    ...["if (true) true", "while (true) {}", "for (;;) {}", "throw 1", "return true", "debugger"],
    ...["let a = 1", "var a", "true; true", "label: true", "with (data) x", "try {} catch {}"],
    ...["x: 1"],
    ...["#x in data", "data.#x", "1n", "name & 1", "name | 1", "name ^ 1", "~1", "1 << 31"],
    ...["1 >> 1"],
    ...["1 >>> 1", "data instanceof Object", "undefined = 1", "NaN++", "__proto__", "constructor"],
    ...["toString", "hasOwnProperty", "$nobody", "$", "$__proto__", "\\u0065val('1')"],
    ...["ev\\u0061l"],
    ...["true //\n, false", "true /* */ /* */ name", "true <!-- x", "--> x", "#!/bin/sh", "\u2028"],
    ...["'"],
    ...["`", "`${", "'\\u{110000}'", "'\n'", "/[/", "/(?/", "true\u0000", "\u{1f600}"],
    ...["tru\u200ce"],
    ...["@x", "true)", "(true", ")(", "true}}; process.exit(); {{", "*/ true /*"],
  ];
  test.each(texts)("%j", (text) => {
    const result = parsed({ record: { "*": { read: true }, "a/$id": { write: text } } });
    expect(result.kind).toBe("refused");
  });
});

test("what rules look at stays as it was", () => {
  const data = Object.freeze({ list: Object.freeze([1, 2]), text: "x" });
  expect(kindOf("data.list.includes(1) && data.text.trim() === 'x'", data)).toBe("permitted");
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test("an object that would act when asked what it is, is not asked", () => {
  let asked = 0;
  const acts = () => {
    asked++;
    return "true";
  };
  const data = { toString: acts, valueOf: acts, [Symbol.toPrimitive]: acts, toJSON: acts } as never;
  const texts = [
    ...["data + ''", "data == 'true'", "data > 1", "-data", "`${data}`", "name[data]"],
    ...["data in data"],
    ...["name.includes(data)", "name.startsWith('a', data)", "[data] + ''", "[[data]] == 'true'"],
    ...["_(data)", "data[[data]]", "name.indexOf([data])", "data != 1", "data ** 1", "data % data"],
  ];
  for (const text of texts) expect([text, kindOf(text, data)]).toEqual([text, "failed"]);
  expect(asked).toBe(0);
});

describe("no rule takes long", () => {
  test("for what it matches", () => {
    const data = { text: `${"a".repeat(200_000)}!` };
    expect(kindOf("data.text.match(/^(a+)+$/) !== null", data)).toBe("failed");
    expect(kindOf("data.text.match(/^(?:a|a)+$/) === null", { text: `${"a".repeat(2000)}!` })).toBe(
      "permitted",
    );
  });

  test("for how it is nested", () => {
    const nested: [string, string][] = [
      ["(", ")"],
      ["[", "]"],
      ["!", ""],
      ["- ", ""],
      ["typeof ", ""],
      ["_(", ")"],
      ["[0,", "]"],
      ["1?1:", ""],
      ["1&&(", ")"],
      ["`${", "}`"],
      ["a=>", ""],
      ["{", "}"],
      ["1+", ""],
    ];
    for (const [open, close] of nested) {
      const count = Math.floor(8000 / (open.length + close.length));
      const text = `${open.repeat(count)}1${close.repeat(count)}`;
      expect([open, parsed({ record: { "*": { read: text } } }).kind]).toEqual([open, "refused"]);
    }
  });

  test("for the data it goes through", () => {
    let data: Json = 1;
    for (let depth = 0; depth < 3000; depth++) data = [data];
    const text = `data${"[0]".repeat(499)} !== undefined`;
    expect(kindOf(text, data)).toBe("permitted");
  });
});

function kindOf(text: string, data: Json = DATA): string {
  const result = parsed({ record: { "*": { read: true }, "a/$id": { write: text } } });
  if (result.kind === "refused") return "refused";
  const rules = rulesOf({ record: { "*": { read: true }, "a/$id": { write: text } } });
  const about = question("write", "a/b", { data, oldData: { a: 1 }, serverData: { role: "x" } });
  return decided(rules, about, { r: {} }).kind;
}
