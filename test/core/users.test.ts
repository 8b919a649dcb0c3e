// The users of an administrator: what is asked of them, and that their tokens end with them.

import { describe, expect, test } from "bun:test";
import { LoginLimits } from "../../src/core/access/login-limits.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import { UserChanges } from "../../src/core/access/user-changes.ts";
import { type NewUser, Users } from "../../src/core/access/users.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import type { Json } from "../../src/core/json.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import { FakeEngine, type Weather } from "../support/fake-engine.ts";
import { FakeHasher } from "../support/fake-hasher.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ADMIN, principal } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";
import { turns } from "../support/turns.ts";
import { unheardAudit } from "../support/unheard-audit.ts";

const ALICE: NewUser = { email: "alice@example.com", password: "secret" };

describe("add", () => {
  test("a user has a random id, and a hash instead of a password", async () => {
    const { users, engine } = open();
    const ids = [
      await users.add(ADMIN, { ...ALICE, clientData: { a: 1 }, serverData: "x" }),
      await users.add(ADMIN, { ...ALICE, email: "bob@example.com" }),
    ];
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[1]).not.toBe(ids[0]!);
    expect(await engine.userStore.find(ALICE.email)).toEqual({
      email: ALICE.email,
      id: ids[0]!,
      passwordHash: "hash of secret",
      clientData: { a: 1 },
      serverData: "x",
      createdAt: expect.any(Number),
    });
  });

  const good: [string, string][] = [
    ["Alice@Example.COM", "alice@example.com"],
    ["  alice@example.com\n", "alice@example.com"],
    ["a@b", "a@b"],
    ["ÄRGER@Ö.example", "ärger@ö.example"],
    ["a@b@c", "a@b@c"],
    [`${"x".repeat(252)}@b`, `${"x".repeat(252)}@b`],
    ["__proto__@x", "__proto__@x"],
  ];
  test.each(good)("%p is the address %p", async (given, email) => {
    const { users } = open();
    await users.add(ADMIN, { ...ALICE, email: given });
    expect((await users.list(ADMIN, "", 9)).map((user) => user.email)).toEqual([email]);
  });

  const bad: [string, Partial<NewUser>, RegExp][] = [
    ["an empty address", { email: "" }, /email address/],
    ["no @", { email: "alice" }, /email address/],
    ["nothing before the @", { email: "@b" }, /email address/],
    ["nothing after the @", { email: "a@" }, /email address/],
    ["a space inside", { email: "a b@c" }, /email address/],
    ["a line end inside", { email: "a\n@c" }, /email address/],
    ["a zero character", { email: "a\u0000@c" }, /email address/],
    ["half a pair", { email: "a\ud800@c" }, /email address/],
    ["an address too long", { email: `${"x".repeat(253)}@b` }, /254/],
    ["one too long in bytes", { email: `${"é".repeat(127)}@b` }, /254/],
    ["an empty password", { password: "" }, /password/],
    ["a password too long", { password: "x".repeat(1025) }, /1024/],
    ["one too long in bytes", { password: "é".repeat(513) }, /1024/],
    ["half a pair as password", { password: "\udc00" }, /password/],
    ["client data that is a list", { clientData: [] }, /client data/],
    ["client data that is text", { clientData: "x" }, /client data/],
    ["client data that is null", { clientData: null }, /client data/],
    ["client data with __proto__", { clientData: proto() }, /__proto__/],
    ["server data with __proto__", { serverData: { a: [proto()] } }, /server data.*__proto__/],
    ["data nested too deeply", { serverData: nested(33) }, /nested/],
    [
      "data too large",
      { clientData: { a: "x".repeat(4096) }, serverData: "x".repeat(4096) },
      /8192/,
    ],
  ];
  test.each(bad)("%s is invalid_argument, and nothing is hashed or kept", async (_, part, text) => {
    const { users, hasher } = open();
    const error = await refusal(() => users.add(ADMIN, { ...ALICE, ...part }));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toMatch(text);
    expect(hasher.hashed).toEqual([]);
    expect(await users.list(ADMIN, "", 9)).toEqual([]);
  });

  test("an address that is there already is user_exists, also for who comes at the same time", async () => {
    const { users } = open();
    const both = [users.add(ADMIN, ALICE), refusal(() => users.add(ADMIN, ALICE))] as const;
    const [id, error] = await Promise.all(both);
    expect(error.code).toBe("user_exists");
    expect((await refusal(() => users.add(ADMIN, ALICE))).code).toBe("user_exists");
    expect((await users.list(ADMIN, "", 9)).map((user) => user.id)).toEqual([id]);
  });
});

