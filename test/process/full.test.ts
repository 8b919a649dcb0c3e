// A store that is full refuses writes in clear words, goes on to be read, and recovers by itself.

import { expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { outline, sequenceNumber, upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { expectError } from "../conformance/momento-http/expect-error.ts";
import { type ServerProcess, serve } from "../support/executable.ts";
import { scrape } from "../support/scrape.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

const FULL = { status: 500, code: "storage_full", detail: /storage is full.*nothing was stored/ };
const LONG = "x".repeat(100_000);

test("at storage.bytes_max publishes fail and reads go on, until a cache is deleted", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path, ["--storage-bytes-max=4000000"]);
  const client = new Client(() => server);
  await client.putCache("c");
  await client.putCache("ballast");
  for (const _ of upTo(10)) await client.publish("c", "t", LONG);
  const held = await fillUp(client, "ballast");
  await Promise.all(
    upTo(50).map(async () => {
      expectError(await client.publish("c", "t", LONG), FULL);
      expectError(
        await client.publish("c", "new", LONG, { headers: { "Idempotency-Key": "k" } }),
        FULL,
      );
    }),
  );
  expect(outline(await client.read("c", "t"))).toEqual(upTo(10));
  expect(await client.topicRow("ballast", "t")).toMatchObject({ last_sequence_number: held });
  expect(await client.topicRow("c", "new")).toBeUndefined();
  await until("one line in the log", () => linesWith(server, "Writing failed") === 1);
  expect(linesWith(server, "Writing goes on again")).toBe(0);
  expect(await health(server)).toMatchObject({ status: "ready", ready: true, writes: "failing" });
  expect((await scrape(server.url)).get("millrace_writes_ok")).toBe(0);
  expect((await client.deleteCache("ballast")).status).toBe(204);
  const next = await until("a publish that is stored", async () => {
    const answer = await client.publish("c", "t", LONG);
    return answer.status === 204 && answer;
  });
  expect(sequenceNumber(next)).toBe(11);
  const first = await client.publish("c", "new", LONG, { headers: { "Idempotency-Key": "k" } });
  expect(sequenceNumber(first)).toBe(1);
  expect(first.headers.get("Idempotent-Replay")).toBeNull();
  await until("one line in the log", () => linesWith(server, "Writing goes on again") === 1);
  expect(await health(server)).toMatchObject({ status: "ready", writes: "ok" });
  expect((await scrape(server.url)).get("millrace_writes_ok")).toBe(1);
});

test("where short messages still fit and long ones do not, the log says so once", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path, ["--storage-bytes-max=1000000"]);
  const client = new Client(() => server);
  await client.putCache("c");
  await fillUp(client, "c");
  for (const _ of upTo(20)) {
    expectError(await client.publish("c", "t", LONG), FULL);
    expect((await client.publish("c", "t", "short")).status).toBe(204);
  }
  await until("one line in the log", () => linesWith(server, "Writing failed") === 1);
});

/** Returns how many messages it took until one was refused. */
async function fillUp(client: Client, cache: string): Promise<number> {
  for (let held = 0; ; held += 1) {
    const answer = await client.publish(cache, "t", LONG);
    if (answer.status === 204) continue;
    expectError(answer, FULL);
    return held;
  }
}

/** Of a server that is to be given work, however its disk is. */
async function health(server: ServerProcess): Promise<unknown> {
  const answer = await fetch(`${server.url}/health`);
  expect(answer.status).toBe(200);
  return await answer.json();
}

function linesWith(server: ServerProcess, text: string): number {
  return server
    .stderr()
    .split("\n")
    .filter((line) => line.includes(text)).length;
}
