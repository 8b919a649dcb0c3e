import { describe, expect, test } from "bun:test";
import type { User } from "../../../src/core/access/user.ts";
import type { Json } from "../../../src/core/json.ts";
import type { RecordCommand } from "../../../src/core/records/command.ts";
import type { Records } from "../../../src/core/records/records.ts";
import { refusal } from "../../support/refusal.ts";
import { openRuledRecords as openRoom, WRITE_MS_MAX } from "../../support/ruled-records.ts";
import { turns } from "../../support/turns.ts";

const ALICE: User = { id: "alice", clientData: undefined, serverData: undefined };

const isOpen = {
  oldData: true,
  rule: ({ oldData }: ScopeOf) => memberOf(oldData(), "open") === true,
};

type ScopeOf = { readonly oldData: () => Json | undefined };

describe("what is asked of rules", () => {
  test.each<[string, string[], (records: Records) => Promise<unknown>]>([
    ["a write", ["create CREATE", "write UPDATE"], (it) => it.write(ALICE, "r", {}, undefined)],
    [
      "a write of what must be there",
      ["write UPDATE"],
      (it) => it.write(ALICE, "r", {}, undefined, { mustExist: true }),
    ],
    [
      "a write at a path",
      ["create CREATE", "write PATCH"],
      (it) => it.patch(ALICE, "r", "a", 1, undefined),
    ],
    [
      "an erasure",
      ["delete ERASE"],
      (it) => it.patch(ALICE, "r", "a", undefined, undefined, { mustExist: true }),
    ],
    [
      "several at once, an erasure among them",
      ["write PATCH_MULTI", "delete ERASE"],
      (it) =>
        it.patchMany(
          ALICE,
          "r",
          [
            { path: "a", data: 1 },
            { path: "b", data: undefined },
          ],
          undefined,
          { mustExist: true },
        ),
    ],
    ["a deletion", ["delete DELETE"], (it) => it.delete(ALICE, "r")],
    ["making it", ["create CREATE"], (it) => it.create(ALICE, "r")],
    ["reading", ["read READ"], (it) => it.read(ALICE, "r")],
    ["its version", ["read HEAD"], (it) => it.head(ALICE, "r")],
    ["a notice", ["notify NOTIFY"], async (it) => it.notify(ALICE, ["r"])],
  ])("%s: %p, and each of them can forbid it", async (_, asked, act) => {
    const actions = [...new Set(asked.map((each) => each.split(" ")[0]!))];
    const all = Object.fromEntries(actions.map((action) => [`record.${action}`, true]));
    {
      await using room = openRoom(all);
      await act(room.records);
      expect(room.rules.asked.map(({ action, operation }) => `${action} ${operation}`)).toEqual(
        asked,
      );
      expect(room.rules.asked.every(({ name, user }) => name === "r" && user === ALICE)).toBe(true);
    }
    for (const action of actions) {
      await using room = openRoom({ ...all, [`record.${action}`]: false });
      await room.store.apply(set("r", '{"a":0}'));
      expect((await refusal(() => act(room.records))).code).toBe("permission_denied");
      expect(await room.store.read("r")).toEqual({ version: 1, data: '{"a":0}' });
      expect(room.denials.map(({ rule, reason }) => [rule?.text, reason])).toEqual([
        [`record.${action}`, undefined],
      ]);
    }
  });

  test.each<[string, (records: Records) => Promise<unknown>, Json | undefined, Json]>([
    ["a write", (it) => it.write(ALICE, "r", { n: 2 }, undefined), { n: 2 }, { n: 1, l: [1] }],
    [
      "a path",
      (it) => it.patch(ALICE, "r", "l[1]", 2, undefined),
      { n: 1, l: [1, 2] },
      { n: 1, l: [1] },
    ],
    [
      "several paths",
      (it) =>
        it.patchMany(
          ALICE,
          "r",
          [
            { path: "n", data: undefined },
            { path: "l", data: 0 },
          ],
          undefined,
        ),
      { l: 0 },
      { n: 1, l: [1] },
    ],
  ])("%s is judged by the record as it would become", async (_, act, becomes, was) => {
    const seen: unknown[] = [];
    await using room = openRoom({
      ...{ "record.create": true, "record.delete": true },
      "record.write": {
        ...{ data: true, oldData: true },
        rule: ({ data, oldData }) => {
          seen.push([data(), oldData()]);
          return true;
        },
      },
    });
    await room.store.apply(set("r", '{"n":1,"l":[1]}'));
    await act(room.records);
    expect(seen).toEqual([[becomes, was]]);
    expect(JSON.parse((await room.store.read("r"))!.data)).toEqual(becomes);
  });

  test("a path that the record has no place for is said only to who may write", async () => {
    await using may = openRoom({ "record.create": true, "record.write": true });
    await using mayNot = openRoom({ "record.create": true, "record.write": false });
    for (const { store } of [may, mayNot]) await store.apply(set("r", '{"l":[]}'));
    const patch = ({ records }: { records: Records }) =>
      records.patch(ALICE, "r", "l.x", 1, undefined);
    expect((await refusal(() => patch(may))).code).toBe("invalid_argument");
    expect((await refusal(() => patch(mayNot))).code).toBe("permission_denied");
  });

  test("numbers that JSON has no text for are judged as what is stored of them", async () => {
    const seen: unknown[] = [];
    const rule = ({ data }: { data: () => unknown }) => seen.push(data()) > 0;
    await using room = openRoom({ "record.create": true, "record.write": { data: true, rule } });
    await room.records.write(ALICE, "r", JSON.parse('{"n":1e400,"z":-0}') as Json, undefined);
    expect(seen).toStrictEqual([{ n: null, z: 0 }]);
    expect((await room.store.read("r"))?.data).toBe('{"n":null,"z":0}');
  });

  test("a rule that fails permits nothing, and its reason is for the log", async () => {
    await using room = openRoom({
      "record.read": {
        rule: () => {
          throw new RangeError("the reason");
        },
      },
    });
    const error = await refusal(() => room.records.read(ALICE, "r"));
    expect(error.code).toBe("permission_failed");
    expect(error.message).not.toContain("the reason");
    expect(room.denials.map(({ reason }) => reason)).toEqual(["the reason"]);
  });

  test("who may write and not read is not told what a lost race has found", async () => {
    const rules = { "record.create": true, "record.write": true };
    await using may = openRoom({ ...rules, "record.read": true });
    await using mayNot = openRoom(rules);
    const held = [];
    for (const { store, records } of [may, mayNot]) {
      await store.apply(set("r", '{"secret":1}'));
      const outcome = await records.write(ALICE, "r", {}, 1);
      held.push(outcome);
    }
    expect(held).toEqual([
      { kind: "version_exists", version: 1, data: '{"secret":1}' },
      { kind: "invalid_version", version: undefined, data: undefined },
    ]);
  });
});

