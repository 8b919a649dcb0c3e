// The service of records: what it refuses, what it hands to the store, and when.

import { describe, expect, test } from "bun:test";
import { Deadlines } from "../../../src/core/deadlines.ts";
import { ServiceError } from "../../../src/core/errors.ts";
import type { Json } from "../../../src/core/json.ts";
import {
  applyCommand,
  type RecordCommand,
  type RecordOutcome,
  type StoredRecord,
  writtenBy,
} from "../../../src/core/records/command.ts";
import type {
  RecordChange,
  RecordStore,
  RevisedRecord,
  Seen,
} from "../../../src/core/records/record-store.ts";
import { Records } from "../../../src/core/records/records.ts";
import type { RecordsLimits } from "../../../src/core/records/records-limits.ts";
import { WriteDeadline } from "../../../src/core/write-deadline.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { EVERYTHING } from "../../support/permissions.ts";
import { refusal } from "../../support/refusal.ts";
import { isPending } from "../../support/turns.ts";
import { user } from "../../support/users.ts";

const WRITE_MS_MAX = 10_000;
const ALICE = user("alice");

describe("records", () => {
  test("are written, read, told the version of, and deleted", async () => {
    using room = openRoom();
    const { records } = room;
    expect(await records.read(ALICE, "r")).toBeUndefined();
    expect(await records.head(ALICE, "r")).toBe(-1);
    expect(await records.write(ALICE, "r", { a: 1 }, undefined)).toEqual({
      kind: "written",
      version: 1,
    });
    expect(await records.patch(ALICE, "r", "b[1]", "x", 2)).toEqual({
      kind: "written",
      version: 2,
    });
    expect(await records.read(ALICE, "r")).toEqual({ version: 2, data: '{"a":1,"b":[null,"x"]}' });
    expect(await records.patch(ALICE, "r", "a", undefined, undefined)).toMatchObject({
      version: 3,
    });
    expect(await records.read(ALICE, "r")).toEqual({ version: 3, data: '{"b":[null,"x"]}' });
    expect(await records.head(ALICE, "r")).toBe(3);
    expect(await records.delete(ALICE, "r")).toBe(true);
    expect(await records.delete(ALICE, "r")).toBe(false);
    expect(await records.head(ALICE, "r")).toBe(-1);
    expect(room.left()).toEqual([0, 0]);
  });

  test("a version that does not fit is an outcome, with what the record is", async () => {
    using room = openRoom();
    await room.records.write(ALICE, "r", [1], undefined);
    const current = { version: 1, data: "[1]" };
    expect(await room.records.write(ALICE, "r", [2], 1)).toEqual({
      kind: "version_exists",
      ...current,
    });
    expect(await room.records.patch(ALICE, "r", "0", 2, 3)).toEqual({
      kind: "invalid_version",
      ...current,
    });
  });

  test("are made empty where they are not there yet", async () => {
    using room = openRoom();
    const { records } = room;
    expect(await records.create(ALICE, "r")).toBe(true);
    expect(await records.read(ALICE, "r")).toEqual({ version: 0, data: "{}" });
    await records.write(ALICE, "r", [1], 1);
    expect(await records.create(ALICE, "r")).toBe(false);
    expect(await records.read(ALICE, "r")).toEqual({ version: 1, data: "[1]" });
  });

  test("that must exist and do not are an outcome, and not made", async () => {
    using room = openRoom();
    const { records } = room;
    const mustExist = { mustExist: true };
    expect(await records.write(ALICE, "r", {}, 1, mustExist)).toEqual({ kind: "not_found" });
    expect(await records.patch(ALICE, "r", "a", 1, undefined, mustExist)).toEqual({
      kind: "not_found",
    });
    expect(await records.head(ALICE, "r")).toBe(-1);
  });

  test("are patched at several places in one version, or not at all", async () => {
    using room = openRoom();
    const { records } = room;
    const patches = [
      { path: "a.b", data: 1 },
      { path: "c", data: undefined },
      { path: "a.b", data: undefined },
      { path: "d[1]", data: null },
    ];
    const made = { version: 1, data: '{"a":{},"d":[null,null]}' };
    expect(await records.patchMany(ALICE, "r", patches, 1)).toEqual({ kind: "written", ...made });
    expect(await records.read(ALICE, "r")).toEqual(made);
    for (const bad of [[], [...patches, { path: "__proto__", data: 1 }]]) {
      const error = await refusal(() => records.patchMany(ALICE, "r", bad, undefined));
      expect(error.code).toBe("invalid_argument");
    }
    expect(await records.head(ALICE, "r")).toBe(1);
  });

  test("are read many at once, in the order that was asked for", async () => {
    using room = openRoom();
    const { records } = room;
    await records.write(ALICE, "a", [1], undefined);
    await records.write(ALICE, "b", [2], undefined);
    expect(await records.readAll(["b", "x", "a"])).toEqual({
      commit: 2,
      found: [{ version: 1, data: "[2]" }, undefined, { version: 1, data: "[1]" }],
    });
    expect(await records.headAll(["b", "x", "b"])).toEqual({
      commit: 2,
      found: [1, undefined, 1],
    });
  });

  test("are listed as the store lists them", async () => {
    using room = openRoom();
    for (const name of ["a/2", "a/1", "b"]) await room.records.write(ALICE, name, [], undefined);
    expect(await room.records.list(ALICE, "a/", "a/1", 10)).toEqual({
      records: [{ name: "a/2", version: 1, bytes: 2 }],
      next: undefined,
    });
    expect(await room.records.list(ALICE, "", "", 1)).toMatchObject({ next: expect.any(String) });
  });
});

