// What those who may not read a record must not learn of it: neither that it is there, nor its version, nor what it holds.

import { describe, expect, test } from "bun:test";
import type { User } from "../../../src/core/access/user.ts";
import type { Json } from "../../../src/core/json.ts";
import type { Records } from "../../../src/core/records/records.ts";
import { refusal } from "../../support/refusal.ts";
import { openRuledRecords } from "../../support/ruled-records.ts";
import type { Scope } from "../../support/rules.ts";

const ALICE: User = { id: "alice", clientData: undefined, serverData: undefined };

const WRITERS = { "record.create": true, "record.write": true };
const OWNERS = {
  oldData: true,
  rule: ({ oldData }: Scope) => memberOf(oldData(), "of") === "alice",
};

describe("a list", () => {
  const isAlices = { rule: ({ question }: Scope) => question.name?.startsWith("a") };

  test("names nothing that may not be read, also not as the place where it goes on", async () => {
    await using room = openRuledRecords({ "record.read": isAlices });
    for (const name of ["a1", "b1", "b2", "b3", "a2", "c", "a3"].toSorted()) {
      await room.store.apply(set(name, "{}"));
    }
    const pages: unknown[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const { records, next } = await room.records.list(ALICE, "", after, 2);
      pages.push([...records.map(({ name }) => name), next]);
      after = next;
    }
    expect(pages).toEqual([
      ["a1", "a2", "a2"],
      ["a3", undefined],
    ]);
    expect(await room.records.list(ALICE, "b", "", 1)).toEqual({ records: [], next: undefined });
  });

  test("that would go through too many that may not be read is refused", async () => {
    await using room = openRuledRecords({ "record.read": isAlices });
    for (let n = 0; n < 40; n += 1) await room.store.apply(set(`b${n}`, "{}"));
    const error = await refusal(() => room.records.list(ALICE, "b", "", 4));
    expect([error.code, error.message]).toEqual([
      "invalid_argument",
      expect.stringContaining("prefix"),
    ]);
    // What was found on the way is given.
    await room.store.apply(set("a1", "{}"));
    const { records, next } = await room.records.list(ALICE, "", "", 4);
    expect([records.map(({ name }) => name), next]).toEqual([["a1"], "a1"]);
  });
});

describe("a write with a version", () => {
  test.each<[string, string | undefined, number]>([
    ["too low", "{}", 1],
    ["too high", "{}", 9],
    ["too high for what is not there", undefined, 9],
  ])(
    "that is %s tells neither the version nor whether there is a record",
    async (_, data, version) => {
      await using room = openRuledRecords(WRITERS);
      if (data !== undefined) await room.store.apply(set("r", data));
      expect(await room.records.write(ALICE, "r", {}, version)).toEqual({
        ...{ kind: "invalid_version", version: undefined, data: undefined },
      });
      expect(await room.records.patch(ALICE, "r", "a", 1, version)).toEqual({
        ...{ kind: "invalid_version", version: undefined, data: undefined },
      });
    },
  );

  test("is told all to who may read it as it is", async () => {
    await using room = openRuledRecords({ ...WRITERS, "record.read": OWNERS });
    await room.store.apply(set("r", '{"of":"alice"}'));
    expect(await room.records.write(ALICE, "r", {}, 1)).toEqual({
      ...{ kind: "version_exists", version: 1, data: '{"of":"alice"}' },
    });
    await room.store.apply(set("r", '{"of":"bob"}'));
    expect(await room.records.write(ALICE, "r", {}, 1)).toMatchObject({
      ...{ kind: "invalid_version", version: undefined },
    });
  });
});

describe("a path that the record has no place for", () => {
  const afterLooking = {
    ...{ data: true },
    rule: ({ data }: Scope) => data() !== undefined && false,
  };
  const patch = (records: Records) => records.patch(ALICE, "r", "l.x", 1, undefined);

  test.each<[string, object, string]>([
    ["may read it", { "record.read": true }, "invalid_argument"],
    ["may not", {}, "permission_denied"],
    ["may read others", { "record.read": OWNERS }, "permission_denied"],
  ])("and a rule that looks before it denies: who %s is told so", async (_, reading, code) => {
    await using room = openRuledRecords({
      ...{ "record.create": true, "record.write": afterLooking },
      ...reading,
    });
    await room.store.apply(set("r", '{"l":[]}'));
    expect((await refusal(() => patch(room.records))).code).toBe(code as never);
  });
});

describe("a subscription that would make the record", () => {
  const fails = {
    rule: () => {
      throw new RangeError("always");
    },
  };

  test.each<[string, boolean | typeof fails]>([
    ["may be made", true],
    ["may not be made", false],
    ["fails to be decided", fails],
  ])("is refused in the same words whether it is there or not, where it %s", async (_, create) => {
    await using room = openRuledRecords({ "record.create": create });
    await room.store.apply(set("there", "{}"));
    const names = ["there", "missing"];
    const refused = await room.records.refusals(ALICE, names, "SUBSCRIBECREATEANDREAD");
    const [there, missing] = names.map((name) => refused.get(name));
    expect([there?.code, there?.message]).toEqual([missing?.code, missing?.message]);
    expect(there?.code).toBe("permission_denied");
  });
});

function set(name: string, data: string) {
  return { kind: "set-record", name, data, version: undefined } as const;
}

function memberOf(json: Json | undefined, member: string): Json | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  return (json as { readonly [member: string]: Json })[member];
}
