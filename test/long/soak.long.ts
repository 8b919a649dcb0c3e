// Minutes of publishers, subscribers and writers of records that come and go at random leave nothing behind.

import { expect, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import { Client, topicPath } from "../conformance/momento-http/client.ts";
import { measure, type ServerProcess, serve, untilWaiting } from "../support/executable.ts";
import { openRaw, rawRequest } from "../support/raw-http.ts";

const MINUTES = Number(Bun.env.SOAK_MINUTES ?? 4);
const TOPICS = 20;
const QUIET_TOPIC = "nobody-publishes-here";
const PUBLISHERS = 4;
const WRITERS = 3;
/** Of each writer, so that the versions it names are right. */
const RECORDS = 20;
const SUBSCRIBERS = 60;
const SAMPLE_MS = 1000;

test(`after ${MINUTES} minutes nobody waits and memory is what it was after the first quarter`, async () => {
  using data = temporaryDirectory();
  // Retention works all the time, and no memory grows because of what is stored.
  await using server = await serve(data.path, ["--caches-retention-bytes=20000000"]);
  await new Client(() => server).putCache("c");
  const before = await measure(server);
  const soak = new Soak(server);
  const residents = await soak.run(MINUTES * 60_000);
  await untilWaiting(server, 0);
  const quarter = Math.floor(residents.length / 4);
  const early = median(residents.slice(quarter, 2 * quarter));
  const late = median(residents.slice(-quarter));
  const after = await measure(server);
  console.log(
    `${soak.written} written, ${soak.published} published, ${soak.delivered} delivered, ${soak.brokenOff} broken off; ` +
      `MiB ${[before.residentBytes, early, late, after.residentBytes].map(mebibytes).join(" → ")}`,
  );
  expect(late / early).toBeLessThan(1.3);
  expect(soak.delivered).toBeGreaterThan(soak.published);
  expect(soak.brokenOff).toBeGreaterThan(100);
  server.kill("SIGTERM");
  const { exitCode, stderr } = await server.ended;
  expect(exitCode).toBe(0);
  expect(stderr).not.toMatch(/ERROR|WARN/);
});

class Soak {
  published = 0;
  written = 0;
  delivered = 0;
  brokenOff = 0;
  readonly #server: ServerProcess;
  readonly #client: Client;
  readonly #records: DeepstreamClient;
  #isOver = false;

  constructor(server: ServerProcess) {
    this.#server = server;
    this.#client = new Client(() => server);
    this.#records = new DeepstreamClient(() => server);
  }

  /** Resolves to samples of the memory that the server takes. */
  async run(durationMs: number): Promise<readonly number[]> {
    const loops = [
      ...upTo(PUBLISHERS).map(() => this.#loop(() => this.#publish())),
      ...upTo(WRITERS).map((writer) => this.#loop(() => this.#write(writer))),
      ...upTo(SUBSCRIBERS).map(() => this.#loop(() => this.#follow())),
      ...upTo(PUBLISHERS).map(() => this.#loop(() => this.#breakOff())),
    ];
    const residents: number[] = [];
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      residents.push((await measure(this.#server)).residentBytes);
      await Bun.sleep(SAMPLE_MS);
    }
    this.#isOver = true;
    await Promise.all(loops);
    return residents;
  }

  async #loop(step: () => Promise<void>): Promise<void> {
    while (!this.#isOver) await step();
  }

  async #publish(): Promise<void> {
    const body = "x".repeat(Math.ceil(Math.random() * 2000));
    const headers = chance(0.3) ? { "Idempotency-Key": crypto.randomUUID() } : {};
    const answer = await this.#client.publish("c", anyTopic(), body, { headers });
    expect(answer.status).toBe(204);
    this.published += 1;
  }

  /** A batch that makes a record, changes and reads it, asks for what is wrong, and may delete it. */
  async #write(writer: number): Promise<void> {
    const recordName = `writer-${writer}/${Math.floor(Math.random() * RECORDS)}`;
    const wire = { topic: "record", recordName };
    const text = "x".repeat(Math.ceil(Math.random() * 20_000));
    const { body } = await this.#records.run([
      { ...wire, action: "write", data: { text } },
      {
        ...wire,
        action: "write",
        path: `list[${Math.floor(Math.random() * 10)}].text`,
        data: text,
      },
      { ...wire, action: "write", data: {}, version: 1 },
      { ...wire, action: "read" },
      ...(chance(0.3) ? [{ ...wire, action: "delete" }] : []),
    ]);
    const answers = (JSON.parse(body) as { body: { success: boolean; data?: object }[] }).body;
    expect(answers.flatMap(({ success }, index) => (success ? [] : [index]))).toEqual([2]);
    expect(answers[3]?.data).toMatchObject({ text });
    this.written += 1;
  }

  /** Some polls in a row from the newest on, until a poll is given up while it waits. */
  async #follow(): Promise<void> {
    const topic = anyTopic();
    let last: number | undefined;
    for (const _ of upTo(Math.ceil(Math.random() * 20))) {
      if (chance(0.1)) return this.#giveUp();
      const from = last === undefined ? "" : `sequence_number=${last}&`;
      const answer = await this.#client.subscribe("c", topic, `${from}timeout=1`);
      expect(answer.status).toBe(200);
      for (const { item } of JSON.parse(answer.body).items) {
        if (item === undefined) continue;
        last = item.topic_sequence_number;
        this.delivered += 1;
      }
    }
  }

  async #giveUp(): Promise<void> {
    const abort = new AbortController();
    const poll = this.#client.subscribe("c", QUIET_TOPIC, "", { signal: abort.signal });
    setTimeout(() => abort.abort(), Math.random() * 100);
    await poll.catch(() => {});
    this.brokenOff += 1;
  }

  /** A connection that is closed at any point of a request. */
  async #breakOff(): Promise<void> {
    using connection = await openRaw(this.#server.url);
    const authorization = `Authorization: ${this.#server.adminToken}`;
    const body = "x".repeat(2000);
    const request = chance(0.5)
      ? rawRequest(`POST ${topicPath("c", anyTopic())}`, [authorization], body)
      : rawRequest(`GET ${topicPath("c", QUIET_TOPIC)}`, [authorization]);
    connection.write(request.slice(0, Math.ceil(Math.random() * request.length)));
    await Bun.sleep(Math.random() * 50);
    this.brokenOff += 1;
  }
}

function anyTopic(): string {
  return `topic-${Math.floor(Math.random() * TOPICS)}`;
}

function chance(probability: number): boolean {
  return Math.random() < probability;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? 0;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
