// Paths into a record: what they name, what they make on the way, and what they may not reach.

import { describe, expect, test } from "bun:test";
import type { Json } from "../../../src/core/json.ts";
import { applyPath, parsePath, renderPath } from "../../../src/core/records/path.ts";
import { refusal } from "../../support/refusal.ts";

const LIMITS = { arrayIndexMax: 10_000, depthMax: 20 };

describe("a path is read as", () => {
  const rows: [string, (string | number)[]][] = [
    ["a", ["a"]],
    ["a.b.c", ["a", "b", "c"]],
    ["a[0]", ["a", 0]],
    ["a[0][1].b[2]", ["a", 0, 1, "b", 2]],
    ["address[2].99.street[2].1", ["address", 2, "99", "street", 2, "1"]],
    ["a.0.b", ["a", "0", "b"]],
    ["1", ["1"]],
    [" a . b ", ["a", "b"]],
    ["\ta\n.\u00a0b", ["a", "b"]],
    ["first name.b", ["first name", "b"]],
    ["a..b", ["a", "b"]],
    [".a.", ["a"]],
    ["a. .b", ["a", "b"]],
    ["[0]", ["", 0]],
    ["a.[1]", ["a", "", 1]],
    ["a [1]", ["a ", 1]],
    ["animals[ 1 ].name", ["animals", 1, "name"]],
    ["user_proto.foo", ["user_proto", "foo"]],
    ["a[ 1 ]", ["a", 1]],
    ["a[01]", ["a", 1]],
    ["a[1e3]", ["a", 1000]],
    ["a[10000]", ["a", 10_000]],
    ["a[5000][5000]", ["a", 5000, 5000]],
    ["a[0x10]", ["a", 16]],
    ["b\\.c", ["b\\", "c"]],
    ["a-b/c$*", ["a-b/c$*"]],
    ["😀.é", ["😀", "é"]],
    ["toString", ["toString"]],
    ["__proto__x", ["__proto__x"]],
    ["length", ["length"]],
    [Array(20).fill("a").join("."), Array(20).fill("a")],
  ];
  test.each(rows)("%j: %j", (text, path) => {
    expect(parsePath(text, LIMITS)).toEqual(path);
  });

  test.each(rows)("%j, and its text means the same", (_, path) => {
    expect(parsePath(renderPath(path), LIMITS)).toEqual(path);
  });
});

describe("no path is", () => {
  const rows: [string, string, RegExp][] = [
    ["nothing", "", /names nothing/],
    ["a dot", ".", /names nothing/],
    ["dots and space", " . .. ", /names nothing/],
    ["a name as an index", "a[foo]", /index/],
    ["a quoted name as an index", '["x"]', /index/],
    ["a name after an index", "a[1]b", /index/],
    ["a name between indexes", "a[1]b[2]", /index/],
    ["no index in brackets", "a[]", /index/],
    ["space in brackets", "a[ ]", /index/],
    ["a bracket that is not closed", "a[1", /index/],
    ["a bracket that is not opened", "a1]", /bracket/],
    ["brackets the wrong way round", "a]1[", /bracket/],
    ["brackets in brackets", "a[[1]]", /index/],
    ["a bracket closed twice", "a[1]]", /index/],
    ["space between indexes", "a[1] [2]", /index/],
    ["a negative index", "a[-1]", /index/],
    ["a fraction", "a[1.5]", /index/],
    ["half of a fraction", "a[1e-1]", /index/],
    ["no number", "a[NaN]", /index/],
    ["an endless index", "a[Infinity]", /index/],
    ["an index that makes too many before it", "a[10001]", /0 to 10000/],
    ["an index of the kind that kills servers", "a[200000000]", /0 to 10000/],
    ["indexes that make too many together", "a[5000][5000][1]", /all together.* 10000/],
    ["a hexadecimal index too large", "a[0xffffff]", /0 to 10000/],
    ["an index no number holds", `a[${"9".repeat(400)}]`, /index/],
    ["__proto__", "__proto__", /__proto__/],
    ["__proto__ first", "__proto__.x", /__proto__/],
    ["__proto__ later", "a.b.__proto__.x", /__proto__/],
    ["__proto__ last", "a[0].__proto__", /__proto__/],
    ["__proto__ with space", "a. __proto__ .x", /__proto__/],
    ["__proto__ with an index", "__proto__[0]", /__proto__/],
    ["__proto__ in brackets", "a[__proto__].x", /index/],
    ["constructor", "constructor.prototype.x", /constructor/],
    ["constructor later", "a.constructor", /constructor/],
    ["prototype", "a.prototype.x", /prototype/],
    ["half of a surrogate pair", "a.\ud83d", /surrogate/],
    ["too deep", Array(21).fill("a").join("."), /at most 20/],
    ["too deep by indexes", `a${"[0]".repeat(20)}`, /at most 20/],
    ["a million steps", "a.".repeat(1_000_000), /at most 20/],
  ];
  test.each(rows)("%s", async (_, text, message) => {
    const error = await refusal(() => parsePath(text, LIMITS));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(200);
  });
});

