// Whatever an administrator changes is told, with who did it and what came of it; what others try is not.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/schema.ts";
import { Audit, type AuditEntry, COMMAND_LINE } from "../../src/core/access/audit.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import { NO_OVERRIDES } from "../../src/core/caches/cache.ts";
import { StoredRecords } from "../../src/core/records/stored-records.ts";
import { openAudit } from "../../src/server/audit.ts";
import { openServices, type Services } from "../../src/server/services.ts";
import { StartError } from "../../src/server/start-error.ts";
import { systemClock } from "../../src/server/system-clock.ts";
import { temporaryDirectory } from "../cli/millrace.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { flagsOf } from "../support/flags.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ADMIN, principal } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";

const BY = { token: "admin" };
const SECRET = "s3cret";
const NEW_TOKEN = { admin: false, user: undefined, expiresInSeconds: 60, name: "given" };
const PERMISSIONS = [{ cache: "c", topic: "t", role: "both" }] as const;

interface Room extends Services {
  readonly records: StoredRecords;
}

type Act = (room: Room, who: Principal) => unknown;

const acts: [action: string, on: object, act: Act, outcome?: string][] = [
  ["cache.put", { cache: "c" }, ({ caches }, who) => caches.put(who, "c", NO_OVERRIDES)],
  ["cache.delete", { cache: "c" }, ({ caches }, who) => caches.delete(who, "c")],
  ["cache.delete", { cache: "x" }, ({ caches }, who) => caches.delete(who, "x"), "cache_not_found"],
  [
    "topic.delete",
    { cache: "c", topic: "x" },
    ({ topics }, who) => topics.delete(who, { cache: "c", topic: "x" }),
    "topic_not_found",
  ],
  ["token.revoke", { token: "a/b" }, ({ tokens }, who) => tokens.revoke(who, "a/b")],
  ["key.rotate", { revokeOld: true }, ({ tokens }, who) => tokens.rotateKeys(who, true)],
  [
    "token.issue",
    { token: "given", admin: false },
    ({ tokens }, who) => tokens.issueFor(who, { ...NEW_TOKEN, permissions: PERMISSIONS }),
  ],
  [
    "token.issue",
    { token: "given", admin: true },
    ({ tokens }, who) => tokens.issueFor(who, { ...NEW_TOKEN, admin: true, permissions: [] }),
  ],
  [
    "token.issue",
    { token: COMMAND_LINE, admin: true },
    ({ tokens }, who) =>
      tokens.issueFor(who, { ...NEW_TOKEN, admin: true, permissions: [], name: COMMAND_LINE }),
    "invalid_argument",
  ],
  [
    "user.add",
    { user: "a@b" },
    ({ users }, who) => users.add(who, { email: "a@b", password: SECRET, serverData: SECRET }),
  ],
  ["user.remove", { user: "c@d" }, ({ users }, who) => users.remove(who, "c@d"), "user_not_found"],
  [
    "user.password",
    { user: "c@d" },
    ({ users }, who) => users.setPassword(who, "c@d", SECRET),
    "user_not_found",
  ],
  ["user.disconnect", { user: "u" }, ({ connections }, who) => connections.disconnect(who, "u")],
  ["record.set", { record: "r" }, ({ records }, who) => records.replace(who, "r", [SECRET], 7)],
  [
    "record.delete",
    { record: "x" },
    ({ records }, who) => records.remove(who, "x"),
    "record_not_found",
  ],
  ["record.notify", { record: "r" }, ({ records }, who) => records.notify(who, "r")],
];

let told: AuditEntry[];
let room: Room & Disposable;
beforeEach(async () => {
  told = [];
  room = await openRoom(new Audit((entry) => told.push(entry)));
});
afterEach(() => room[Symbol.dispose]());

