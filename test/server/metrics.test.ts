// GET /metrics of a running server: each request under its route, whatever it names, and what there is.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Client } from "../conformance/momento-http/client.ts";
import { type InProcess, openInProcess } from "../support/in-process-server.ts";
import { openRaw, rawRequest } from "../support/raw-http.ts";
import { type Scraped, scrape } from "../support/scrape.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

let target: InProcess;
let client: Client;
beforeAll(async () => {
  target = await openInProcess();
  client = new Client(() => target);
  await client.putCache("s3cret-cache");
});
afterAll(() => target.close());

/** What has grown by 1 while `act` ran, of the metrics that begin so. */
async function grown(name: string, act: () => Promise<unknown>): Promise<string[]> {
  const before = await scrape(target.url);
  await act();
  const after = await scrape(target.url);
  return [...after].flatMap(([series, value]) =>
    series.startsWith(name) && value === (before.get(series) ?? 0) + 1 ? [series] : [],
  );
}

function series(scraped: Scraped, name: string): number {
  const value = scraped.get(name);
  if (value === undefined) throw new Error(`/metrics has no ${name}`);
  return value;
}

describe("a request is counted", () => {
  const rows: [method: string, path: string, body: string | undefined, expected: string][] = [
    [
      "POST",
      "/topics/s3cret-cache/s3cret",
      "a",
      "momento-http POST /topics/{cacheName}/{topicName} 204",
    ],
    ["POST", "/topics/s3cret/t", "a", "momento-http POST /topics/{cacheName}/{topicName} 404"],
    [
      "GET",
      "/topics/s3cret-cache/s3cret?timeout=0",
      undefined,
      "momento-http GET /topics/{cacheName}/{topicName} 200",
    ],
    [
      "HEAD",
      "/topics/s3cret-cache/s3cret",
      undefined,
      "momento-http HEAD /topics/{cacheName}/{topicName} 200",
    ],
    [
      "PATCH",
      "/topics/s3cret-cache/s3cret",
      undefined,
      "momento-http PATCH /topics/{cacheName}/{topicName} 404",
    ],
    ["OPTIONS", "/caches/s3cret", undefined, "momento-http OPTIONS /caches/{cacheName} 204"],
    ["PUT", "/caches/s3cret-cache", "{", "momento-http PUT /caches/{cacheName} 400"],
    ["DELETE", "/tokens/s3cret", undefined, "momento-http DELETE /tokens/{tokenId} 204"],
    ["DELETE", "/users/s3cret@example.com", undefined, "admin-http DELETE /users/{email} 404"],
    ["GET", "/records?name=s3cret", undefined, "admin-http GET /records 404"],
    ["POST", "/api/s3cret", "[]", "deepstream-http POST /api/* 415"],
    ["GET", "/api/records/s3cret", undefined, "deepstream-http GET /api/records/{name} 401"],
    ["GET", "/deepstream?s3cret", undefined, "deepstream-ws GET /deepstream 426"],
    ["GET", "/health", undefined, "ops GET /health 200"],
    ["GET", "/s3cret", undefined, "none GET other 404"],
    ["GET", "/topics/s3cret/t/more", undefined, "none GET other 404"],
  ];
  test.each(rows)("%s %s", async (method, path, body, expected) => {
    const send = () => client.send(method, path, { ...(body !== undefined && { body }) });
    const [api, verb, route, status] = expected.split(" ");
    const labels = `api="${api}",route="${route}",method="${verb}",status="${status}"`;
    const found = await grown("millrace_http_requests_total", send);
    expect(found.filter((name) => !name.includes('route="/metrics"'))).toEqual([
      `millrace_http_requests_total{${labels}}`,
    ]);
  });

  test("as 101 when it becomes a WebSocket", async () => {
    const found = await grown("millrace_http_requests_total", async () => {
      const socket = new WebSocket(`${target.url.replace(/^http/, "ws")}/deepstream`);
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      socket.close();
    });
    expect(found.join()).toContain(
      'api="deepstream-ws",route="/deepstream",method="GET",status="101"',
    );
  });

  test("under the name of its route alone: no name of anything shows", async () => {
    const text = await (await fetch(`${target.url}/metrics`)).text();
    expect(text).not.toContain("s3cret");
  });
});

