// Who may do what in batches of commands.

import { describe, expect, test } from "bun:test";
import type { DeepstreamClient } from "../deepstream-http/client.ts";
import {
  call,
  emit,
  found,
  head,
  notify,
  patch,
  query,
  read,
  readList,
  remove,
  removeList,
  write,
  writeList,
} from "../deepstream-http/commands.ts";
import { replay, TO_ANY_ORIGIN } from "../deepstream-http/replay.ts";
import { recordedPermissions } from "./recorded-permissions.ts";

const A = "tok-A";
const ADMIN = "tok-admin";

type Outcome = "ok" | "denied" | "failed";

/** By A, what comes before by the administrator. */
const COMMANDS: readonly [string, Outcome, object, (readonly object[])?][] = [
  ["the version of a record", "denied", head("forbidden/r")],
  ["a list", "denied", readList("forbidden/l")],
  ["writing a list", "denied", writeList("readonly/l", ["a"])],
  ["deleting a list", "denied", removeList("readonly/l")],
  ["deleting what may be written", "denied", remove("kept/r"), [write("kept/r", {})]],
  ["a path of what may only be read", "denied", patch("readonly/r", "a", 1)],
  ["a truthy answer", "denied", read("truthy/r")],
  ["a truthy member", "denied", write("truthy/r", { ok: "yes" })],
  ["a member that is true", "ok", write("truthy/r", { ok: true })],
  ["a number", "denied", remove("truthy/r")],
  ["a rule that fails, reading", "failed", read("broken/r")],
  ["a rule that fails, writing", "failed", write("broken/r", {})],
  ["a rule that fails, emitting", "failed", emit("boom")],
  ["a rule that fails, calling", "failed", call("broken", {})],
  [
    "a path that makes the number too large",
    "denied",
    patch("numbers/r", "n", 10),
    [write("numbers/r", { n: 1 })],
  ],
  [
    "a path that keeps it small",
    "ok",
    patch("numbers/r", "other", 10),
    [write("numbers/r", { n: 9 })],
  ],
  ["deleting, by what is there", "denied", remove("numbers/r"), [write("numbers/r", { n: 5 })]],
  ["deleting what is small", "ok", remove("numbers/r"), [write("numbers/r", { n: 4 })]],
  ["deleting what is not there", "failed", remove("numbers/gone")],
  ["one's own", "ok", read("mine/r"), [write("mine/r", { of: "A" })]],
  ["another's", "denied", read("mine/r"), [write("mine/r", { of: "B" })]],
  ["its version", "denied", head("mine/r"), [write("mine/r", { of: "B" })]],
  ["one notice among several", "denied", notify(["free", "forbidden/r"])],
  ["an event of the right size", "ok", emit("sized/e", { size: 3 })],
  ["an event that is too large", "denied", emit("sized/e", { size: 4 })],
  ["an event of no size", "failed", emit("sized/e")],
  ["a call with the wrong data", "denied", call("half/1", { half: 3 })],
  ["who is online, all of them", "denied", query()],
  ["who is online, oneself", "ok", query(["A"])],
  ["who is online, oneself and another", "denied", query(["A", "B"])],
];

