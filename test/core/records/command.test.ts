// Commands: what they make of a record, in which version, and what they never touch.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ServiceError } from "../../../src/core/errors.ts";
import type { Json } from "../../../src/core/json.ts";
import {
  type Applied,
  applyCommand,
  type RecordCommand,
  type StoredRecord,
} from "../../../src/core/records/command.ts";
import { type Path, parsePath } from "../../../src/core/records/path.ts";
import { refusal } from "../../support/refusal.ts";

const LIMITS = { arrayIndexMax: 10, depthMax: 20 };
const NAME = "r";

describe("versions", () => {
  const missing = undefined;
  const third: StoredRecord = { version: 3, data: '{"a":1}' };
  const rows: [string, StoredRecord | undefined, number | undefined, string][] = [
    ["a write that creates makes version 1", missing, undefined, "next 1"],
    ["version 1 of a record that does not exist is made", missing, 1, "next 1"],
    ["version 2 of a record that does not exist is not valid", missing, 2, "invalid_version 0"],
    ["version 5 of a record that does not exist is not valid", missing, 5, "invalid_version 0"],
    ["a write without a version makes the next", third, undefined, "next 4"],
    ["the next version is made", third, 4, "next 4"],
    ["the current version exists", third, 3, "version_exists 3"],
    ["an earlier version exists", third, 1, "version_exists 3"],
    ["one too many is not valid", third, 5, "invalid_version 3"],
    ["many too many is not valid", third, 2 ** 53 - 1, "invalid_version 3"],
  ];
  test.each(rows)("%s", (_, current, version, outcome) => {
    for (const command of [
      set({ b: 2 }, version),
      patch("b", 2, version),
      patch("a", undefined, version),
    ]) {
      expect(told(applyCommand(current, command))).toBe(outcome);
    }
  });

  test("neither a conflict nor a whole write looks at what a record holds, which may be long", () => {
    const unseen: StoredRecord = {
      version: 3,
      get data(): string {
        throw new Error("looked at");
      },
    };
    for (const [command, outcome] of [
      [set({}, 3), "version_exists 3"],
      [patch("a", 1, 3), "version_exists 3"],
      [patch("a", 1, 5), "invalid_version 3"],
      [set({}, 4), "next 4"],
      [set({}, undefined), "next 4"],
    ] as const) {
      expect(told(applyCommand(unseen, command))).toBe(outcome);
    }
  });

  test("of a record that must exist and does not, nothing is made, whatever version is asked for", () => {
    for (const version of [undefined, 1, 7]) {
      for (const command of [set({}, version), patch("a", 1, version)]) {
        const asked = { ...command, mustExist: true };
        expect(applyCommand(undefined, asked)).toEqual({ kind: "not_found" });
        expect(told(applyCommand(third, asked))).toBe(told(applyCommand(third, command)));
      }
    }
  });

  test("an empty record begins with version 0, and one that is there stays as it is", () => {
    const create: RecordCommand = { kind: "create-record", name: NAME };
    expect(applyCommand(undefined, create)).toEqual({
      kind: "next",
      record: { version: 0, data: "{}" },
    });
    expect(applyCommand(third, create)).toEqual({ kind: "exists" });
    expect(told(applyCommand({ version: 0, data: "{}" }, set({ a: 1 }, 1)))).toBe("next 1");
  });

  test("behind everybody's back any value and any version is put there, and taken away", () => {
    const replace = (data: string | undefined, version?: number): RecordCommand => {
      return { kind: "replace-record", name: NAME, data, version };
    };
    expect(applyCommand(third, replace('"text"'))).toEqual({
      kind: "next",
      record: { version: 4, data: '"text"' },
    });
    expect(told(applyCommand(third, replace("null", 1)))).toBe("next 1");
    expect(told(applyCommand(undefined, replace("[]", 9)))).toBe("next 9");
    expect(told(applyCommand(undefined, replace("[]")))).toBe("next 1");
    expect(told(applyCommand(third, replace(undefined)))).toBe("gone");
  });

  test("after the last version there is none", async () => {
    const last: StoredRecord = { version: 2 ** 31 - 1, data: "{}" };
    for (const command of [set({}), patch("a", 1), set({}, 2 ** 31)]) {
      expect(await refusal(() => applyCommand(last, command))).toMatchObject({
        code: "limit_exceeded",
        limit: "record_versions_limit_exceeded",
      });
    }
    expect(told(applyCommand({ ...last, version: last.version - 1 }, set({})))).toBe(
      `next ${last.version}`,
    );
  });

  test("a record that was deleted starts at version 1 again", () => {
    expect(applyCommand(third, { kind: "delete-record", name: NAME })).toEqual({ kind: "gone" });
    expect(applyCommand(undefined, { kind: "delete-record", name: NAME })).toEqual({
      kind: "gone",
    });
    expect(told(applyCommand(undefined, set({}, undefined)))).toBe("next 1");
  });
});

