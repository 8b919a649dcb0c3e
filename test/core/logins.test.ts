// Who the caller is: by token, by credentials, or nobody; and that what ends meanwhile has ended.

import { describe, expect, test } from "bun:test";
import { JwtTokens } from "../../src/auth/jwt-tokens.ts";
import { KeyRing } from "../../src/auth/key-ring.ts";
import type { Caller, Credentials, LoginMethod, LoginResult } from "../../src/core/access/login.ts";
import { LoginLimits } from "../../src/core/access/login-limits.ts";
import { Logins, type NamedLoginMethod } from "../../src/core/access/logins.ts";
import { OpenLogin } from "../../src/core/access/open-login.ts";
import { Tokens } from "../../src/core/access/tokens.ts";
import type { User } from "../../src/core/access/user.ts";
import { UserChanges } from "../../src/core/access/user-changes.ts";
import { Users } from "../../src/core/access/users.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { ServiceError } from "../../src/core/errors.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import { FakeEngine, type Weather } from "../support/fake-engine.ts";
import { FakeHasher } from "../support/fake-hasher.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ADMIN } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";
import { turns } from "../support/turns.ts";
import { unheardAudit } from "../support/unheard-audit.ts";

const HOUR_MS = 3_600_000;
const ALICE: User = { id: "alice", clientData: { a: 1 }, serverData: { role: "admin" } };
const CALLER: Caller = { address: "192.0.2.1", headers: {}, url: "/api/auth" };
const REFUSED: LoginResult = { kind: "refused" };
const open: NamedLoginMethod = { type: "open", method: new OpenLogin(false) };

describe("login", () => {
  test("gives a token of ours that says who it was, for as long as set and any number of requests", async () => {
    const { logins, clock, tokens } = setUp([password()]);
    const { user, token, clientData } = await logins.login({ password: "alice" }, CALLER);
    expect([user, clientData]).toEqual([ALICE, { a: 1 }]);
    clock.advance(24 * HOUR_MS - 1);
    for (let n = 0; n < 3; n += 1) expect(await logins.authenticate(token, CALLER)).toEqual(ALICE);
    expect(logins.recall(token)).toEqual(ALICE);
    expect(await tokens.authenticate(token)).toMatchObject({ admin: false, permissions: [] });
    clock.advance(1);
    expect(logins.recall(token)).toBeUndefined();
    expect((await refusal(() => logins.authenticate(token, CALLER))).code).toBe("unauthenticated");
  });

  test("hands on the method's own token, and makes none beside it", async () => {
    const { logins } = setUp([accepting("webhook", { token: "theirs" })]);
    expect((await logins.login({ password: "x" }, CALLER)).token).toBe("theirs");
  });

  test("of the open way tells the client an empty object", async () => {
    const { logins } = setUp([open]);
    const { user, token, clientData } = await logins.login({}, CALLER);
    expect([user.id, clientData]).toEqual(["open", {}]);
    expect((await logins.authenticate(token, CALLER)).id).toBe("open");
  });

  test("with a token of ours verifies it and gives it back, and makes no longer one", async () => {
    const { logins, clock } = setUp([password()]);
    const { token } = await logins.login({ password: "alice" }, CALLER);
    clock.advance(HOUR_MS);
    expect(await logins.login({ token }, CALLER)).toEqual({
      user: ALICE,
      token,
      clientData: { a: 1 },
    });
  });
});

