// What a token says that the command line has made.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { claimsOf, keyOf, printed, serving, temporaryDirectory } from "./millrace.ts";

setDefaultTimeout(180_000);

const selected = ["--cache", "c", "--topic", "t", "--role", "both"];
const permission = { cache: "c", topic: "t", role: "both" };

describe("claims", () => {
  const rows: [string, string[], Record<string, unknown>][] = [
    ["a topic", selected, { millrace: { permissions: [permission] } }],
    ["admin", ["--admin"], { millrace: { admin: true } }],
    [
      "wildcards",
      ["--cache", "*", "--topic", "a-*", "--role", "publish"],
      { millrace: { permissions: [{ cache: "*", topic: "a-*", role: "publish" }] } },
    ],
    [
      "all topics",
      ["--cache", "c", "--topic", "*", "--role", "subscribe"],
      { millrace: { permissions: [{ cache: "c", topic: "*", role: "subscribe" }] } },
    ],
    ["an id", [...selected, "--id", "sensor 7"], { jti: "sensor 7", tid: "sensor 7" }],
    ["an id with a dash before", [...selected, "--id=-7"], { jti: "-7", tid: "-7" }],
    [
      "a role said twice is the last",
      [...selected, "--role", "publish"],
      {
        millrace: { permissions: [{ ...permission, role: "publish" }] },
      },
    ],
  ];
  test.each(rows)("%s", async (_, flags, expected) => {
    using data = temporaryDirectory();
    const claims = claimsOf(await printed("token", "create", "--data", data.path, ...flags));
    expect(claims).toMatchObject({ ...expected, iat: expect.any(Number), jti: expect.any(String) });
    expect("exp" in claims).toBe(false);
    expect("tid" in claims).toBe("tid" in expected);
  });

  const users: [string, string[], Record<string, unknown>, boolean][] = [
    ["a user", [], { sub: "alice", deepstream: {} }, false],
    [
      "a user with client data",
      ["--client-data", '{"a":1}'],
      { sub: "alice", deepstream: { clientData: { a: 1 } } },
      false,
    ],
    [
      "a user with a topic",
      selected,
      { sub: "alice", millrace: { permissions: [permission] } },
      true,
    ],
    ["a user who is an admin", ["--admin"], { sub: "alice", millrace: { admin: true } }, true],
  ];
  test.each(users)("%s", async (_, flags, expected, isKey) => {
    using data = temporaryDirectory();
    const create = ["token", "create", "--deepstream-user", "alice", "--data", data.path];
    const token = await printed(...create, ...flags);
    expect(claimsOf(token)).toMatchObject(expected);
    expect("millrace" in claimsOf(token)).toBe("millrace" in expected);
    expect(token.includes(".")).toBe(!isKey);
  });

  const lives: [string, number | undefined][] = [
    ["90s", 90],
    ["15m", 900],
    ["24h", 86_400],
    ["30d", 2_592_000],
    ["never", undefined],
  ];
  test.each(lives)("a life of %s", async (expires, seconds) => {
    using data = temporaryDirectory();
    const flags = ["--admin", "--expires", expires];
    const { iat, exp } = claimsOf(await printed("token", "create", "--data", data.path, ...flags));
    const life = typeof exp === "number" && typeof iat === "number" ? exp - iat : undefined;
    if (seconds === undefined) expect(life).toBeUndefined();
    else expect(life).toBeCloseTo(seconds, 3);
  });
});

describe("the form", () => {
  test("a key is the endpoint and the JWT; a JWT is printed alone", async () => {
    using data = temporaryDirectory();
    const create = ["token", "create", "--data", data.path, "--admin"];
    const key = await printed(...create);
    expect(key).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(keyOf(key)).toEqual({
      endpoint: "http://127.0.0.1:7070",
      api_key: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    expect(await printed(...create, "--format", "key")).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(await printed(...create, "--format", "jwt")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  const endpoints: [string, string[], string][] = [
    ["that is set", ["--http-public-endpoint", "a.example"], "a.example"],
    ["of the port that is set", ["--port", "8080"], "http://127.0.0.1:8080"],
    ["of the host that is set", ["--host", "::1"], "http://[::1]:7070"],
    ["of a host that others can reach", ["--host", "10.0.0.5"], "http://10.0.0.5:7070"],
  ];
  test.each(endpoints)("the endpoint is the one %s", async (_, flags, endpoint) => {
    using data = temporaryDirectory();
    const key = await printed("token", "create", "--data", data.path, "--admin", ...flags);
    expect(keyOf(key).endpoint).toBe(endpoint);
  });

  test("the endpoint is the address of the server that runs, unless one is set", async () => {
    using data = temporaryDirectory();
    await using server = await serving("--data", data.path);
    const create = ["token", "create", "--data", data.path, "--admin"];
    expect(keyOf(await printed(...create)).endpoint).toBe(server.url);
    const set = await printed(...create, "--http-public-endpoint", "a.example");
    expect(keyOf(set).endpoint).toBe("a.example");
  });
});

test("a server that starts later accepts the token, as does one that runs", async () => {
  using data = temporaryDirectory();
  const create = ["token", "create", "--data", data.path, "--admin"];
  const earlier = await printed(...create);
  await using server = await serving("--data", data.path);
  for (const token of [
    earlier,
    await printed(...create),
    await printed(...create, "--format=jwt"),
  ]) {
    const answer = await fetch(`${server.url}/caches`, { headers: { authorization: token } });
    expect(answer.status).toBe(200);
  }
});

test("what is made for the keys is its owner's alone", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "a/b");
  await printed("token", "create", "--admin", "--data", data);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  expect(statSync(join(data, "keys.json")).mode & 0o777).toBe(0o600);
});