test("a publish is timed when it succeeded, and its commit is", async () => {
  const succeeded = () => client.publish("s3cret-cache", "t", "a");
  const count = "millrace_publish_duration_seconds_count";
  expect(await grown(count, succeeded)).toEqual([count]);
  expect(await grown("millrace_commit_group_commands_count", succeeded)).toHaveLength(1);
  expect(await grown("millrace_commit_duration_seconds_count", succeeded)).toHaveLength(1);
  expect(await grown(count, () => client.publish("s3cret", "t", "a"))).toEqual([]);
});

test("what is kept is shown, and so is what it takes on disk", async () => {
  const before = await scrape(target.url);
  await client.putCache("another");
  await client.publish("another", "t", "12345");
  await client.send("PUT", "/records?name=r", { body: '{"data":[1]}' });
  const body = '{"email":"a@b.example","password":"secret"}';
  await client.send("POST", "/users", { body });
  const after = await scrape(target.url);
  const growth = (name: string) => series(after, name) - series(before, name);
  expect(growth("millrace_caches")).toBe(1);
  expect(growth("millrace_topics")).toBe(1);
  expect(growth("millrace_topic_bytes")).toBe(5 + 64);
  expect(growth("millrace_records")).toBe(1);
  expect(growth("millrace_record_bytes")).toBeGreaterThan(0);
  expect(growth("millrace_users")).toBe(1);
  expect(series(after, "millrace_wal_bytes")).toBeGreaterThan(0);
  expect(series(after, "millrace_database_bytes")).toBeGreaterThan(0);
  expect(series(after, "millrace_disk_free_bytes")).toBeGreaterThan(0);
  expect(series(after, "millrace_writes_ok")).toBe(1);
  expect(series(after, "millrace_body_limit_bytes")).toBe(268_435_456);
});

test("a token is verified once and then remembered", async () => {
  const token = await client.token([{ cache: "s3cret-cache", topic: "*", role: "both" }]);
  const publish = () => client.publish("s3cret-cache", "t", "a", { token });
  expect(await grown("millrace_token_cache_misses_total", publish)).toHaveLength(1);
  expect(await grown("millrace_token_cache_misses_total", publish)).toEqual([]);
  const before = await scrape(target.url);
  await publish();
  const name = "millrace_token_cache_hits_total";
  expect(series(await scrape(target.url), name)).toBeGreaterThan(series(before, name));
});

test("a poll counts while it waits", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const poll = client.subscribe("s3cret-cache", "quiet", "", { signal }).catch(() => "aborted");
  const waiters = async () => series(await scrape(target.url), "millrace_waiters");
  await until("it waits", async () => (await waiters()) === 1);
  controller.abort();
  expect(await poll).toBe("aborted");
  await until("it is gone", async () => (await waiters()) === 0);
});

test("a body counts while it comes in", async () => {
  const bytes = async () => series(await scrape(target.url), "millrace_body_bytes");
  using connection = await openRaw(target.url);
  const headers = [`Authorization: ${target.adminToken}`, "Content-Length: 70000"];
  connection.write(rawRequest("POST /topics/s3cret-cache/t", headers, "").trimEnd());
  connection.write("\r\n\r\na");
  await until("it is counted", async () => (await bytes()) === 70_000);
  connection.write("a".repeat(69_999));
  expect(await connection.answer()).toMatchObject({ status: 204 });
  expect(await bytes()).toBe(0);
});

test("a login counts by what became of it", async () => {
  const settings = {
    deepstream: { auth: ["email"], login: { account_failures: 1, account_seconds: 86_400 } },
  };
  const other = await openInProcess(settings);
  const body = JSON.stringify({ type: "email", email: "a@b.example", password: "secret" });
  const send = (path: string, headers: Record<string, string>) =>
    fetch(other.url + path, { method: "POST", headers, body });
  const json = { "content-type": "application/json" };
  const user = JSON.stringify({ email: "a@b.example", password: "secret" });
  const authorization = other.adminToken;
  await fetch(`${other.url}/users`, { method: "POST", headers: { authorization }, body: user });
  expect((await send("/api/auth", json)).status).toBe(200);
  const wrong = { email: "b@b.example", password: "x", type: "email" };
  for (const status of [401, 429]) {
    const answer = await fetch(`${other.url}/api/auth`, {
      method: "POST",
      headers: json,
      body: JSON.stringify(wrong),
    });
    expect(answer.status).toBe(status);
  }
  const scraped = await scrape(other.url);
  const counts = ["accepted", "refused", "limited", "failed"].map((outcome) =>
    series(scraped, `millrace_logins_${outcome}_total`),
  );
  expect(counts).toEqual([1, 1, 1, 0]);
  await other.close();
});