export function commandPermissions(client: DeepstreamClient): void {
  // In one test, because each row finds what the ones before it left.
  test("those that were recorded", async () => {
    for (const row of recordedPermissions) await replay(client, row, TO_ANY_ORIGIN);
  });

  test.each(COMMANDS)("%s: %s", async (_, outcome, command, before = []) => {
    if (before.length > 0)
      expect(await client.batch(before, ADMIN)).toMatchObject({ result: "SUCCESS" });
    const slot = await client.slot(command, A);
    expect(slot).toMatchObject(
      {
        ok: { success: true },
        denied: { success: false, errorEvent: "MESSAGE_DENIED" },
        failed: { success: false, errorEvent: "MESSAGE_PERMISSION_ERROR" },
      }[outcome],
    );
    if (outcome === "denied")
      expect(slot.error).toMatch(/^Message denied\. Action .+ is not permitted\.$/);
  });

  test("a command that is denied takes no other with it, and changes nothing", async () => {
    await client.batch([write("batch/a", {}), write("readonly/b", { n: 0 })], ADMIN);
    const { result, body } = await client.batch(
      [
        patch("batch/a", "n", 1),
        patch("readonly/b", "n", 1),
        patch("batch/a", "m", 2),
        read("batch/a"),
      ],
      A,
    );
    expect(result).toBe("PARTIAL_SUCCESS");
    expect(body.map(({ success }) => success)).toEqual([true, false, true, true]);
    expect(body[3]).toEqual(found(3, { n: 1, m: 2 }));
    expect(await client.slot(read("readonly/b"), A)).toEqual(found(1, { n: 0 }));
  });

  test("a rule sees what the commands before it did, also to other records", async () => {
    const commands = [
      ...[write("bounds", { max: 1 }), write("bounded/b", { v: 2 })],
      ...[write("bounds", { max: 2 }), write("bounded/b", { v: 2 })],
      ...[
        write("gate", { open: false }),
        emit("gate/e"),
        write("gate", { open: true }),
        emit("gate/e"),
      ],
      ...[
        write("price/q", { value: 1 }),
        write("price/q", { value: 2 }),
        write("price/q", { value: 2 }),
      ],
      ...[patch("price/q", "value", 1), patch("price/q", "value", 3), read("price/q")],
    ];
    const { body } = await client.batch(commands, A);
    const isDone = body.map(({ success }) => success);
    expect(isDone).toEqual([
      ...[true, false, true, true],
      ...[true, false, true, true],
      ...[true, true, false],
      ...[false, true, true],
    ]);
    expect(body.at(-1)).toEqual(found(3, { value: 3 }));
  });

  test("of many who race, each write is judged by what the one before it left", async () => {
    await client.slot(write("price/race", { value: 0 }), ADMIN);
    const values = Array.from({ length: 40 }, (_, n) => (n * 7) % 40);
    const slots = await Promise.all(
      values.map((value) => client.slot(write("price/race", { value }), A)),
    );
    const written = values.filter((_, at) => slots[at]?.success);
    expect(written).toContain(39);
    // Whatever their order was, it went up: as often as the version did.
    const { version, data } = await client.read("price/race");
    expect([version, data]).toEqual([written.length + 1, { value: 39 }]);
  });

  describe("by GET", () => {
    const get = (path: string, token = A) => client.get(path, { Authorization: token });

    test("a record that may not be read is 403, also one that is not there", async () => {
      for (const name of ["forbidden/r", "forbidden/none", "truthy/r", "broken/r"]) {
        const { status, body } = await get(`/api/records/${encodeURIComponent(name)}`);
        expect([status, body]).toEqual([403, expect.stringMatching(/reading this record/)]);
      }
      await client.slot(write("mine/get", { of: "A" }), ADMIN);
      expect((await get("/api/records/mine%2Fget")).status).toBe(200);
      expect((await get("/api/records/mine%2Fget", ADMIN)).status).toBe(403);
    });

    test("the list names nothing that may not be read", async () => {
      await client.batch(
        ["A", "B", "A"].map((of, n) => write(`mine/list/${n}`, { of })),
        ADMIN,
      );
      const page = JSON.parse((await get("/api/records?prefix=mine/list/&limit=2")).body);
      const names = page.records.map(({ name }: { name: string }) => name);
      expect([names, page.next]).toEqual([["mine/list/0", "mine/list/2"], null]);
      const one = await get("/api/records?prefix=mine/list/&limit=1");
      expect(JSON.parse(one.body)).toMatchObject({ next: "mine/list/0" });
      expect(one.body).not.toContain("mine/list/1");
    });

    test("who may write and not read is not told what another wrote", async () => {
      await client.slot(write("mine/secret", { of: "B" }), ADMIN);
      const lost = [1, 7].map((version) => write("mine/secret", { of: "A" }, version));
      for (const slot of (await client.batch(lost, A)).body) {
        expect(slot).toMatchObject({ errorEvent: "INVALID_VERSION" });
        expect(slot).not.toHaveProperty("currentVersion");
        expect(slot).not.toHaveProperty("currentData");
        expect(slot.error).not.toMatch(/[0-9]/);
      }
      const told = await client.batch([write("free/told", {}), write("free/told", {}, 1)], A);
      expect(told.body[1]).toMatchObject({ currentVersion: 1, currentData: {} });
    });
  });
}