describe("the ways are asked in their order", () => {
  const rows: [string, NamedLoginMethod[], Credentials, string][] = [
    ["the first that knows its kind", [password(), open], { password: "alice" }, "alice"],
    ["the next when it is not its kind", [password(), open], {}, "open"],
    ["nobody after one that refuses", [password(), accepting("webhook")], { password: "no" }, "-"],
    ["nobody when it is nobody's kind", [password(), open], { token: "x" }, "-"],
    ["none at all", [], {}, "-"],
    [
      "only the one that the credentials name",
      [accepting("webhook"), password()],
      { type: "password", password: "no" },
      "-",
    ],
    [
      "all when they name none that there is",
      [accepting("webhook"), password()],
      { type: "email", password: "no" },
      "webhook",
    ],
  ];
  test.each(rows)("%s", async (_, methods, credentials, expected) => {
    const { logins } = setUp(methods);
    const asked = logins.identify(credentials, CALLER).then(
      ({ id }) => id,
      (cause: ServiceError) => (cause.code === "unauthenticated" ? "-" : cause.code),
    );
    expect(await asked).toBe(expected);
  });
});

describe("authenticate", () => {
  test("without a token is the login of who says nothing, and is never limited", async () => {
    const { logins } = setUp([open]);
    for (let n = 0; n < 50; n += 1) {
      expect((await logins.authenticate(undefined, CALLER)).id).toBe("open");
    }
    const strict = setUp([password()]).logins;
    for (let n = 0; n < 50; n += 1) {
      const error = await refusal(() => strict.authenticate(undefined, CALLER));
      expect(error.code).toBe("unauthenticated");
    }
  });

  const bad: [string, (token: string) => string][] = [
    ["with another signature", (token) => `${token.slice(0, -4)}AAAA`],
    ["cut short", (token) => token.slice(0, -10)],
    ["without its signature", (token) => token.split(".").slice(0, 2).join(".")],
    ["with another body", (token) => token.replace(/\.[^.]+\./, ".e30.")],
    ["of garbage", () => "garbage"],
    ["that is empty", () => ""],
  ];
  test.each(bad)("a token %s is refused beside open too", async (_, spoil) => {
    const { logins } = setUp([password(), open]);
    const { token } = await logins.login({ password: "alice" }, CALLER);
    const error = await refusal(() => logins.authenticate(spoil(token), CALLER));
    expect(error.code).toBe("unauthenticated");
  });

  test("a token that does not say whose it is is refused", async () => {
    const { logins, signer, clock } = setUp([open]);
    const token = await signer.sign({
      id: "x",
      name: undefined,
      parents: [],
      admin: true,
      permissions: [],
      issuedAt: clock.now(),
      expiresAt: undefined,
    });
    expect((await refusal(() => logins.authenticate(token, CALLER))).code).toBe("unauthenticated");
  });

  test("a token that is not ours goes to whoever takes it, each time; ours never does", async () => {
    const asked: Credentials[] = [];
    const webhook = accepting("webhook", {}, (credentials) => asked.push(credentials));
    const { logins } = setUp([password(), webhook]);
    for (let n = 0; n < 2; n += 1) {
      expect((await logins.authenticate("theirs", CALLER)).id).toBe("webhook");
    }
    const { token } = await logins.login({ password: "alice" }, CALLER);
    await logins.authenticate(token, CALLER);
    await refusal(() => logins.authenticate(`${token.slice(0, -4)}AAAA`, CALLER));
    expect(asked).toEqual([{ token: "theirs" }, { token: "theirs" }]);
  });
});

