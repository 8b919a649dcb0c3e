// The open way in takes those who say nothing, and none of those who bring credentials.

import { describe, expect, test } from "bun:test";
import type { Credentials } from "../../src/core/access/login.ts";
import { OpenLogin } from "../../src/core/access/open-login.ts";
import type { Json } from "../../src/core/json.ts";

type Outcome = string | "refused" | undefined;

describe("alone and beside others", () => {
  const own = JSON.parse('{"__proto__": {"username": "x"}}') as Credentials;
  const rows: [string, Credentials, Outcome, Outcome][] = [
    ["nothing", {}, "open", "open"],
    ["its type", { type: "open" }, "open", "open"],
    ["a name", { username: "alice" }, "alice", "open"],
    ["a name and its type", { type: "open", username: "alice" }, "alice", "open"],
    ["an empty name", { username: "" }, "open", "open"],
    ["another type", { type: "email" }, undefined, undefined],
    ["a type that is no text", { type: null }, undefined, undefined],
    ["a token", { token: "x" }, undefined, undefined],
    ["a token that is null", { token: null }, undefined, undefined],
    ["a password", { username: "alice", password: "x" }, undefined, undefined],
    ["its type and a password", { type: "open", password: "x" }, undefined, undefined],
    ["an email address", { email: "a@b" }, undefined, undefined],
    ["a member that nobody knows", { colour: "red" }, undefined, undefined],
    ["a member __proto__", own, undefined, undefined],
    ["a name that is a number", { username: 5 }, "refused", "refused"],
    ["a name that is null", { username: null }, "refused", "refused"],
    ["a name that is an object", { username: { a: 1 } }, "refused", "refused"],
    ["a name too long", { username: "x".repeat(251) }, "refused", "open"],
    ["a name as long as may be", { username: "x".repeat(250) }, "x".repeat(250), "open"],
    ["a name with a control character", { username: "a\nb" }, "refused", "open"],
    ["a name with half a pair", { username: "\ud800" }, "refused", "open"],
    ["the name __proto__", { username: "__proto__" }, "refused", "open"],
  ];
  test.each(rows)("%s", async (_, credentials, alone, beside) => {
    expect(await outcome(true, credentials)).toBe(alone);
    expect(await outcome(false, credentials)).toBe(beside);
  });
});

test("nobody is told or known anything", async () => {
  const result = await new OpenLogin(true).login({ username: "alice" });
  const user = { id: "alice", clientData: undefined, serverData: undefined };
  expect(result).toEqual({ kind: "accepted", user, token: undefined });
});

async function outcome(isAlone: boolean, credentials: { readonly [member: string]: Json }) {
  const result = await new OpenLogin(isAlone).login(credentials);
  return result?.kind === "accepted" ? result.user.id : result?.kind;
}
