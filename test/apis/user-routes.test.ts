// Users over HTTP, for administrators only, and errors in the form of the other administration.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RestartableTarget } from "../conformance/target.ts";
import { openInProcess } from "../support/in-process-server.ts";

let target: RestartableTarget;

beforeAll(async () => {
  target = await openInProcess({ deepstream: { email: { users_max: 5 } } });
});
afterAll(() => target.close());

describe("the way of a user", () => {
  test("is to be added, listed page by page, given another password and removed", async () => {
    const users = [
      { email: " Alice@Example.com", password: "secret", client_data: { a: 1 }, server_data: [2] },
      { email: "b/ü@example.com", password: "secret" },
      { email: "c@example.com", password: "secret", server_data: null },
    ];
    for (const user of users) {
      const added = await call("POST", "/users", user);
      expect(added.status).toBe(201);
      expect(added.body).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    }
    const all = await call("GET", "/users");
    expect(all.status).toBe(200);
    expect(all.headers.get("cache-control")).toBe("no-store");
    const id = expect.any(String);
    const created_at = expect.any(Number);
    expect(all.body).toEqual({
      users: [
        { email: "alice@example.com", id, client_data: { a: 1 }, server_data: [2], created_at },
        { email: "b/ü@example.com", id, created_at },
        { email: "c@example.com", id, server_data: null, created_at },
      ],
    });
    const page = await call("GET", `/users?after=${encodeURIComponent("b/ü@example.com")}&limit=1`);
    expect(page.body).toMatchObject({ users: [{ email: "c@example.com" }] });
    const path = `/users/${encodeURIComponent("B/ü@example.com")}`;
    expect(await call("PUT", `${path}/password`, { password: "x" })).toMatchObject({ status: 204 });
    expect(await call("DELETE", path)).toMatchObject({ status: 204, text: "" });
    expect(await call("DELETE", path)).toMatchObject({
      status: 404,
      body: { status: 404, title: "Not Found", code: "user_not_found" },
    });
    for (const email of ["alice@example.com", "c@example.com"])
      await call("DELETE", `/users/${email}`);
  });
});

describe("a body that is not as it should be is 400 and stores nothing", () => {
  const good = { email: "x@y", password: "secret" };
  const rows: [string, string | object][] = [
    ["empty", ""],
    ["no JSON", "{"],
    ["a list", []],
    ["null", "null"],
    ["no password", { email: "x@y" }],
    ["no address", { password: "secret" }],
    ["an address that is none", { ...good, email: "x" }],
    ["an address that is a list", { ...good, email: ["x@y"] }],
    ["a password that is a number", { ...good, password: 5 }],
    ["an empty password", { ...good, password: "" }],
    ["a member that nobody knows", { ...good, passwordHash: "x" }],
    ["client data that is a list", { ...good, client_data: [] }],
    ["client data that is null", { ...good, client_data: null }],
    ["__proto__ in data", '{"email":"x@y","password":"s","client_data":{"__proto__":{"a":1}}}'],
    ["half a surrogate pair", '{"email":"x@y","password":"s","client_data":{"a":"\\ud800"}}'],
    ["data too large", { ...good, server_data: "x".repeat(9000) }],
    [
      "data nested too deeply",
      `{"email":"x@y","password":"s","server_data":${"[".repeat(100)}${"]".repeat(100)}}`,
    ],
    ["larger than may be", `{"email":"x@y","password":"s"${" ".repeat(70_000)}}`],
  ];
  test.each(rows)("%s", async (_, body) => {
    const answer = await call("POST", "/users", body);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_argument" } });
    expect(answer.text).not.toMatch(/secret/);
    expect((await call("GET", "/users")).body).toEqual({ users: [] });
  });
});

