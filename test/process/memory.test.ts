// Memory that hostile requests to deepstreamHub's HTTP API take is given back.

import { expect, setDefaultTimeout, test } from "bun:test";
import { deflateSync, gzipSync } from "node:zlib";
import { temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { emit, patch, read, write } from "../conformance/deepstream-http/commands.ts";
import { measure, serve } from "../support/executable.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

const ROUNDS = 3;
/** Of what a server takes that has just been started: the first rounds fill caches and heaps. */
const SHARE_MAX = 1.75;
const PAUSE_MS = 100;
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
  expect(await client.slot(emit("there"))).toEqual({ success: true });
  const { residentBytes } = await measure(server);
  for (let round = 0; round < ROUNDS; round += 1) await sendAll(client);
  await until("garbage is collected", async () => {
    // So that the looks themselves do not keep it from being idle, which is when it collects.
    await Bun.sleep(PAUSE_MS);
    return (await measure(server)).residentBytes < SHARE_MAX * residentBytes;
  });
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

function batchOf(count: number, command: (n: number) => object): string {
  return JSON.stringify({ body: Array.from({ length: count }, (_, n) => command(n)) });
}

function writing(data: string): string {
  return `{"body":[{"topic":"record","action":"write","recordName":"hostile","data":${data}}]}`;
}

function members(count: number): string {
  return Array.from({ length: count }, (_, n) => `"m${n}":${n}`).join();
}
