// What the command line does is heeded by a running server at once, and by a stopped one when it starts.

import { expect, setDefaultTimeout, test } from "bun:test";
import { claimsOf, temporaryDirectory } from "../cli/millrace.ts";
import { texts } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import {
  expectError,
  FORBIDDEN,
  NO_CACHE,
  UNAUTHENTICATED,
} from "../conformance/momento-http/expect-error.ts";
import {
  millrace,
  printed,
  type ServerProcess,
  serve,
  untilWaiting,
} from "../support/executable.ts";

setDefaultTimeout(180_000);

test("a token made before the first start works, and is all that is printed", async () => {
  using data = temporaryDirectory();
  const create = ["token", "create", "--data", data.path, "--cache=c", "--topic=t-*"];
  const key = await millrace(...create, "--role=both", "--id=me", "--expires=1h");
  expect(key).toEqual({ exitCode: 0, stderr: "", stdout: expect.stringMatching(/^\S+\n$/) });
  const jwt = await printed(...create, "--role=publish", "--format=jwt");
  expect(jwt.split(".")).toHaveLength(3);
  expect(claimsOf(key.stdout.trim())).toMatchObject({ jti: "me", exp: expect.any(Number) });
  await using server = await serve(data.path);
  await printed("cache", "create", "c", "--data", data.path);
  const client = new Client(() => server);
  expect((await client.publish("c", "t-1", "a", { token: jwt })).status).toBe(204);
  const token = key.stdout.trim();
  const answer = await client.subscribe("c", "t-1", "timeout=0&sequence_page=0", { token });
  expect(texts(JSON.parse(answer.body).items)).toEqual(["a"]);
  expectError(await client.publish("c", "other", "a", { token }), FORBIDDEN, [token]);
  expectError(await client.subscribe("c", "t-1", "", { token: jwt }), FORBIDDEN, [jwt]);
});

test("caches come, change and go under a running server, and stay so after it", async () => {
  using data = temporaryDirectory();
  const cache = (...words: string[]) => printed("cache", ...words, "--data", data.path);
  {
    await using server = await serve(data.path);
    const client = new Client(() => server);
    expectError(await client.publish("c", "t", "a"), NO_CACHE);
    await cache("create", "c", "--topics-max=1");
    await cache("create", "gone");
    expect((await client.publish("c", "t", "a")).status).toBe(204);
    expect((await client.publish("c", "u", "a")).status).toBe(429);
    await cache("create", "c", "--topics-max=2");
    expect((await client.publish("c", "u", "a")).status).toBe(204);
    const poll = client.subscribe("gone", "t");
    await untilWaiting(server, 1);
    expect(await cache("list")).toMatch(/^c .*\b0 waiters.*\ngone .*\b1 waiters.*$/);
    await cache("delete", "gone");
    expectError(await poll, NO_CACHE);
    expect(await cache("list")).toMatch(/^c +2 topics .*$/);
  }
  expect(await cache("list")).toMatch(/^c +2 topics .*$/);
  await cache("create", "c", "--topics-max=3");
  await using server = await serve(data.path);
  const client = new Client(() => server);
  expect((await client.publish("c", "v", "a")).status).toBe(204);
  expect((await client.publish("c", "w", "a")).status).toBe(429);
});

test("a revoked token ends with its waiting polls and what was minted from it; others stay", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const { client, token } = await withTokens(server);
  const bad = await token("--id=bad");
  const good = await token("--id=good");
  const permissions = [{ cache: "c", topic: "t", role: "subscribe" }];
  const minted = await client.token(permissions, {}, { token: bad });
  const polls = [bad, minted].map((one) => client.subscribe("c", "t", "", { token: one }));
  const staying = client.subscribe("c", "t", "", { token: good });
  await untilWaiting(server, 3);
  expect(await printed("token", "revoke", "bad", "--data", data.path)).toContain("bad");
  for (const poll of polls) expectError(await poll, UNAUTHENTICATED);
  expectError(await client.publish("c", "t", "a", { token: bad }), UNAUTHENTICATED, [bad]);
  expect((await client.publish("c", "t", "b", { token: good })).status).toBe(204);
  expect((await staying).body).toContain('"b"');
  const again = await token("--id=bad");
  expect((await client.publish("c", "t", "c", { token: again })).status).toBe(204);
});

test("a rotation leaves old tokens good, and with --revoke-old ends them and their polls", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const { client, token } = await withTokens(server);
  const old = await token();
  const poll = client.subscribe("c", "t", "", { token: old });
  await untilWaiting(server, 1);
  await printed("key", "rotate", "--data", data.path);
  const middle = await token();
  expect(headerOf(middle).kid).not.toBe(headerOf(old).kid);
  expect((await client.subscribe("c", "t", "timeout=0", { token: old })).status).toBe(200);
  expect((await client.subscribe("c", "t", "timeout=0", { token: middle })).status).toBe(200);
  await printed("key", "rotate", "--revoke-old", "--data", data.path);
  expectError(await poll, UNAUTHENTICATED);
  for (const ended of [old, middle, server.adminToken]) {
    const answer = await client.subscribe("c", "t", "timeout=0", { token: ended });
    expectError(answer, UNAUTHENTICATED, [ended]);
  }
  const next = await token();
  expect((await client.publish("c", "t", "a", { token: next })).status).toBe(204);
});

async function withTokens(server: ServerProcess) {
  const client = new Client(() => server);
  await client.putCache("c");
  const create = ["token", "create", "--data", server.data, "--cache=c", "--topic=*"];
  const flags = ["--role=both", "--format=jwt"];
  return { client, token: (...more: string[]) => printed(...create, ...flags, ...more) };
}

function headerOf(jwt: string): { kid: string } {
  return JSON.parse(Buffer.from(jwt.split(".")[0] ?? "", "base64url").toString());
}