describe("data", () => {
  test("a write takes the place of all that was there", () => {
    expect(dataOf(applyCommand(stored({ a: 1 }), set([2], undefined)))).toEqual([2]);
  });

  test("a patch leaves what it does not name", () => {
    expect(dataOf(applyCommand(stored({ a: { b: 1 }, c: 2 }), patch("a.d", 3)))).toEqual({
      a: { b: 1, d: 3 },
      c: 2,
    });
  });

  test("a patch of a record that does not exist makes it out of an empty object", () => {
    expect(dataOf(applyCommand(undefined, patch("a.b[1]", 1)))).toEqual({ a: { b: [null, 1] } });
    expect(dataOf(applyCommand(undefined, patch("a", undefined)))).toEqual({});
  });

  test("several patches are applied in their order, in one version", () => {
    const applied = applyCommand(stored({ a: 1, b: [1] }), {
      ...{ kind: "patch-record", name: NAME, version: 2 },
      patches: [
        { path: ["a"], data: undefined },
        { path: ["a", "x"], data: "2" },
        { path: ["b", 1], data: "3" },
        { path: ["a", "x"], data: "4" },
      ],
    });
    expect(applied).toEqual({
      kind: "next",
      record: { version: 2, data: '{"b":[1,3],"a":{"x":4}}' },
    });
  });

  test("one of several patches that is refused takes the others with it", async () => {
    const patches = [
      { path: ["b"], data: "1" },
      { path: ["a", "name"], data: "1" },
    ];
    const command: RecordCommand = { kind: "patch-record", name: NAME, patches, version: 2 };
    const error = await refusal(() => applyCommand(stored({ a: [] }), command));
    expect(error.code).toBe("invalid_argument");
  });

  test("a few short paths do not make arrays without end", async () => {
    const patches = Array.from({ length: 20 }, (_, n) => ({
      path: [`a${n}`, 100_000],
      data: "1",
    }));
    const command: RecordCommand = { kind: "patch-record", name: NAME, patches, version: 2 };
    const error = await refusal(() => applyCommand(stored({}), command));
    expect(error.message).toContain("too many members");
  });

  test("a patch of what is neither object nor array takes its place", () => {
    const text: StoredRecord = { version: 1, data: '"text"' };
    expect(dataOf(applyCommand(text, patch("a", 1)))).toEqual({ a: 1 });
    expect(dataOf(applyCommand({ ...text, data: "null" }, patch("a", 1)))).toEqual({ a: 1 });
  });

  test("what was stored stays as it was, also when a patch is refused half way", async () => {
    const record = Object.freeze(stored({ a: [1], b: 1 }));
    applyCommand(record, patch("b.c", 2));
    expect(record).toEqual(stored({ a: [1], b: 1 }));
    const error = await refusal(() => applyCommand(record, patch("a.length", 0)));
    expect(error.code).toBe("invalid_argument");
    expect(record).toEqual(stored({ a: [1], b: 1 }));
  });

  test("a version that does not fit counts before a path that does not", () => {
    expect(told(applyCommand(stored([1]), patch("length", 0, 9)))).toBe("invalid_version 1");
  });
});