describe("what is revoked", () => {
  test("ends a user's tokens at once, and not those of others", async () => {
    const { logins, tokens } = setUp([password()]);
    const alice = await logins.login({ password: "alice" }, CALLER);
    const bob = await logins.login({ password: "bob" }, CALLER);
    await logins.authenticate(alice.token, CALLER);
    await tokens.revoke(ADMIN, "user:alice");
    expect(logins.recall(alice.token)).toBeUndefined();
    const error = await refusal(() => logins.authenticate(alice.token, CALLER));
    expect(error.code).toBe("unauthenticated");
    expect((await logins.authenticate(bob.token, CALLER)).id).toBe("bob");
  });

  test("does not end a login that comes after it, in the same millisecond", async () => {
    const { logins, tokens } = setUp([password()]);
    await tokens.revoke(ADMIN, "user:alice");
    const { token } = await logins.login({ password: "alice" }, CALLER);
    expect((await logins.authenticate(token, CALLER)).id).toBe("alice");
  });

  test("while a password is looked at refuses the login", async () => {
    const held = Promise.withResolvers<void>();
    const { logins, tokens } = setUp([password(held.promise)]);
    const login = refusal(() => logins.login({ password: "alice" }, CALLER));
    await turns(1);
    await tokens.revoke(ADMIN, "user:alice");
    held.resolve();
    expect((await login).code).toBe("unauthenticated");
  });

  test("but told of only later ends the token of a login that was under way", async () => {
    const held = Promise.withResolvers<void>();
    const { logins, tokens, clock } = setUp([password(held.promise)]);
    const login = logins.login({ password: "alice" }, CALLER);
    await turns(1);
    clock.advance(5);
    held.resolve();
    const { token } = await login;
    // As if it had been durable before the login was through, and heard of only now.
    clock.step(-2);
    await tokens.revoke(ADMIN, "user:alice");
    expect((await refusal(() => logins.authenticate(token, CALLER))).code).toBe("unauthenticated");
  });
});

describe("a login that sees a user as before", () => {
  const changes: [string, (users: Users) => Promise<unknown>][] = [
    ["a removal", (users) => users.remove(ADMIN, "alice@example.com")],
    ["another password", (users) => users.setPassword(ADMIN, "alice@example.com", "other")],
  ];
  const rows = changes.flatMap(([what, change]) =>
    [0, 1, 999].map((lateMs) => ({ what, lateMs, change })),
  );
  test.each(rows)(
    "does not outlive $what that began $lateMs ms before and was on its way to the disk",
    async ({ lateMs, change }) => {
      const disk = Promise.withResolvers<void>();
      const { logins, users, clock, engine } = setUp([password()], (point) =>
        point === "commit" ? disk.promise : undefined,
      );
      const stored = { ...ALICE, email: "alice@example.com", passwordHash: "hash" };
      void engine.userStore.add(stored);
      const changing = change(users);
      await turns();
      clock.advance(lateMs);
      const { token } = await logins.login({ password: "alice" }, CALLER);
      expect((await logins.authenticate(token, CALLER)).id).toBe("alice");
      disk.resolve();
      await changing;
      const error = await refusal(() => logins.authenticate(token, CALLER));
      expect(error.code).toBe("unauthenticated");
      const later = await logins.login({ password: "alice" }, CALLER);
      expect((await logins.authenticate(later.token, CALLER)).id).toBe("alice");
    },
  );

  test("does not outlive a change that nobody waits for any more, and lives on when it fails", async () => {
    const disk = Promise.withResolvers<void>();
    const { logins, users, signer, clock } = setUp([password()], (point) =>
      point === "commit" ? disk.promise : undefined,
    );
    const changing = refusal(() => users.remove(ADMIN, "alice@example.com"));
    await turns();
    clock.advance(1000);
    expect((await changing).code).toBe("outcome_unknown");
    const { token } = await logins.login({ password: "alice" }, CALLER);
    expect((await signer.verify(token)).issuedAt).toBe(clock.now() - 1000);
    disk.reject(new Error("the disk is broken"));
    await turns();
    expect((await logins.authenticate(token, CALLER)).id).toBe("alice");
    const later = await logins.login({ password: "alice" }, CALLER);
    expect((await signer.verify(later.token)).issuedAt).toBe(clock.now());
  });
});

