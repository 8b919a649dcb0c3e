// Memory that hostile requests to deepstreamHub's HTTP API take is given back.

import { expect, setDefaultTimeout, test } from "bun:test";
import { deflateSync, gzipSync } from "node:zlib";
import { temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { emit, patch, read, write } from "../conformance/deepstream-http/commands.ts";
import { measure, type ServerProcess, serve } from "../support/executable.ts";

setDefaultTimeout(180_000);

const ROUNDS = 4;
/** Beyond what it was after the first rounds, which fill caches and heaps. */
const GROWTH_MAX = 1.5;
const MEBIBYTE = 1_048_576;

const pad = " ".repeat(64 * MEBIBYTE);

/** Bodies, and the status that they are answered with. */
const HOSTILE: readonly [
  string,
  number,
  Readonly<Record<string, string>>,
  string | Uint8Array<ArrayBuffer>,
][] = [
  ["gzip bombs", 400, { "Content-Encoding": "gzip" }, new Uint8Array(gzipSync(pad))],
  ["deflate bombs", 400, { "Content-Encoding": "deflate" }, new Uint8Array(deflateSync(pad))],
  ["bodies that are too large", 400, {}, " ".repeat(2 * MEBIBYTE)],
  ["envelopes nested deep", 400, {}, `{"body":${"[".repeat(500_000)}${"]".repeat(500_000)}}`],
  ["data nested deep", 200, {}, writing("[".repeat(500_000) + "]".repeat(500_000))],
  ["text that never ends", 400, {}, "[".repeat(1_000_000)],
  ["names of a megabyte", 200, {}, JSON.stringify({ body: [write("n".repeat(1_000_000), {})] })],
  ["members by the thousand", 200, {}, writing(`{${members(60_000)}}`)],
  ["commands by the thousand", 200, {}, batchOf(15_000, (n) => emit(`e${n}`, n))],
  ["indexes as large as may be", 200, {}, batchOf(20, () => patch("wide", "a[10000]", 1))],
  ["reads of what is large", 200, {}, batchOf(10_000, () => read("wide"))],
];

test("memory is back to normal after hostile requests", async () => {
  using directory = temporaryDirectory();
  await using server = await serve(`${directory.path}/data`);
  const client = new DeepstreamClient(() => server);
  for (let round = 0; round < 2; round += 1) await sendAll(client);
  const before = await settled(server);
  for (let round = 0; round < ROUNDS; round += 1) await sendAll(client);
  const after = await settled(server);
  expect(after / before).toBeLessThan(GROWTH_MAX);
  expect(await client.slot(emit("still there"))).toEqual({ success: true });
});

async function sendAll(client: DeepstreamClient): Promise<void> {
  for (const [label, status, headers, body] of HOSTILE) {
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => client.send("POST", "/api", { headers, body })),
    );
    expect([label, ...answers.map((answer) => answer.status)]).toEqual([
      label,
      status,
      status,
      status,
    ]);
  }
}

/** The least of what it takes in a while, because garbage is collected now and then. */
async function settled(server: ServerProcess): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 20; look += 1) {
    least = Math.min(least, (await measure(server)).residentBytes);
    await Bun.sleep(100);
  }
  return least;
}

function batchOf(count: number, command: (n: number) => object): string {
  return JSON.stringify({ body: Array.from({ length: count }, (_, n) => command(n)) });
}

function writing(data: string): string {
  return `{"body":[{"topic":"record","action":"write","recordName":"hostile","data":${data}}]}`;
}

function members(count: number): string {
  return Array.from({ length: count }, (_, n) => `"m${n}":${n}`).join();
}
