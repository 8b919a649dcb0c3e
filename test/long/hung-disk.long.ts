// A disk that hangs for longer than a connection may be idle: whatever was asked is answered all the same.

import { expect, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { type ServerProcess, serve } from "../support/executable.ts";
import { openRaw, rawRequest } from "../support/raw-http.ts";
import { attachTracer } from "../support/tracer.ts";

/** More than the 30 seconds of a connection on which nothing happens, and Bun's steps of four. */
const SYNC_MS = 45_000;
const LONG = "x".repeat(100_000);
const FLAGS = ["--storage-write-seconds-max=3600", "--deepstream-http-request-timeout-ms=600000"];

type Ask = readonly [line: string, body?: unknown];

const TEXT = ["Content-Type: text/plain"];
const JSON_TYPE = ["Content-Type: application/json"];

/** What must be there before, so that the others have something to change. */
const BEFORE: readonly Ask[] = [
  ["PUT /caches/c"],
  ["PUT /caches/gone"],
  ["POST /topics/c/gone", "x"],
  ["POST /users", { email: "gone@example.com", password: "x" }],
  ["POST /users", { email: "kept@example.com", password: "x" }],
  ["PUT /records?name=gone", { data: 1 }],
];

const RECORD = { kind: "record", name: "imported", version: 1, data: 1 };

const WRITES: readonly Ask[] = [
  ["POST /topics/c/t", "short"],
  ["POST /topics/c/t", LONG],
  ["DELETE /topics/c/gone"],
  ["PUT /caches/made"],
  ["PUT /caches/c", { limits: { topics: 5 } }],
  ["DELETE /caches/gone"],
  ["DELETE /tokens/some-id"],
  ["POST /users", { email: "made@example.com", password: "x" }],
  ["PUT /users/kept@example.com/password", { password: "other" }],
  ["DELETE /users/gone@example.com"],
  ["PUT /records?name=r", { data: LONG }],
  ["DELETE /records?name=gone"],
  ["POST /imports/i", { lines: [RECORD] }],
  ["DELETE /imports/i"],
];

test("every write over HTTP outlasts a sync of the disk that takes longer than a connection may be idle", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path, [...FLAGS, "--deepstream-email-sign-up"]);
  for (const asked of BEFORE) expect([asked[0], await send(server, asked)]).toEqual([asked[0], 2]);
  await using _hung = await hangDisk(server.pid);
  const records = new DeepstreamClient(() => server);
  const begun = performance.now();
  const [answers, chunked, signUp, ...batches] = await Promise.all([
    Promise.all(WRITES.map(async (asked) => [asked[0], await send(server, asked)])),
    sendChunked(server),
    records.post("/api/auth/signup", { email: "signed@example.com", password: "x" }),
    ...["short", LONG].map((text) => records.run([writing(text)])),
  ]);
  expect(answers).toEqual(WRITES.map(([line]) => [line, 2]));
  expect(chunked).toMatchObject({ status: 204 });
  expect(signUp.status).toBe(201);
  for (const { body } of batches) expect(body).toStartWith('{"result":"SUCCESS"');
  // Else nothing was hung up, and the test shows nothing.
  expect(performance.now() - begun).toBeGreaterThan(SYNC_MS);
}, 600_000);

/** The first digit of the status of the answer, or that the server hung up. */
async function send({ url, adminToken }: ServerProcess, [line, body]: Ask) {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  using connection = await openRaw(url);
  const kind = typeof body === "string" ? TEXT : JSON_TYPE;
  connection.write(rawRequest(line, [`Authorization: ${adminToken}`, ...kind], text));
  const answer = await connection.answer();
  return answer === "closed" ? answer : Math.floor(answer.status / 100);
}

function writing(text: string) {
  return { topic: "record", action: "write", recordName: text.slice(0, 9), data: { text } };
}

async function sendChunked({ url, adminToken }: ServerProcess) {
  using connection = await openRaw(url);
  const headers = [`Authorization: ${adminToken}`, ...TEXT, "Transfer-Encoding: chunked"];
  connection.write(`${rawRequest("POST /topics/c/t", headers)}1\r\nx\r\n0\r\n\r\n`);
  return await connection.answer();
}

/** Each sync takes `SYNC_MS` more, until disposed. */
async function hangDisk(pid: number): Promise<AsyncDisposable> {
  const inject = `inject=fsync,fdatasync:delay_enter=${SYNC_MS * 1000}`;
  const tracer = await attachTracer(pid, ["-e", "trace=fsync,fdatasync", "-e", inject]);
  return {
    async [Symbol.asyncDispose]() {
      tracer.kill("SIGKILL");
      await tracer.exited;
    },
  };
}