test("a list tells no hash", async () => {
  const { users } = open();
  const id = await users.add(ADMIN, { ...ALICE, serverData: { role: "admin" } });
  expect(await users.list(ADMIN, "", 9)).toEqual([
    {
      email: ALICE.email,
      id,
      clientData: undefined,
      serverData: { role: "admin" },
      createdAt: expect.any(Number),
    },
  ]);
});

describe("the tokens of a user", () => {
  const ends: [string, (users: Users) => Promise<unknown>][] = [
    ["is removed", (users) => users.remove(ADMIN, " ALICE@example.com")],
    ["gets another password", (users) => users.setPassword(ADMIN, ALICE.email, "other")],
  ];
  test.each(ends)("end when the user %s, in the same step", async (_, end) => {
    const { users, engine, commits } = open();
    const id = await users.add(ADMIN, ALICE);
    commits.length = 0;
    await end(users);
    expect(commits).toEqual([ALICE.email]);
    expect(engine.revocations.revokedUntil(`user:${id}`)).toBeNumber();
  });

  test.each(ends)("are left alone when nobody %s", async (_, end) => {
    const { users, engine } = open();
    const told: string[] = [];
    using _listener = engine.revocations.onRevoke((id) => told.push(id));
    expect((await refusal(() => end(users))).code).toBe("user_not_found");
    expect(told).toEqual([]);
  });
});

test("another password replaces the first", async () => {
  const { users, engine } = open();
  await users.add(ADMIN, ALICE);
  await users.setPassword(ADMIN, ALICE.email, "other");
  expect((await engine.userStore.find(ALICE.email))?.passwordHash).toBe("hash of other");
  const error = await refusal(() => users.setPassword(ADMIN, ALICE.email, ""));
  expect(error.code).toBe("invalid_argument");
});

describe("who is no admin", () => {
  const calls: [string, (users: Users, who: Principal) => Promise<unknown>][] = [
    ["add", (users, who) => users.add(who, { ...ALICE, email: "no address" })],
    ["list", (users, who) => users.list(who, "", 9)],
    ["remove", (users, who) => users.remove(who, "no address")],
    ["set a password", (users, who) => users.setPassword(who, "no address", "")],
  ];
  test.each(calls)("cannot %s", async (_, call) => {
    const { users, commits } = open();
    expect((await refusal(() => call(users, principal()))).code).toBe("permission_denied");
    expect(commits).toEqual([]);
  });
});

describe("sign-up", () => {
  test("makes a user without data", async () => {
    const { users } = open();
    const id = await users.signUp("New@example.com", "secret", "192.0.2.1");
    expect(await users.list(ADMIN, "", 9)).toMatchObject([{ id, email: "new@example.com" }]);
    const again = await refusal(() => users.signUp("new@example.com", "x", "192.0.2.1"));
    expect(again.code).toBe("user_exists");
  });

  test("is limited by address, whatever comes of it", async () => {
    const { users, hasher } = open();
    for (const n of [1, 2, 3]) await users.signUp(`u${n}@example.com`, "secret", "192.0.2.1");
    const error = await refusal(() => users.signUp("u4@example.com", "secret", "192.0.2.1"));
    expect([error.code, error.limit]).toEqual(["limit_exceeded", "login_rate_limit_exceeded"]);
    expect(hasher.hashed).toHaveLength(3);
    await users.signUp("u4@example.com", "secret", "192.0.2.2");
  });
});

test("a store that does not answer is outcome_unknown", async () => {
  const { users, clock } = open((point) =>
    point === "commit" ? new Promise(() => {}) : undefined,
  );
  const adding = refusal(() => users.add(ADMIN, ALICE));
  await turns();
  clock.advance(2000);
  expect((await adding).code).toBe("outcome_unknown");
});

function open(weather: Weather = () => {}) {
  const clock = new ManualClock();
  const commits: string[] = [];
  const engine = new FakeEngine(clock, (point, what) => {
    if (point === "commit") commits.push(what);
    return weather(point, what);
  });
  const hasher = new FakeHasher();
  const limits = new LoginLimits(clock, {
    addressFailures: 3,
    addressSeconds: 3,
    accountFailures: 10,
    accountSeconds: 2,
  });
  const writes = new WriteDeadline(new Deadlines(clock), 1000);
  const users = new Users(
    engine.userStore,
    hasher,
    new UserChanges(clock),
    limits,
    writes,
    unheardAudit,
  );
  return { clock, engine, hasher, commits, users };
}

/** With a member of that name of its own, as JSON.parse makes it. */
function proto(): Json {
  return JSON.parse('{"__proto__": 1}') as Json;
}

function nested(depth: number): Json {
  return depth === 0 ? 1 : [nested(depth - 1)];
}