describe("a value at a path", () => {
  const rows: [string, Json, string, Json | undefined, Json][] = [
    ["is set", {}, "firstname", "Wolfram", { firstname: "Wolfram" }],
    ["takes the place of another", { a: 1, b: 2 }, "a", 3, { a: 3, b: 2 }],
    ["may be null", { a: 1 }, "a", null, { a: null }],
    ["may be an object", { a: 1 }, "a", { b: [1] }, { a: { b: [1] } }],
    ["is set in what is there", { a: { b: 1 } }, "a.c", 2, { a: { b: 1, c: 2 } }],
    ["is set deep", {}, "a.b.c", 1, { a: { b: { c: 1 } } }],
    ["is set in an array", { a: [1, 2, 3] }, "a[1]", 9, { a: [1, 9, 3] }],
    ["is added to an array", { a: [1] }, "a[1]", 2, { a: [1, 2] }],
    ["makes what comes before it null", {}, "list[2]", 7, { list: [null, null, 7] }],
    [
      "beyond the end makes what lies between null",
      { a: [1] },
      "a[3]",
      4,
      { a: [1, null, null, 4] },
    ],
    [
      "extends a record",
      { firstname: "Wolfram" },
      "lastname",
      "Hempel",
      { firstname: "Wolfram", lastname: "Hempel" },
    ],
    [
      "may be an array of arrays",
      { a: null },
      "a",
      [null, ["b"], ["c"]],
      { a: [null, ["b"], ["c"]] },
    ],
    [
      "is set far inside arrays of arrays",
      { o: { "101": { a: [[null, [null, ["s"], ["t"]]], null] } } },
      "o.101.a[0][1][1][0]",
      "u",
      { o: { "101": { a: [[null, [null, ["u"], ["t"]]], null] } } },
    ],
    [
      "takes the place of null in an array",
      { a: [null, "Cow"] },
      "a[0]",
      "Emu",
      { a: ["Emu", "Cow"] },
    ],
    [
      "makes an object of null in an array",
      { a: [null, "Cow"] },
      "a[0].x",
      "Emu",
      { a: [{ x: "Emu" }, "Cow"] },
    ],
    [
      "takes numbers for names all along",
      {},
      "address.99.street.1",
      "x",
      { address: { "99": { street: { "1": "x" } } } },
    ],
    ["takes zero for a name", {}, "animals.0.name", "Emu", { animals: { "0": { name: "Emu" } } }],
    [
      "called length is one like another",
      { a: 3 },
      "a.name.length",
      7,
      { a: { name: { length: 7 } } },
    ],
    ["is set in an array of arrays", {}, "a[0][1]", 2, { a: [[null, 2]] }],
    ["is set in an object of an array", { a: [{ b: 1 }] }, "a[0].b", 2, { a: [{ b: 2 }] }],
    ["makes an object in an array", {}, "a[1].b", 2, { a: [null, { b: 2 }] }],
    [
      "takes numbers for names where they have no brackets",
      {},
      "address[2].99.street[2].1",
      "x",
      { address: [null, null, { "99": { street: [null, null, { "1": "x" }] } }] },
    ],
    ["in an array by its index without brackets", { a: [1, 2] }, "a.1", 9, { a: [1, 9] }],
    ["takes an index for a name in an object", { a: { b: 1 } }, "a[0]", 2, { a: { b: 1, "0": 2 } }],
    ["is set under no name at all", {}, "[0]", 1, { "": [1] }],
    ["takes the place of a number in the way", { a: 5 }, "a.b", 1, { a: { b: 1 } }],
    ["takes the place of a string in the way", { a: "text" }, "a[0]", 1, { a: [1] }],
    ["takes the place of null in the way", { a: null }, "a.b.c", 1, { a: { b: { c: 1 } } }],
    ["takes the place of false in the way", { a: [false] }, "a[0].b", 1, { a: [{ b: 1 }] }],
    ["in a record that is an array", [{ a: 1 }], "0.a", 2, [{ a: 2 }]],
    ["is set where objects inherit something", {}, "toString.a", 1, { toString: { a: 1 } }],
    ["hides what objects inherit", {}, "hasOwnProperty", 1, { hasOwnProperty: 1 }],
    ["goes", { a: 1, b: 2 }, "a", undefined, { b: 2 }],
    ["goes deep inside", { a: { b: { c: 1, d: 2 } } }, "a.b.c", undefined, { a: { b: { d: 2 } } }],
    [
      "goes from an array, which keeps its length",
      { a: [1, 2, 3] },
      "a[1]",
      undefined,
      { a: [1, null, 3] },
    ],
    ["goes from the end of an array likewise", { a: [1, 2] }, "a[1]", undefined, { a: [1, null] }],
    ["that is not there goes", { a: 1 }, "b", undefined, { a: 1 }],
    ["goes, and what is missing on the way is made", {}, "a.b", undefined, { a: {} }],
  ];
  test.each(rows)("%s: %j %s", (_, before, path, value, after) => {
    expect(applied(before, path, value)).toEqual(after);
  });
});