describe("what a record holds", () => {
  test("is replaced, read and taken away", async () => {
    const path = `/records?name=${encodeURIComponent("a/ü &..")}`;
    expect(await call("GET", path)).toMatchObject({
      status: 404,
      body: { code: "record_not_found" },
    });
    expect((await call("PUT", path, { data: null, version: 7 })).body).toEqual({ version: 7 });
    expect((await call("PUT", path, { data: ["x".repeat(100_000)] })).body).toEqual({ version: 8 });
    expect((await call("PUT", path, { data: "x" })).body).toEqual({ version: 9 });
    const { headers, body } = await call("GET", path);
    expect([headers.get("cache-control"), body]).toEqual(["no-store", { version: 9, data: "x" }]);
    expect(await call("POST", path.replace("?", "/notify?"))).toMatchObject({ status: 204 });
    expect(await call("DELETE", path)).toMatchObject({ status: 204 });
    expect(await call("DELETE", path)).toMatchObject({ status: 404 });
  });

  const rows: [string, string, string | object][] = [
    ["no data", "/records?name=r", {}],
    ["a version that is none", "/records?name=r", { data: 1, version: -1 }],
    ["too late a version", "/records?name=r", { data: 1, version: 2 ** 31 }],
    ["no name", "/records", { data: 1 }],
    ["an empty name", "/records?name=", { data: 1 }],
    ["too deep", "/records?name=r", `{"data":${"[".repeat(200)}${"]".repeat(200)}}`],
  ];
  test.each(rows)("is not replaced with %s", async (_, path, body) => {
    expect(await call("PUT", path, body)).toMatchObject({
      status: 400,
      body: { code: "invalid_argument" },
    });
    expect(await call("GET", "/records?name=r")).toMatchObject({ status: 404 });
  });
});

describe("errors", () => {
  test("have the form of the other administration", async () => {
    const { status, body, headers } = await call("PUT", "/users/a@b/password", { password: "x" });
    const detail = "There is no user with this email address.";
    expect({ status, body }).toEqual({
      status: 404,
      body: { status: 404, title: "Not Found", detail, code: "user_not_found", message: detail },
    });
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("say when an address is taken, and when there is no room", async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      await call("POST", "/users", { email: `u${n}@b`, password: "x" });
    }
    const taken = await call("POST", "/users", { email: "u1@b", password: "x" });
    expect(taken).toMatchObject({ status: 409, body: { code: "user_exists" } });
    const full = await call("POST", "/users", { email: "u6@b", password: "x" });
    expect(full).toMatchObject({ status: 429, body: { code: "limit_exceeded" } });
    for (const n of [1, 2, 3, 4, 5]) await call("DELETE", `/users/u${n}@b`);
  });

  test.each(["limit=0", "limit=1001", "limit=x", "limit=-1", "limit=1e2"])(
    "%s is 400",
    async (q) => {
      expect(await call("GET", `/users?${q}`)).toMatchObject({ status: 400 });
    },
  );

  const wrong: [string, string, string][] = [
    ["PUT", "/users", "GET, HEAD, POST"],
    ["GET", "/users/a@b", "DELETE"],
    ["POST", "/users/a@b/password", "PUT"],
  ];
  test.each(wrong)("%s %s is 404 and names what is possible", async (method, path, allowed) => {
    const { status, body } = await call(method, path);
    expect({ status, body }).toMatchObject({ status: 404, body: { code: "endpoint_not_found" } });
    expect(JSON.stringify(body)).toContain(allowed);
  });
});

describe("who is no administrator", () => {
  const calls: [string, string, object | undefined][] = [
    ["GET", "/users", undefined],
    ["POST", "/users", { email: "a@b", password: "x" }],
    ["DELETE", "/users/a@b", undefined],
    ["PUT", "/users/a@b/password", { password: "x" }],
    ["GET", "/records?name=r", undefined],
    ["PUT", "/records?name=r", { data: 1 }],
    ["DELETE", "/records?name=r", undefined],
    ["POST", "/records/notify?name=r", undefined],
  ];
  test.each(calls)("is refused %s %s", async (method, path, body) => {
    expect(await call(method, path, body, "")).toMatchObject({ status: 401 });
    expect(await call(method, path, body, "garbage")).toMatchObject({ status: 401 });
    const { body: minted } = await call("POST", "/tokens", {
      permissions: [{ cache: "*", topic: "*", role: "both" }],
      expires_in_seconds: 60,
    });
    const { token } = minted as { token: string };
    expect(await call(method, path, body, token)).toMatchObject({
      status: 403,
      body: { code: "permission_denied" },
    });
  });

  test("and no page of another origin is let in", async () => {
    const { headers } = await call("GET", "/users");
    expect(headers.has("access-control-allow-origin")).toBe(false);
  });
});

async function call(method: string, path: string, body?: string | object, token?: string) {
  const answer = await fetch(`${target.url}${path}`, {
    method,
    headers: { authorization: token ?? target.adminToken },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const { status, headers } = answer;
  return { status, headers, text, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
}