describe("order", () => {
  test("the store has every command before the call returns, in the order of the calls", async () => {
    using room = openRoom();
    const { records } = room;
    const writing = [
      records.write(ALICE, "r", {}, undefined),
      records.patch(ALICE, "r", "a", 1, undefined),
      records.delete(ALICE, "r"),
      records.write(ALICE, "r", [], undefined),
    ];
    expect(room.store.commands.map(({ kind }) => kind)).toEqual([
      "set-record",
      "patch-record",
      "delete-record",
      "set-record",
    ]);
    await Promise.all(writing);
    expect(await records.read(ALICE, "r")).toEqual({ version: 1, data: "[]" });
  });

  test("a command that is refused takes no other with it", async () => {
    using room = openRoom();
    const first = room.records.write(ALICE, "r", {}, undefined);
    const refused = refusal(() => room.records.patch(ALICE, "r", "a.", "\ud800", undefined));
    const last = room.records.patch(ALICE, "r", "a", 1, undefined);
    expect(room.store.commands).toHaveLength(2);
    expect([await first, (await refused).code, await last]).toEqual([
      { kind: "written", version: 1 },
      "invalid_argument",
      { kind: "written", version: 2 },
    ]);
  });
});

describe("what is refused", () => {
  const writes: [string, Json, string][] = [
    ["a string", "text", "object or an array"],
    ["a number", 1, "object or an array"],
    ["null", null, "object or an array"],
    ["half of a surrogate pair", ["\ud800"], "surrogate"],
    ["a member called __proto__", JSON.parse('{"__proto__":1}') as Json, "__proto__"],
    ["data too deep", [[[[1]]]], "at most 3 levels"],
  ];
  test.each(writes)("a write of %s", async (_, data, message) => {
    using room = openRoom();
    const error = await refusal(() => room.records.write(ALICE, "r", data, undefined));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain(message);
    expect(room.store.commands).toEqual([]);
  });

  const patches: [string, string, Json | undefined, string][] = [
    ["nothing", "", 1, "names nothing"],
    ["__proto__", "a.__proto__", 1, "__proto__"],
    ["an index beyond the last that is allowed", "a[11]", 1, "0 to 10"],
    ["too deep", "a.b.c.d", 1, "at most 3 steps"],
    ["too deep, to remove what is there", "a.b.c.d", undefined, "at most 3 steps"],
    ["too deep with what is put there", "a.b", [[]], "at most 1 levels"],
    ["as deep as is allowed, with anything but a scalar", "a.b.c", {}, "at most 0 levels"],
    ["that is fine, of half of a surrogate pair", "a", "\udfff", "surrogate"],
  ];
  test.each(patches)("a patch with a path that names %s", async (_, path, data, message) => {
    using room = openRoom();
    const error = await refusal(() => room.records.patch(ALICE, "r", path, data, undefined));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain(message);
    expect(room.store.commands).toEqual([]);
  });

  test("a patch that is just deep enough is not", async () => {
    using room = openRoom();
    await room.records.patch(ALICE, "r", "a.b.c", 1, undefined);
    await room.records.patch(ALICE, "r", "d[10]", [1], undefined);
    await room.records.write(ALICE, "r", [[[1]]], undefined);
    expect(room.store.commands).toHaveLength(3);
  });

  test("data of more bytes than allowed, whole or at a path", async () => {
    using room = openRoom();
    const { records } = room;
    // In an array in JSON the one takes 100 bytes and the other 101, of fewer characters.
    const fitting = "é".repeat(48);
    const large = `${fitting}e`;
    await records.write(ALICE, "r", [fitting], undefined);
    await records.patch(ALICE, "s", "a", [fitting], undefined);
    for (const work of [
      () => records.write(ALICE, "r", [large], undefined),
      () => records.patch(ALICE, "r", "a", [large], undefined),
    ]) {
      expect(await refusal(work)).toMatchObject({
        code: "limit_exceeded",
        limit: "record_size_limit_exceeded",
      });
    }
    expect(room.store.commands).toHaveLength(2);
  });

  const names = ["", "a\n", "a\0b", "a\u0085", "\ud800", "x".repeat(51), "é".repeat(26)];
  test.each(names)("the name %j, by everything that takes one", async (name) => {
    using room = openRoom();
    const { records } = room;
    for (const work of [
      () => records.read(ALICE, name),
      () => records.head(ALICE, name),
      () => records.readAll(["fine", name]),
      () => records.headAll(["fine", name]),
      () => records.create(ALICE, name),
      () => records.write(ALICE, name, {}, undefined),
      () => records.patch(ALICE, name, "a", 1, undefined),
      () => records.delete(ALICE, name),
      () => records.notify(ALICE, ["fine", name]),
    ]) {
      const error = await refusal(work);
      expect(error.code).toBe("invalid_argument");
      expect(error.message).toContain("1 to 50 bytes");
    }
    expect([room.store.commands, room.store.reads]).toEqual([[], 0]);
  });

  const allowed = ["a/b", "$x", "*", "..", " ", "__proto__", "a?b#c%", "é".repeat(25), "\ufffd"];
  test.each(allowed)("not the name %j", async (name) => {
    using room = openRoom();
    await room.records.write(ALICE, name, {}, undefined);
    expect(await room.records.head(ALICE, name)).toBe(1);
  });
});