describe("reading", () => {
  const mine = {
    oldData: true,
    rule: ({ oldData }: ScopeOf) => memberOf(oldData(), "of") === "alice",
  };

  test("is decided on the data that it returns", async () => {
    await using room = openRoom({ "record.read": mine });
    await room.store.apply(set("r", '{"of":"alice"}'));
    expect(await room.records.read(ALICE, "r")).toMatchObject({ version: 1 });
    expect(await room.records.head(ALICE, "r")).toBe(1);
    await room.store.apply(set("r", '{"of":"bob"}'));
    for (const read of [() => room.records.read(ALICE, "r"), () => room.records.head(ALICE, "r")]) {
      expect((await refusal(read)).code).toBe("permission_denied");
    }
  });

  test("of many, each name counts for itself", async () => {
    await using room = openRoom({ "record.read": mine, "record.create": false });
    for (const [name, of] of [
      ["a", "alice"],
      ["b", "bob"],
      ["c", "alice"],
    ]) {
      await room.store.apply(set(name!, JSON.stringify({ of })));
    }
    const names = ["a", "b", "c", "missing"];
    const refused = await room.records.refusals(ALICE, names, "SUBSCRIBEANDREAD");
    expect([...refused.keys()]).toEqual(["b", "missing"]);
    const { records, next } = await room.records.list(ALICE, "", "", 2);
    expect([records.map(({ name }) => name), next]).toEqual([["a", "c"], undefined]);
  });

  test("what would be made has to be permitted, and is read as the empty object", async () => {
    const isEmpty = {
      oldData: true,
      rule: ({ oldData }: ScopeOf) => JSON.stringify(oldData()) === "{}",
    };
    const subscribe = async (create: boolean) => {
      await using room = openRoom({ "record.read": isEmpty, "record.create": create });
      await room.store.apply(set("there", "[]"));
      const names = ["new", "there"];
      return [...(await room.records.refusals(ALICE, names, "SUBSCRIBECREATEANDREAD")).keys()];
    };
    expect(await subscribe(true)).toEqual(["there"]);
    expect(await subscribe(false)).toEqual(["there", "new"]);
  });
});