describe("guesses", () => {
  test("are refused unseen when there were too many, and the account's also elsewhere", async () => {
    let looked = 0;
    const method = accepting("x", undefined, () => {
      looked += 1;
    });
    const { logins } = setUp([{ ...method, method: refusing(method.method) }]);
    const guess = (username: string, address = CALLER.address) =>
      refusal(() => logins.login({ username, password: "no" }, { ...CALLER, address }));
    for (let n = 0; n < 3; n += 1) expect((await guess("alice")).code).toBe("unauthenticated");
    const error = await guess("alice");
    expect([error.code, error.limit]).toEqual(["limit_exceeded", "login_rate_limit_exceeded"]);
    expect((await guess("alice", "192.0.2.2")).code).toBe("limit_exceeded");
    expect((await guess("bob", "192.0.2.2")).code).toBe("unauthenticated");
    expect(looked).toBe(4);
  });

  test("are also tokens that a webhook refuses, but none that nobody takes, or ours that have ended", async () => {
    const webhook = { type: "webhook", method: refusing(accepting("webhook").method) };
    const { logins, clock } = setUp([password(), webhook]);
    const { token } = await logins.login({ password: "alice" }, CALLER);
    clock.advance(25 * HOUR_MS);
    const codes = async (sent: string, by = logins) => {
      const errors: string[] = [];
      for (let n = 0; n < 6; n += 1) {
        errors.push((await refusal(() => by.authenticate(sent, CALLER))).code);
      }
      return new Set(errors);
    };
    expect(await codes(token)).toEqual(new Set(["unauthenticated"]));
    expect(await codes("x", setUp([password()]).logins)).toEqual(new Set(["unauthenticated"]));
    expect(await codes("x")).toEqual(new Set(["unauthenticated", "limit_exceeded"]));
  });

  test("are none that nobody could look at", async () => {
    const unavailable: LoginMethod = {
      async login() {
        throw new ServiceError("identity_provider_unavailable", "later");
      },
    };
    const { logins } = setUp([{ type: "webhook", method: unavailable }]);
    for (let n = 0; n < 20; n += 1) {
      const error = await refusal(() => logins.login({ username: "a", password: "b" }, CALLER));
      expect(error.code).toBe("identity_provider_unavailable");
    }
  });
});

function setUp(methods: NamedLoginMethod[], weather?: Weather) {
  const clock = new ManualClock();
  const engine = new FakeEngine(clock, weather);
  const ring = new KeyRing(engine.keys, clock);
  const signer = new JwtTokens(ring, clock, undefined);
  const { revocations } = engine;
  const tokens = new Tokens(
    { verifier: signer, signer, keys: ring, revocations, audit: unheardAudit },
    clock,
    new WriteDeadline(new Deadlines(clock), 1000),
    { rememberedMax: 100, secondsMax: 1000 },
    () => {},
  );
  const limits = new LoginLimits(clock, {
    addressFailures: 5,
    addressSeconds: 3,
    accountFailures: 3,
    accountSeconds: 2,
  });
  const changes = new UserChanges(clock);
  const logins = new Logins(methods, tokens, revocations, changes, limits, clock, 24 * HOUR_MS);
  const writes = new WriteDeadline(new Deadlines(clock), 1000);
  const hasher = new FakeHasher();
  const users = new Users(engine.userStore, hasher, changes, limits, writes, unheardAudit);
  return { clock, engine, signer, tokens, logins, users };
}

/** Takes what has a password, which is the id of who may come in: alice or bob. */
function password(held = Promise.resolve()): NamedLoginMethod {
  return {
    type: "password",
    method: {
      async login({ password: id }) {
        if (id === undefined) return undefined;
        await held;
        if (id !== "alice" && id !== "bob") return REFUSED;
        return { kind: "accepted", user: { ...ALICE, id }, token: undefined };
      },
    },
  };
}

function accepting(
  type: string,
  { token }: { token?: string } = {},
  onAsk: (credentials: Credentials) => void = () => {},
): NamedLoginMethod {
  const user = { id: type, clientData: undefined, serverData: undefined };
  return {
    type,
    method: {
      async login(credentials) {
        onAsk(credentials);
        return { kind: "accepted", user, token };
      },
    },
  };
}

function refusing(method: LoginMethod): LoginMethod {
  return {
    async login(credentials, caller) {
      await method.login(credentials, caller);
      return REFUSED;
    },
  };
}