describe("the store", () => {
  test("a write that it does not answer is outcome_unknown at its deadline, and says what to do", async () => {
    using room = openRoom();
    room.store.isStuck = true;
    const { records } = room;
    for (const work of [
      () => records.write(ALICE, "r", {}, undefined),
      () => records.patch(ALICE, "r", "a", 1, undefined),
      () => records.delete(ALICE, "r"),
    ]) {
      const refused = refusal(work);
      expect(await isPending(refused)).toBe(true);
      room.clock.advance(WRITE_MS_MAX + 200);
      expect((await refused).code).toBe("outcome_unknown");
      expect((await refused).message).toContain("with a version can be repeated");
    }
    expect(room.left()).toEqual([0, 0]);
  });

  test("what it refuses is refused", async () => {
    using room = openRoom();
    room.store.refusal = new ServiceError("storage_full", "no space");
    const error = await refusal(() => room.records.write(ALICE, "r", {}, undefined));
    expect(error.code).toBe("storage_full");
    expect(room.left()).toEqual([0, 0]);
  });

  test("a path that asks an array for a name is refused when it is applied", async () => {
    using room = openRoom();
    await room.records.write(ALICE, "r", { a: [1] }, undefined);
    const error = await refusal(() => room.records.patch(ALICE, "r", "a.length", 0, undefined));
    expect(error.code).toBe("invalid_argument");
    expect(await room.records.head(ALICE, "r")).toBe(1);
  });
});

