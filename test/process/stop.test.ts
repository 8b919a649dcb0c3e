// A signal ends the server in order: who waits is answered, what was accepted is kept, and nobody can hold it up.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { type Answer, entries, sequenceNumber, upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { type ServerProcess, serve, untilWaiting } from "../support/executable.ts";
import { openRaw, rawRequest } from "../support/raw-http.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

/** Less than the 30 seconds after which idle connections end by themselves. */
const PROMPT_MS = 25_000;
/** So that no upload ends by itself. */
const PATIENT = ["--http-body-seconds-max=3600"];

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("answers the polls that wait, waits for no idle connection, and ends with 0", async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path);
    const client = new Client(() => server);
    await client.putCache("c");
    using _connections = await idleConnections(server, 50);
    const polls = upTo(20).map((index) => client.subscribe("c", index % 2 ? "t" : "u"));
    await untilWaiting(server, 20);
    server.kill(signal);
    for (const poll of polls) {
      expect(await poll).toMatchObject({ status: 200, body: '{"items":[]}' });
    }
    const { exitCode, stdout } = await endedPromptly(server);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`Millrace 0.1.0 (us-east-1) listens on ${server.url}\n`);
  });

  test("a publish in flight is acknowledged and stored, or refused and not stored", async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path);
    const client = new Client(() => server);
    await client.putCache("c");
    const crowd = upTo(300).map((index) => {
      return client.publish("c", "t", `message ${index}`).catch(() => undefined);
    });
    await Promise.race(crowd);
    server.kill(signal);
    const answers = await Promise.all(crowd);
    expect((await endedPromptly(server)).exitCode).toBe(0);
    await using next = await serve(data.path, ["--port", new URL(server.url).port]);
    expect(new URL(next.url).port).toBe(new URL(server.url).port);
    const stored = await storedTexts(new Client(() => next));
    answers.forEach((answer, index) => {
      if (answer !== undefined) expectKept(answer, `message ${index + 1}`, stored);
    });
  });

  test("an upload that trickles in does not hold it up, and is not stored", async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path, PATIENT);
    await new Client(() => server).putCache("c");
    using _upload = await trickle(server);
    server.kill(signal);
    expect((await endedPromptly(server)).exitCode).toBe(0);
    await using next = await serve(data.path);
    expect(await storedTexts(new Client(() => next))).toEqual([]);
  });
});

describe("a second signal", () => {
  const rows = [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const;
  test.each(rows)("%s ends it at once with %i", async (signal, exitCode) => {
    // An upload keeps it from ending by itself for a moment only: on a slow machine it may end before.
    const code = await until("a signal that comes before the end", async () => {
      using data = temporaryDirectory();
      await using server = await serve(data.path);
      await new Client(() => server).putCache("c");
      using _upload = await trickle(server);
      server.kill("SIGTERM");
      await until("the first signal is heeded", () => server.stderr().includes("Stopping"));
      server.kill(signal);
      return (await server.ended).exitCode || undefined;
    });
    expect(code).toBe(exitCode);
  });
});

async function endedPromptly(server: ServerProcess) {
  let hasEnded = false;
  void server.ended.then(() => {
    hasEnded = true;
  });
  await until("the end of the server", () => hasEnded, PROMPT_MS);
  return await server.ended;
}

/** By their numbers, the first at 0. */
async function storedTexts(client: Client): Promise<(string | undefined)[]> {
  const stored = entries(await client.subscribe("c", "t", "sequence_number=0&timeout=0"));
  expect(stored.map(({ item }) => item?.topic_sequence_number)).toEqual(upTo(stored.length));
  return stored.map(({ item }) => item?.value.text);
}

function expectKept(answer: Answer, text: string, stored: readonly (string | undefined)[]): void {
  if (answer.status === 204) {
    expect(stored[sequenceNumber(answer) - 1]).toBe(text);
    return;
  }
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body).code).toBe("unavailable");
  expect(answer.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
  expect(stored).not.toContain(text);
}

/** Connections that have had an answer and are kept open. */
async function idleConnections(server: ServerProcess, count: number): Promise<Disposable> {
  using opened = new DisposableStack();
  for (const _ of upTo(count)) {
    const connection = opened.use(await openRaw(server.url));
    connection.write(rawRequest("GET /health"));
    expect(await connection.answer()).toMatchObject({ status: 200 });
  }
  return opened.move();
}

/** A publish whose body comes byte by byte and never to its end; resolves when the server reads it. */
async function trickle(server: ServerProcess): Promise<Disposable> {
  using opened = new DisposableStack();
  const connection = opened.use(await openRaw(server.url));
  const headers = [`Authorization: ${server.adminToken}`, "Content-Length: 1000000"];
  connection.write(rawRequest("POST /topics/c/t", [...headers, "Expect: 100-continue"]));
  await until("the body is asked for", () => connection.has("100 Continue"));
  const timer = setInterval(() => connection.write("x"), 20);
  opened.defer(() => clearInterval(timer));
  return opened.move();
}