test("not even a path that nobody read reaches what objects inherit", () => {
  applyPath({}, ["__proto__", "polluted"], 1);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

describe("an array has no members", () => {
  const rows: [Json, string][] = [
    [{ a: [1, 2] }, "a.length"],
    [{ a: [1, 2] }, "a.b"],
    [{ a: [1, 2] }, "a.b.c"],
    [{ a: [1, 2] }, "a.2"],
    [{ a: [1, 2] }, "a.01"],
    [{ a: [1, 2] }, "a.-1"],
    [{ a: [1, 2] }, "a.1e0"],
    [{ a: [1, 2] }, "a.4294967294"],
    [{ a: [1, 2] }, "a.[0]"],
    [{ a: [1, 2] }, "a.push"],
    [[1, 2], "b"],
    [[1, 2], "[0]"],
  ];
  test.each(rows)("%j: %s", async (before, path) => {
    for (const value of [1, undefined]) {
      const root = structuredClone(before);
      const error = await refusal(() => applyPath(root, parsePath(path, LIMITS), value));
      expect(error.code).toBe("invalid_argument");
      expect(root).toEqual(before);
    }
  });

  test("the refusal does not repeat a name of a megabyte", async () => {
    const path = parsePath(`a.${"x".repeat(1_000_000)}`, LIMITS);
    const error = await refusal(() => applyPath({ a: [] }, path, 1));
    expect(error.message.length).toBeLessThan(200);
  });
});

/** As it is kept: an array has no holes in JSON. */
function applied(before: Json, path: string, value: Json | undefined): Json {
  const root = structuredClone(before);
  expect(applyPath(root, parsePath(path, LIMITS), value)).toBe(root);
  return JSON.parse(JSON.stringify(root)) as Json;
}