describe("who listens", () => {
  test("hears of every change until he leaves", async () => {
    using room = openRoom();
    const changes: RecordChange[] = [];
    const listening = room.records.onChange((change) => changes.push(change));
    await room.records.write(ALICE, "r", {}, undefined);
    await room.records.write(ALICE, "r", {}, 1);
    await room.records.delete(ALICE, "r");
    listening[Symbol.dispose]();
    await room.records.write(ALICE, "r", {}, undefined);
    expect(changes.map(({ command, version }) => [command.kind, version])).toEqual([
      ["set-record", 1],
      ["delete-record", undefined],
    ]);
    expect(room.store.listeners.size).toBe(0);
  });

  test("hears who made each change", async () => {
    using room = openRoom();
    const { records } = room;
    const sender = {};
    const senders: (object | undefined)[] = [];
    using _ = records.onChange(({ command }) => senders.push(records.senderOf(command)));
    await records.write(ALICE, "r", {}, undefined, { sender });
    await records.patch(ALICE, "r", "a", 1, undefined);
    await records.delete(ALICE, "r", sender);
    await records.create(ALICE, "r", sender);
    expect(senders).toEqual([sender, undefined, sender, sender]);
  });

  test("hears the names of every notify at once, and nothing is read", () => {
    using room = openRoom();
    const heard: (readonly string[])[] = [];
    const bug = new Error("mine");
    room.records.onNotify(() => {
      throw bug;
    });
    const listening = room.records.onNotify((names) => heard.push(names));
    void room.records.notify(ALICE, ["a", "b"]);
    void room.records.notify(ALICE, []);
    listening[Symbol.dispose]();
    void room.records.notify(ALICE, ["c"]);
    expect(heard).toEqual([["a", "b"], []]);
    expect(room.bugs).toEqual([bug, bug, bug]);
    expect([room.store.reads, room.store.commands]).toEqual([0, []]);
  });
});

function openRoom(differing: Partial<RecordsLimits> = {}) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const store = new MapStore();
  const bugs: unknown[] = [];
  const limits = {
    ...{
      recordBytesMax: 100,
      nameBytesMax: 50,
      arrayIndexMax: 10,
      depthMax: 3,
      listedMax: 10,
      waitingBytesMax: 1_000_000,
    },
    ...differing,
  };
  const writes = new WriteDeadline(deadlines, WRITE_MS_MAX);
  return {
    records: new Records(store, EVERYTHING, writes, limits, (cause) => bugs.push(cause)),
    store,
    clock,
    bugs,
    /** Deadlines and listeners that nobody called off. */
    left: () => [deadlines.size, store.listeners.size],
    [Symbol.dispose]: () => deadlines[Symbol.dispose](),
  };
}

/** Keeps records in a map, and the commands in the order in which it was handed them. */
class MapStore implements RecordStore {
  readonly commands: RecordCommand[] = [];
  readonly listeners = new Set<(change: RecordChange) => void>();
  reads = 0;
  isStuck = false;
  refusal: ServiceError | undefined;
  readonly #records = new Map<string, StoredRecord>();
  #commits = 0;

  recall(): undefined {}

  async read(name: string): Promise<StoredRecord | undefined> {
    this.reads += 1;
    return this.#records.get(name);
  }

  async readRevised(name: string): Promise<RevisedRecord> {
    this.reads += 1;
    const record = this.#records.get(name);
    return { name, record, revision: record?.version ?? 0 };
  }

  async head(name: string): Promise<number | undefined> {
    this.reads += 1;
    return this.#records.get(name)?.version;
  }

  async readAll(names: readonly string[]): Promise<Seen<StoredRecord>> {
    this.reads += 1;
    return { commit: this.#commits, found: names.map((name) => this.#records.get(name)) };
  }

  async headAll(names: readonly string[]): Promise<Seen<number>> {
    const { commit, found } = await this.readAll(names);
    return { commit, found: found.map((record) => record?.version) };
  }

  apply(command: RecordCommand): Promise<RecordOutcome> {
    this.commands.push(command);
    if (this.isStuck) return new Promise(() => {});
    return Promise.try(() => this.#apply(command));
  }

  async list(prefix: string, after: string, limit: number) {
    return [...this.#records]
      .filter(([name]) => name.startsWith(prefix) && name > after)
      .slice(0, limit)
      .map(([name, { version, data }]) => ({ name, version, bytes: data.length }));
  }

  onChange(listener: (change: RecordChange) => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  #apply(command: RecordCommand): RecordOutcome {
    if (this.refusal !== undefined) throw this.refusal;
    const current = this.#records.get(command.name);
    const applied = applyCommand(current, command);
    if (applied.kind === "gone") {
      this.#records.delete(command.name);
      this.#announce(command, undefined);
      return { kind: "deleted", existed: current !== undefined };
    }
    if ("version" in applied) return { ...applied, data: current?.data };
    if (applied.kind !== "next") return applied;
    this.#records.set(command.name, applied.record);
    this.#announce(command, applied.record.version);
    return writtenBy(command, applied.record);
  }

  #announce(command: RecordCommand, version: number | undefined): void {
    this.#commits += 1;
    const change = { command, version, commit: this.#commits };
    for (const listener of this.listeners) listener(change);
  }
}