describe("the moment of the write", () => {
  const permitted = { "record.create": true, "record.delete": isOpen, "record.write": isOpen };

  test.each<[string, (records: Records) => Promise<unknown>]>([
    ["write", (it) => it.write(ALICE, "r", { open: true }, undefined)],
    ["path", (it) => it.patch(ALICE, "r", "n", 1, undefined)],
    ["erasure", (it) => it.patch(ALICE, "r", "n", undefined, undefined)],
    ["deletion", (it) => it.delete(ALICE, "r")],
  ])(
    "a %s that was permitted before another writer came in between is decided again",
    async (_, act) => {
      let closes = 0;
      await using room = openRoom(permitted, async (point, what) => {
        if (point !== "show" || what !== "r" || closes > 0) return;
        closes += 1;
        await room.store.apply(replace("r", '{"open":false}', 1));
      });
      await room.store.apply(set("r", '{"open":true}'));
      expect((await refusal(() => act(room.records))).code).toBe("permission_denied");
      expect([closes, await room.store.read("r")]).toEqual([
        1,
        { version: 1, data: '{"open":false}' },
      ]);
    },
  );

  test("so is what was decided on another record", async () => {
    let closes = 0;
    await using room = openRoom(
      {
        "record.create": true,
        "record.write": {
          records: true,
          rule: ({ record }) => memberOf(record("gate"), "open") === true,
        },
      },
      async (point, what) => {
        if (point !== "show" || what !== "gate" || closes > 0) return;
        closes += 1;
        await room.store.apply(set("gate", '{"open":false}'));
      },
    );
    await room.store.apply(set("gate", '{"open":true}'));
    const write = () => room.records.write(ALICE, "r", {}, undefined);
    expect((await refusal(write)).code).toBe("permission_denied");
    await room.store.apply(set("gate", '{"open":true}'));
    expect(await write()).toEqual({ kind: "written", version: 1 });
  });

  test("a record that never holds still is given up, with nothing done", async () => {
    let changes = 0;
    await using room = openRoom(permitted, async (point, what) => {
      if (point !== "show" || what !== "r") return;
      changes += 1;
      await room.store.apply(set("r", '{"open":true}'));
    });
    await room.store.apply(set("r", '{"open":true}'));
    const error = await refusal(() => room.records.write(ALICE, "r", { mine: 1 }, undefined));
    expect(error.code).toBe("permission_failed");
    expect(error.message).toContain("nothing was done");
    const changed = changes;
    expect(await room.store.head("r")).toBe(changed + 1);
  });

  test("of many who add one to what they see, none is lost and none comes too late", async () => {
    const isNext = ({
      data,
      oldData,
    }: {
      data: () => Json | undefined;
      oldData: () => Json | undefined;
    }) => memberOf(data(), "n") === Number(memberOf(oldData(), "n") ?? 0) + 1;
    await using room = openRoom({
      "record.create": true,
      "record.write": { ...{ data: true, oldData: true }, rule: isNext },
    });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, at) =>
        room.records.write(ALICE, "r", { n: (at % 20) + 1 }, undefined),
      ),
    );
    const written = outcomes.filter(({ status }) => status === "fulfilled").length;
    expect(await room.store.read("r")).toEqual({ version: written, data: `{"n":${written}}` });
    expect(written).toBeGreaterThan(0);
  });

  test("writes of one record keep their order, whatever each has to wait for", async () => {
    const rule = { oldData: true, rule: () => true };
    await using room = openRoom({
      "record.create": true,
      "record.write": rule,
      "record.delete": true,
    });
    const writes: Promise<unknown>[] = [];
    for (const n of Array.from({ length: 10 }, (_, n) => n)) {
      writes.push(room.records.write(ALICE, "r", { n }, undefined));
      if (n === 5) writes.push(room.records.delete(ALICE, "r"));
    }
    expect(room.records.dependence("set-record", "r")).toBe("itself");
    expect(room.records.dependence("delete-record", "r")).toBe("nothing");
    expect(room.records.handedOver("r")).toBeInstanceOf(Promise);
    await Promise.all(writes);
    expect(await room.store.read("r")).toEqual({ version: 4, data: '{"n":9}' });
    expect(room.records.handedOver("r")).toBeUndefined();
  });

  describe("while the store does not answer", () => {
    const writes = (records: Records, count: number, text = "") =>
      Array.from({ length: count }, (_, n) => records.write(ALICE, "r", { n, text }, undefined));

    test("whoever waits is told so in time, in line or not, and what had not begun never does", async () => {
      let isHeld = true;
      const held = Promise.withResolvers<void>();
      await using room = openRoom(permitted, (point) =>
        point === "commit" && isHeld ? held.promise : undefined,
      );
      isHeld = false;
      await room.store.apply(set("r", '{"open":true}'));
      isHeld = true;
      const asked = Array.from({ length: 3 }, (_, n) =>
        refusal(() => room.records.write(ALICE, "r", { n, open: true }, undefined)),
      );
      await turns();
      room.clock.advance(WRITE_MS_MAX + 100);
      const codes = (await Promise.all(asked)).map(({ code }) => code);
      expect(codes).toEqual(Array(3).fill("outcome_unknown"));
      expect(room.records.handedOver("r")).toBeUndefined();
      isHeld = false;
      held.resolve();
      await turns();
      expect(await room.store.read("r")).toEqual({ version: 2, data: '{"n":0,"open":true}' });
    });

    test("only so much waits for it", async () => {
      const held = Promise.withResolvers<void>();
      const rule = { oldData: true, rule: () => true };
      await using room = openRoom(
        { "record.create": true, "record.write": rule },
        (point) => (point === "commit" ? held.promise : undefined),
        { waitingBytesMax: 20_000 },
      );
      const outcomes = Promise.allSettled([
        ...writes(room.records, 20, "x".repeat(500)),
        ...writes(room.records, 40),
      ]);
      await turns();
      held.resolve();
      const settled = await outcomes;
      const written = settled.filter(({ status }) => status === "fulfilled").length;
      expect(written).toBeWithin(2, 20);
      for (const outcome of settled.slice(written)) {
        expect(outcome).toMatchObject({ reason: { limit: "queue_limit_exceeded" } });
      }
      expect(await room.store.head("r")).toBe(written);
      // One is taken whatever its size.
      expect(await Promise.all(writes(room.records, 1))).toHaveLength(1);
    });
  });

  test("what depends on nothing is with the store before the call returns", async () => {
    await using room = openRoom({ "record.create": true, "record.write": true });
    const commands: RecordCommand[] = [];
    using _ = room.store.onChange(({ command }) => commands.push(command));
    await Promise.all([
      room.records.write(ALICE, "a", {}, undefined),
      room.records.patch(ALICE, "a", "x", 1, undefined),
    ]);
    expect(commands.map(({ kind, basis }) => [kind, basis])).toEqual([
      ["set-record", undefined],
      ["patch-record", undefined],
    ]);
  });
});

function set(name: string, data: string): RecordCommand {
  return { kind: "set-record", name, data, version: undefined };
}

function replace(name: string, data: string, version: number): RecordCommand {
  return { kind: "replace-record", name, data, version };
}

function memberOf(json: Json | undefined, member: string): Json | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  return (json as { readonly [member: string]: Json })[member];
}
