// What core/records/record-store.ts promises of records, of whatever engine is behind it.

import { describe, expect, test } from "bun:test";
import type { RecordCommand, StoredRecord } from "../../src/core/records/command.ts";
import type { RecordChange, RecordStore, Seen } from "../../src/core/records/record-store.ts";
import type { OpenWith } from "../support/open-engine.ts";
import { refusal } from "../support/refusal.ts";
import {
  patchRecord as patch,
  removeRecord as remove,
  setRecord as set,
} from "./record-commands.ts";
import { upTo } from "./store-calls.ts";

export function recordStoreSuite(open: OpenWith): void {
  describe("record store", () => {
    test("a record that was never written is not there", async () => {
      await using engine = await open();
      expect(await engine.recordStore.read("r")).toBeUndefined();
      expect(await engine.recordStore.head("r")).toBeUndefined();
      expect(await engine.recordStore.list("", "", 10)).toEqual([]);
    });

    test("a write is readable when it resolves, its text kept as it is", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const data = '{"a":[1,"é😀\\u0000",null],"1":-0.5e-7}';
      expect(await recordStore.apply(set("r", data))).toEqual({ kind: "written", version: 1 });
      expect(await recordStore.read("r")).toEqual({ version: 1, data });
      expect(await recordStore.head("r")).toBe(1);
    });

    test("records, versions and the next version are there across a reopening", async () => {
      await using engine = await open();
      await engine.recordStore.apply(set("r", "[1]"));
      await engine.recordStore.apply(set("r", "[2]"));
      await engine.recordStore.apply(set("gone", "[3]"));
      await engine.recordStore.apply(remove("gone"));
      await using again = await engine.reopen();
      expect(await again.recordStore.read("r")).toEqual({ version: 2, data: "[2]" });
      expect(await again.recordStore.read("gone")).toBeUndefined();
      expect(await again.recordStore.apply(set("r", "[3]", 3))).toMatchObject({ version: 3 });
    });

    test("commands are applied in the order of the calls, though nobody waited in between", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const outcomes = await Promise.all([
        recordStore.apply(set("r", "{}")),
        recordStore.apply(patch("r", ["a"], "1")),
        recordStore.apply(patch("r", ["b", 1], '"x"')),
        recordStore.apply(patch("r", ["a"], undefined)),
        recordStore.apply(set("other", "[]")),
        recordStore.apply(patch("r", ["c"], "null", 5)),
      ]);
      expect(outcomes.map((outcome) => "version" in outcome && outcome.version)).toEqual([
        ...[1, 2, 3, 4, 1, 5],
      ]);
      expect(await recordStore.read("r")).toEqual({
        version: 5,
        data: '{"b":[null,"x"],"c":null}',
      });
    });

    test("of many writers of one version exactly one wins, and the others see what won", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      await recordStore.apply(set("r", "[]"));
      const outcomes = await Promise.all(
        upTo(20).map((n) => recordStore.apply(set("r", `[${n}]`, 2))),
      );
      const won = outcomes.filter(({ kind }) => kind === "written");
      expect(won).toEqual([{ kind: "written", version: 2 }]);
      const record = await recordStore.read("r");
      for (const outcome of outcomes) {
        if (outcome.kind === "written") continue;
        expect(outcome).toEqual({ kind: "version_exists", version: 2, data: record!.data });
      }
    });

    test("a version that is not the next is a conflict that changes nothing", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      expect(await recordStore.apply(set("r", "[]", 5))).toMatchObject({
        kind: "invalid_version",
        version: 0,
      });
      await recordStore.apply(set("r", "[1]"));
      expect(await recordStore.apply(set("r", "[2]", 1))).toMatchObject({
        kind: "version_exists",
        version: 1,
        data: "[1]",
      });
      expect(await recordStore.apply(patch("r", [0], "2", 9))).toMatchObject({
        kind: "invalid_version",
        version: 1,
        data: "[1]",
      });
      expect(await recordStore.read("r")).toEqual({ version: 1, data: "[1]" });
    });

    test("a record is made empty with version 0 once, and its next version is 1", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const outcomes = await Promise.all([
        recordStore.apply(create("r")),
        recordStore.apply(create("r")),
        recordStore.apply(set("r", "[1]", 1)),
        recordStore.apply(create("r")),
      ]);
      expect(outcomes).toEqual([
        { kind: "written", version: 0 },
        { kind: "exists" },
        { kind: "written", version: 1 },
        { kind: "exists" },
      ]);
      await recordStore.apply(create("empty"));
      await using again = await engine.reopen();
      expect(await again.recordStore.read("r")).toEqual({ version: 1, data: "[1]" });
      expect(await again.recordStore.read("empty")).toEqual({ version: 0, data: "{}" });
    });

    test("a write to a record that must exist and does not makes none", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const write = { ...set("r", "[1]"), mustExist: true };
      expect(await recordStore.apply(write)).toEqual({ kind: "not_found" });
      expect(await recordStore.head("r")).toBeUndefined();
      await recordStore.apply(create("r"));
      expect(await recordStore.apply(write)).toEqual({ kind: "written", version: 1 });
    });

    test("several patches are one version, all or none", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      await recordStore.apply(set("r", '{"a":[1]}'));
      const good = [
        { path: ["a", 1], data: "2" },
        { path: ["b"], data: '{"c":1}' },
        { path: ["b", "c"], data: undefined },
      ];
      const bad = [...good, { path: ["a", "name"], data: "1" }];
      const patchMany = (patches: typeof good): RecordCommand => {
        return { kind: "patch-record", name: "r", patches, version: 2 };
      };
      const error = await refusal(() => recordStore.apply(patchMany(bad)));
      expect(error.code).toBe("invalid_argument");
      expect(await recordStore.read("r")).toEqual({ version: 1, data: '{"a":[1]}' });
      const told: RecordChange[] = [];
      using _ = recordStore.onChange((change) => told.push(change));
      const made = { version: 2, data: '{"a":[1,2],"b":{}}' };
      expect(await recordStore.apply(patchMany(good))).toEqual({ kind: "written", ...made });
      expect(await recordStore.read("r")).toEqual(made);
      expect(told).toEqual([{ command: told[0]!.command, ...made, commit: expect.any(Number) }]);
    });

    test("what is put there behind everybody's back is told to nobody, of whatever form it is", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const told: RecordChange[] = [];
      using _ = recordStore.onChange((change) => told.push(change));
      const replace = (data: string | undefined, version?: number) =>
        recordStore.apply({ kind: "replace-record", name: "r", data, version });
      expect(await replace('"text"', 7)).toEqual({ kind: "written", version: 7 });
      expect(await recordStore.read("r")).toEqual({ version: 7, data: '"text"' });
      expect(await replace("null", 3)).toEqual({ kind: "written", version: 3 });
      expect(await replace("{}")).toEqual({ kind: "written", version: 4 });
      expect(await replace(undefined)).toEqual({ kind: "deleted", existed: true });
      expect(await replace(undefined)).toEqual({ kind: "deleted", existed: false });
      expect(await recordStore.head("r")).toBeUndefined();
      expect(told).toEqual([]);
    });

    test("many records are read at once, in the order of their names as they were asked for", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const names = upTo(3000).map((n) => `r${n}`);
      await Promise.all(names.map((name, n) => recordStore.apply(set(name, `[${n}]`))));
      await recordStore.apply(set("r5", "[5.5]"));
      const asked = ["x", ...names.toReversed(), "r1", '"é\u0000'];
      const { found } = await recordStore.readAll(asked, 1_000_000);
      expect(found).toHaveLength(asked.length);
      const each = await Promise.all(asked.map((name) => recordStore.read(name)));
      expect(found).toEqual(each);
      const heads = await recordStore.headAll(asked);
      expect(heads.found).toEqual(each.map((record) => record?.version));
      expect(await recordStore.readAll([], 10)).toMatchObject({ found: [] });
    });

    test("a read of many ends with the record that makes it too long, and has one at least", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      for (const name of ["a", "b", "c"]) await recordStore.apply(set(name, text(100)));
      const readUpTo = async (bytesMax: number) => {
        const { found } = await recordStore.readAll(["a", "x", "b", "c"], bytesMax);
        return found.length;
      };
      expect(await Promise.all([1, 100, 101, 200, 201, 301].map(readUpTo))).toEqual([
        ...[1, 1, 3, 3, 4, 4],
      ]);
      expect(await recordStore.apply(set("a", "[]"))).toMatchObject({ version: 2 });
    });

    test("what a read of many has seen is told by the commits of the changes", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const told: RecordChange[] = [];
      using _ = recordStore.onChange((change) => told.push(change));
      const seen: Seen<StoredRecord>[] = [];
      for (const command of [set("r", "[1]"), set("s", "[1]"), remove("r"), set("r", "[2]")]) {
        seen.push(await recordStore.readAll(["r"], 100));
        await recordStore.apply(command);
      }
      seen.push(await recordStore.readAll(["r"], 100));
      const versions = seen.map(({ commit }) => {
        const before = told.filter((change) => change.commit <= commit);
        return before.findLast(({ command }) => command.name === "r")?.version;
      });
      expect(versions).toEqual(seen.map(({ found }) => found[0]?.version));
      expect(versions).toEqual([undefined, 1, 1, undefined, 1]);
      await using again = await engine.reopen();
      const { commit } = await again.recordStore.headAll(["r"]);
      expect(commit).toBe(told.at(-1)!.commit);
    });

    test.each(MOVES)(
      "a command that was decided on a record which was %s does nothing",
      async (_, moves) => {
        await using engine = await open();
        const { recordStore } = engine;
        await recordStore.apply(set("seen", "[1]"));
        const told: RecordChange[] = [];
        const { name, revision } = await recordStore.readRevised("seen");
        const none = await recordStore.readRevised("none");
        const basis = [{ name, revision }, none];
        for (const move of moves) await recordStore.apply(move);
        using _listening = recordStore.onChange((change) => told.push(change));
        for (const command of [set("r", "[]"), patch("r", ["a"], "1"), remove("seen")]) {
          expect(await recordStore.apply({ ...command, basis })).toEqual({ kind: "moved" });
        }
        expect(told).toEqual([]);
        expect(await recordStore.head("r")).toBeUndefined();
      },
    );

    test("a command that was decided on records which are as they were is applied", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      await recordStore.apply(set("seen", "[1]"));
      const { record, ...seen } = await recordStore.readRevised("seen");
      expect(record).toEqual({ version: 1, data: "[1]" });
      const none = await recordStore.readRevised("none");
      expect(none).toEqual({ name: "none", record: undefined, revision: 0 });
      await Promise.all([
        recordStore.apply(set("other", "[]")),
        recordStore.apply(set("none", "[]", 7)),
        recordStore.apply(remove("none")),
      ]);
      const decided = { ...set("seen", "[2]"), basis: [seen, none] };
      expect(await recordStore.apply(decided)).toEqual({ kind: "written", version: 2 });
      expect(await recordStore.apply(decided)).toEqual({ kind: "moved" });
      await using again = await engine.reopen();
      const later = await again.recordStore.readRevised("seen");
      const anew = { ...set("seen", "[3]"), basis: [later] };
      expect(await again.recordStore.apply(anew)).toMatchObject({ version: 3 });
    });

    test("a deleted record is gone, and begins again with version 1", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      await recordStore.apply(set("r", "[1]"));
      await recordStore.apply(set("r", "[2]"));
      expect(await recordStore.apply(remove("r"))).toEqual({ kind: "deleted", existed: true });
      expect(await recordStore.apply(remove("r"))).toEqual({ kind: "deleted", existed: false });
      expect(await recordStore.head("r")).toBeUndefined();
      expect(await recordStore.apply(set("r", "[3]", 1))).toMatchObject({ version: 1 });
    });

    test("a command that is refused changes nothing and fails no neighbour", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const outcomes = await Promise.allSettled([
        recordStore.apply(set("r", "[[0]]")),
        recordStore.apply(patch("r", ["name"], "1")),
        recordStore.apply(patch("r", [0, 0], "7")),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(outcomes[1]).toMatchObject({ reason: { code: "invalid_argument" } });
      expect(await recordStore.read("r")).toEqual({ version: 2, data: "[[7]]" });
    });

    const limits = { recordBytesMax: 100, recordsMax: 2, storedBytesMax: 400 };
    const refusals: {
      name: string;
      before: RecordCommand[];
      command: RecordCommand;
      limit: string;
    }[] = [
      {
        name: "a record that is too large",
        before: [],
        command: set("a", text(101)),
        limit: "record_size_limit_exceeded",
      },
      {
        name: "a record that a patch would make too large",
        before: [set("a", text(90))],
        command: patch("a", [1], text(20)),
        limit: "record_size_limit_exceeded",
      },
      {
        name: "one record too many",
        before: [set("a", "[]"), set("b", "[]")],
        command: set("c", "[]"),
        limit: "records_limit_exceeded",
      },
      {
        name: "bytes in all",
        before: [set("n".repeat(190), text(100))],
        command: set("b", "[]"),
        limit: "stored_bytes_limit_exceeded",
      },
    ];
    for (const { name, before, command, limit } of refusals) {
      test(`a limit stands on ${name}, across a reopening too`, async () => {
        await using engine = await open({ records: limits });
        for (const earlier of before) await engine.recordStore.apply(earlier);
        await using again = await engine.reopen();
        const seen = await again.recordStore.read(command.name);
        expect(await refusal(() => again.recordStore.apply(command))).toMatchObject({
          code: "limit_exceeded",
          limit,
        });
        expect(await again.recordStore.read(command.name)).toEqual(seen);
      });
    }

    test("what is deleted or shrinks makes room", async () => {
      await using engine = await open({ records: limits });
      const { recordStore } = engine;
      await recordStore.apply(set("a", text(100)));
      await recordStore.apply(set("b", text(100)));
      expect(await refusal(() => recordStore.apply(set("c", "[]")))).toMatchObject({
        code: "limit_exceeded",
      });
      await recordStore.apply(set("b", "[]"));
      await recordStore.apply(remove("a"));
      expect(await recordStore.apply(set("c", text(100)))).toMatchObject({ version: 1 });
    });

    test("a list goes through the names that start so in bytewise order, a page at a time", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const names = [
        "user",
        "user/",
        "user/a",
        "user/b",
        "user/é",
        "user/😀",
        "user0",
        "b",
        "%",
        "_",
      ];
      for (const name of names) await recordStore.apply(set(name, "[]"));
      expect(await namesOf(recordStore, "", "", 100)).toEqual(names.toSorted(bytewise));
      expect(await namesOf(recordStore, "user/", "", 100)).toEqual([
        ...["user/", "user/a", "user/b", "user/é", "user/😀"],
      ]);
      expect(await namesOf(recordStore, "user/", "user/a", 2)).toEqual(["user/b", "user/é"]);
      expect(await namesOf(recordStore, "user/", "zzz", 2)).toEqual([]);
      expect(await namesOf(recordStore, "%", "", 10)).toEqual(["%"]);
      expect(await namesOf(recordStore, "x", "", 10)).toEqual([]);
      expect(await recordStore.list("b", "", 1)).toEqual([{ name: "b", version: 1, bytes: 2 }]);
    });

    test("every change is told once, in order, when it can be read, and no conflict is", async () => {
      await using engine = await open();
      const { recordStore } = engine;
      const told: RecordChange[] = [];
      using _ = recordStore.onChange((change) => told.push(change));
      const commands = [set("r", "[1]"), set("r", "[2]"), patch("r", [0], "3"), remove("r")];
      await Promise.all([
        ...commands.map((command) => recordStore.apply(command)),
        recordStore.apply(remove("r")),
        recordStore.apply(set("r", "[9]", 9)),
      ]);
      expect(told.map(({ command }) => command)).toEqual(commands);
      expect(told.map(({ version }) => version)).toEqual([1, 2, 3, undefined]);
    });

    test("names are told apart by every character, and none is special", async () => {
      await using engine = await open();
      const names = ["a", "A", "a ", "é", "e\u0301", "__proto__", "constructor", "%", "'", "a/b"];
      for (const [index, name] of names.entries()) {
        await engine.recordStore.apply(set(name, `[${index}]`));
      }
      for (const [index, name] of names.entries()) {
        expect(await engine.recordStore.read(name)).toEqual({ version: 1, data: `[${index}]` });
      }
    });
  });
}

function create(name: string): RecordCommand {
  return { kind: "create-record", name };
}

/** JSON of an array, so many bytes long. */
function text(bytes: number): string {
  return `["${"x".repeat(bytes - 4)}"]`;
}

async function namesOf(store: RecordStore, prefix: string, after: string, limit: number) {
  return (await store.list(prefix, after, limit)).map(({ name }) => name);
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What others do to a record that was seen at version 1, so that it may look as it did. */
const MOVES: readonly [string, readonly RecordCommand[]][] = [
  ["written", [set("seen", "[2]")]],
  ["written as it was", [set("seen", "[1]")]],
  ["changed by path", [patch("seen", [0], "2")]],
  ["deleted", [remove("seen")]],
  ["deleted and made anew", [remove("seen"), set("seen", "[1]")]],
  [
    "set back behind everybody's back",
    [{ kind: "replace-record", name: "seen", data: "[2]", version: 1 }],
  ],
  ["not there before", [{ kind: "create-record", name: "none" }]],
];