const NAMES = ["a", "b", "0", "1", "length", "toString", "valueOf", "hasOwnProperty", "push", ""];
const name = fc.constantFrom(...NAMES);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, 0, 1, true, "", "x"),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(name, tie("json"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const container = json.filter((value) => typeof value === "object" && value !== null);
const value = fc.option(json, { nil: undefined, freq: 4 });
const path: fc.Arbitrary<Path> = fc.array(fc.oneof(name, fc.nat(4)), {
  minLength: 1,
  maxLength: 5,
});

test("whatever is patched, it becomes what a copy made step by step becomes", () => {
  const property = fc.property(container, path, value, (before, steps, data) => {
    const command: RecordCommand = {
      ...{ kind: "patch-record", name: NAME, version: undefined },
      patches: [{ path: steps, data: data === undefined ? undefined : JSON.stringify(data) }],
    };
    const expected = outcomeOf(() => JSON.parse(JSON.stringify(copied(before, steps, data))));
    expect(outcomeOf(() => dataOf(applyCommand(stored(before), command)))).toEqual(expected);
  });
  fc.assert(property, { numRuns: 5000 });
});

test("whatever the path says, it is refused or changes the record alone, never what objects inherit", () => {
  const inherited = () =>
    [Object.prototype, Array.prototype, Function.prototype, String.prototype].map((prototype) =>
      Object.getOwnPropertyNames(prototype).map((member) => [
        member,
        Object.getOwnPropertyDescriptor(prototype, member),
      ]),
    );
  const before = inherited();
  const word = fc.constantFrom(
    ...["__proto__", "constructor", "prototype", "a", "toString", "length", " ", "0", "1", "-1"],
    ...[".", ".", "[", "]", "[0]", "[1]", "\u00a0", "\\", "'"],
  );
  const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(""));
  const property = fc.property(container, text, value, (root, written, data) => {
    const result = outcomeOf(() => dataOf(applyCommand(stored(root), patch(written, data))));
    expect(inherited()).toEqual(before);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
    if (result === "refused") return;
    expect(typeof result).toBe("object");
    expect(JSON.stringify(result)).not.toMatch(/"(__proto__|constructor|prototype)":/);
  });
  fc.assert(property, { numRuns: 2000 });
});

function set(data: Json, version?: number): RecordCommand {
  return { kind: "set-record", name: NAME, data: JSON.stringify(data), version };
}

function patch(text: string, data: Json | undefined, version?: number): RecordCommand {
  return {
    kind: "patch-record",
    name: NAME,
    patches: [
      {
        path: parsePath(text, LIMITS),
        data: data === undefined ? undefined : JSON.stringify(data),
      },
    ],
    version,
  };
}

function stored(data: Json): StoredRecord {
  return { version: 1, data: JSON.stringify(data) };
}

/** The kind of the outcome, and the version that it tells. */
function told(applied: Applied): string {
  if (applied.kind === "gone") return "gone";
  if (applied.kind === "next") return `next ${applied.record.version}`;
  return "version" in applied ? `${applied.kind} ${applied.version}` : applied.kind;
}

function dataOf(applied: Applied): Json {
  if (applied.kind !== "next") throw new Error(`nothing was written: ${applied.kind}`);
  return JSON.parse(applied.record.data) as Json;
}

function outcomeOf(work: () => Json): Json | "refused" {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof ServiceError) return "refused";
    throw cause;
  }
}

/** What a patch must make: a new document in which only what lies along the path differs. */
function copied(node: Json | undefined, [step, ...rest]: Path, data: Json | undefined): Json {
  if (step === undefined) throw new Error("a path of no steps");
  const isContainer = typeof node === "object" && node !== null;
  const container = isContainer ? node : typeof step === "number" ? [] : {};
  const change = (member: Json | undefined) =>
    rest.length === 0 ? data : copied(member, rest, data);
  if (!Array.isArray(container)) {
    const members = new Map<string, Json | undefined>(Object.entries(container));
    const key = String(step);
    members.set(key, change(members.get(key)));
    return Object.fromEntries(members) as Json;
  }
  if (typeof step === "string" && !Object.keys(container).includes(step)) {
    throw new ServiceError("invalid_argument", "an array has indexes only");
  }
  const items: (Json | undefined)[] = [...container];
  const index = Number(step);
  const item = change(items[index]);
  // Where nothing was, nothing goes.
  if (item !== undefined || index < items.length) items[index] = item;
  return Array.from(items, (member) => member ?? null);
}
