// Logging in by email and from a file: who may come in, and that strangers cost what users cost.

import { describe, expect, test } from "bun:test";
import { EmailLogin } from "../../src/auth/email-login.ts";
import { FileLogin } from "../../src/auth/file-login.ts";
import type { Credentials } from "../../src/core/access/login.ts";
import type { StoredUser } from "../../src/core/access/user-store.ts";
import type { Json } from "../../src/core/json.ts";
import { FakeHasher } from "../support/fake-hasher.ts";

type Outcome = "in" | "refused" | "next";

const STORED: StoredUser = {
  email: "alice@example.com",
  id: "uuid",
  passwordHash: "hash of secret",
  clientData: { name: "Alice", id: "not this" },
  serverData: { role: "admin" },
  createdAt: 0,
};
const IN_FILE = {
  id: "alice",
  passwordHash: "hash of secret",
  clientData: { name: "Alice" },
  serverData: { role: "admin" },
};

describe("by email", () => {
  const secret = { email: "alice@example.com", password: "secret" };
  const rows: [string, Record<string, Json>, Outcome, number][] = [
    ["the right password", { type: "email", ...secret }, "in", 1],
    ["without a type", secret, "in", 1],
    ["in capitals with space", { ...secret, email: " ALICE@Example.com " }, "in", 1],
    ["with a member more", { ...secret, remember: true }, "in", 1],
    ["a wrong password", { ...secret, password: "wrong" }, "refused", 1],
    ["a password in capitals", { ...secret, password: "SECRET" }, "refused", 1],
    ["an unknown user", { ...secret, email: "bob@example.com" }, "refused", 1],
    ["an unknown user called like a member", { ...secret, email: "__proto__@x" }, "refused", 1],
    ["the address as a list", { ...secret, email: [secret.email] }, "refused", 0],
    ["the address as an object", { ...secret, email: { $ne: null } }, "refused", 0],
    ["no address of its type", { type: "email", password: "secret" }, "refused", 0],
    ["no password of its type", { type: "email", email: secret.email }, "refused", 0],
    ["nothing of its type", { type: "email" }, "refused", 0],
    ["a password that is a number", { ...secret, password: 5 }, "refused", 0],
    ["one that is null", { ...secret, password: null }, "refused", 0],
    ["one that is true", { ...secret, password: true }, "refused", 0],
    ["an empty one", { ...secret, password: "" }, "refused", 0],
    ["a huge one", { ...secret, password: "x".repeat(1_000_000) }, "refused", 0],
    ["a huge address", { ...secret, email: `${"x".repeat(1_000_000)}@b` }, "refused", 0],
    ["another type", { type: "file", ...secret }, "next", 0],
    ["a type that is null", { type: null, ...secret }, "next", 0],
    ["an address alone", { email: secret.email }, "next", 0],
    ["a name and a password", { username: "alice", password: "secret" }, "next", 0],
    ["a token", { token: "x" }, "next", 0],
    ["nothing", {}, "next", 0],
  ];
  test.each(rows)("%s", async (_, credentials, expected, verified) => {
    const { login, hasher } = byEmail();
    expect(await outcome(login, credentials)).toBe(expected);
    expect(hasher.verified).toHaveLength(verified);
  });

  test("__proto__ as a member of credentials is nothing", async () => {
    const { login } = byEmail();
    const credentials = JSON.parse(`{"__proto__": ${JSON.stringify(secret)}}`) as Credentials;
    expect(await outcome(login, credentials)).toBe("next");
  });

  test("the client is told the id beside its data, and it is that of the user", async () => {
    const { login } = byEmail();
    expect(await login.login(secret)).toEqual({
      kind: "accepted",
      user: {
        id: "uuid",
        clientData: { name: "Alice", id: "uuid" },
        serverData: { role: "admin" },
      },
      token: undefined,
    });
    const bare = byEmail({ ...STORED, clientData: undefined }).login;
    expect(await bare.login(secret)).toMatchObject({
      user: { clientData: { id: "uuid" } },
    });
  });

  test("a stranger costs a verification without a hash", async () => {
    const { login, hasher } = byEmail();
    await login.login({ ...secret, email: "bob@example.com" });
    expect(hasher.verified).toEqual([["secret", undefined]]);
  });
});

describe("from a file", () => {
  const secret = { username: "alice", password: "secret" };
  const rows: [string, Record<string, Json>, Outcome, number][] = [
    ["the right password", secret, "in", 1],
    ["with its type", { type: "file", ...secret }, "in", 1],
    ["a wrong password", { ...secret, password: "wrong" }, "refused", 1],
    ["a name in capitals", { ...secret, username: "Alice" }, "refused", 1],
    ["an unknown name", { ...secret, username: "bob" }, "refused", 1],
    ["the name __proto__", { ...secret, username: "__proto__" }, "refused", 1],
    ["the name constructor", { ...secret, username: "constructor" }, "refused", 1],
    ["a name that is a list", { ...secret, username: ["alice"] }, "refused", 0],
    ["a password that is a list", { ...secret, password: ["secret"] }, "refused", 0],
    ["no password of its type", { type: "file", username: "alice" }, "refused", 0],
    ["an empty password", { ...secret, password: "" }, "refused", 0],
    ["another type", { type: "email", ...secret }, "next", 0],
    ["a name alone", { username: "alice" }, "next", 0],
    ["an address", { email: "alice", password: "secret" }, "next", 0],
    ["nothing", {}, "next", 0],
  ];
  test.each(rows)("%s", async (_, credentials, expected, verified) => {
    const { login, hasher } = fromFile();
    expect(await outcome(login, credentials)).toBe(expected);
    expect(hasher.verified).toHaveLength(verified);
  });

  test("a stranger costs what a user of the file costs, and is none with that one's password", async () => {
    const { login, hasher } = fromFile();
    expect(await outcome(login, { username: "bob", password: "secret" })).toBe("refused");
    expect(hasher.verified).toEqual([["secret", "hash of secret"]]);
  });

  test("an empty file lets nobody in", async () => {
    const hasher = new FakeHasher();
    const login = new FileLogin(new Map(), hasher);
    expect(await outcome(login, secret)).toBe("refused");
    expect(hasher.verified).toEqual([["secret", undefined]]);
  });

  test("the user is as the file says", async () => {
    const { passwordHash: _, ...user } = IN_FILE;
    expect(await fromFile().login.login(secret)).toEqual({
      kind: "accepted",
      user,
      token: undefined,
    });
  });
});

function byEmail(stored = STORED) {
  const hasher = new FakeHasher();
  const find = async (email: string) => (email === stored.email ? stored : undefined);
  return { hasher, login: new EmailLogin({ find }, hasher) };
}

function fromFile() {
  const hasher = new FakeHasher();
  return { hasher, login: new FileLogin(new Map([["alice", IN_FILE]]), hasher) };
}

async function outcome(login: EmailLogin | FileLogin, credentials: Credentials): Promise<Outcome> {
  const result = await login.login(credentials);
  if (result === undefined) return "next";
  return result.kind === "accepted" ? "in" : "refused";
}