describe("an administrator", () => {
  test.each(acts)("is told of for %s on %j", async (action, on, act, outcome = "done") => {
    await Promise.resolve()
      .then(() => act(room, ADMIN))
      .catch(() => {});
    expect(told).toEqual([{ by: BY, action, on, outcome } as AuditEntry]);
    expect(JSON.stringify(told)).not.toContain(SECRET);
  });

  test("is told of by the name of the command line where that is who acts", async () => {
    await room.caches.put({ ...ADMIN, ids: [COMMAND_LINE] }, "d", NO_OVERRIDES);
    await room.caches.put({ ...ADMIN, keyId: "", ids: [COMMAND_LINE] }, "e", NO_OVERRIDES);
    expect(told).toMatchObject([
      { by: COMMAND_LINE, on: { cache: "d" } },
      // Another issuer's token may have any id.
      { by: { token: COMMAND_LINE }, on: { cache: "e" } },
    ]);
  });

  test("who mints a token for others is told of", async () => {
    const wish = { permissions: PERMISSIONS, expiresInSeconds: 60, name: "child" };
    await room.tokens.mint(ADMIN, wish);
    expect(told).toEqual([
      { by: BY, action: "token.mint", on: { token: "child" }, outcome: "done" },
    ]);
  });

  test("is told of with a failure that is a bug, which stays one", async () => {
    const audit = new Audit((entry) => told.push(entry));
    const bug = new Error("a bug");
    const failed = audit.administer(ADMIN, "cache.put", {}, () => Promise.reject(bug));
    expect(await failed.catch((cause: unknown) => cause)).toBe(bug);
    expect(told).toMatchObject([{ outcome: "failed" }]);
  });

  test("cannot fill the record with one name", async () => {
    await refusal(() => room.users.remove(ADMIN, "x".repeat(100_000)));
    expect(JSON.stringify(told).length).toBeLessThan(2000);
  });
});

describe("somebody else is refused and not told of", () => {
  test.each(acts)("%s on %j", async (_, __, act) => {
    const outcome = await Promise.resolve()
      .then(() => act(room, principal()))
      .catch((cause: unknown) => cause);
    expect(outcome).toMatchObject({ code: "permission_denied" });
    expect(told).toEqual([]);
  });

  test("and what a program mints for others is its own affair", async () => {
    await room.tokens.mint(principal(), {
      permissions: PERMISSIONS,
      expiresInSeconds: 60,
      name: undefined,
    });
    expect(told).toEqual([]);
  });
});

describe("the audit file", () => {
  const entry = { by: BY, action: "cache.put", on: { cache: 'a"\nb' }, outcome: "done" } as const;

  test("gets a line of JSON for each change, also after it was moved away, and is the owner's alone", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "audit.jsonl");
    const { audit, faults } = open(path);
    expect(readFileSync(path, "utf8")).toBe("");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    audit.note(ADMIN, entry.action, entry.on);
    await Bun.write(path, "");
    audit.note(ADMIN, entry.action, entry.on);
    const line = JSON.stringify({ time: "1970-01-01T00:00:07.000Z", ...entry });
    expect(readFileSync(path, "utf8")).toBe(`${line}\n`);
    expect(faults).toEqual([]);
  });

  test("that cannot be written to keeps the server from starting", () => {
    expect(() => open("/nowhere/audit.jsonl")).toThrow(StartError);
    expect(() => open("/nowhere/audit.jsonl")).toThrow(
      /^The audit file cannot be written to: .+\.$/,
    );
  });

  test("that is lost later is a fault, and no change fails for it", () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "audit.jsonl");
    const { audit, faults } = open(path);
    rmSync(path);
    mkdirSync(path);
    audit.note(ADMIN, entry.action, entry.on);
    expect(faults).toHaveLength(1);
  });
});

function open(path: string) {
  const faults: unknown[] = [];
  const audit = openAudit(settings({ log: { audit_file: path } }), new ManualClock(7000), {
    onEntry: () => {},
    onFault: (cause) => faults.push(cause),
  });
  return { audit, faults };
}

async function openRoom(audit: Audit): Promise<Room & Disposable> {
  const engine = new FakeEngine(systemClock);
  await engine.cacheStore.put("c", NO_OVERRIDES);
  const services = openServices(settings(), engine, systemClock, audit, () => {});
  const limits = {
    ...{ recordBytesMax: 1000, nameBytesMax: 100, arrayIndexMax: 10, depthMax: 10 },
    ...{ listedMax: 100, waitingBytesMax: 1_000_000 },
  };
  const notify = () => {};
  const records = new StoredRecords(engine.recordStore, services.writes, limits, notify, audit);
  return { ...services, records, [Symbol.dispose]: () => services[Symbol.dispose]() };
}

function settings(overrides: Parameters<typeof flagsOf>[0] = {}): Settings {
  const loaded = loadSettings({ environment: {}, flags: flagsOf(overrides) });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}
