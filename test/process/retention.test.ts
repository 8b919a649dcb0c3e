// Time and deletion take messages away behind the back of publishers, and give the disk its space back.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import {
  outline,
  sequenceNumber,
  sequencePage,
  upTo,
} from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { type ServerProcess, serve } from "../support/executable.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

const MEBIBYTE = 1_048_576;

describe.concurrent("retention", () => {
  test("forgets messages that are too old, says so to who missed them, and goes on counting", async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path, ["--caches-retention-seconds=1"]);
    const client = new Client(() => server);
    await client.putCache("c");
    const page = sequencePage(await client.publish("c", "t", "a"));
    await client.publishAll("c", "t", ["b", "c"]);
    await untilOldest(client, 4);
    expect(await client.topicRow("c", "t")).toMatchObject({ last_sequence_number: 3, bytes: 0 });
    const missed = client.subscribe("c", "t", "sequence_number=1");
    const present = client.subscribe("c", "t", "sequence_number=3");
    const answer = await client.publish("c", "t", "d");
    expect([sequenceNumber(answer), sequencePage(answer)]).toEqual([4, page]);
    expect(outline(JSON.parse((await missed).body).items)).toEqual(["1 → 4", 4]);
    expect(outline(JSON.parse((await present).body).items)).toEqual([4]);
  });

  test("of one cache follows its own setting, from the moment that it is set", async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path);
    const client = new Client(() => server);
    await client.putCache("c");
    await client.putCache("other");
    for (const cache of ["c", "other"]) await client.publishAll(cache, "t", ["a", "b"]);
    await client.putCache("c", { retention: { seconds: 1 } });
    await untilOldest(client, 3);
    expect(outline(await client.read("other", "t"))).toEqual([1, 2]);
  });
});

test("a deleted cache of 50 MiB gives its space back, and publishes go on meanwhile", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("big");
  await client.putCache("c");
  for (const _ of upTo(50)) {
    expect((await client.publish("big", "t", "x".repeat(MEBIBYTE))).status).toBe(204);
  }
  await until("a large file", () => databaseBytes(server) > 40 * MEBIBYTE);
  const publishers = new Publishers(client, 4);
  expect((await client.deleteCache("big")).status).toBe(204);
  await until("a small file", () => databaseBytes(server) < 10 * MEBIBYTE, 40_000);
  const acknowledged = await publishers.stop();
  expect(acknowledged).toBeGreaterThan(0);
  expect(await client.topicRow("c", "t")).toMatchObject({
    first_sequence_number: 1,
    last_sequence_number: acknowledged,
  });
});

test("a deleted cache gives its space back while nobody publishes, and another cache stays", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("big");
  await client.putCache("c");
  for (const count of upTo(30)) {
    await client.publish(count % 3 === 0 ? "c" : "big", "t", "x".repeat(MEBIBYTE));
  }
  expect((await client.deleteCache("big")).status).toBe(204);
  await until("a file of little more than what stays", () => databaseBytes(server) < 15 * MEBIBYTE);
  const answer = await client.subscribe("c", "t", "sequence_number=9");
  expect(answer.body).toContain("x".repeat(MEBIBYTE));
});

/** Publish one message after the other; the first that is not acknowledged fails them. */
class Publishers {
  readonly #loops: readonly Promise<number>[];
  #isOver = false;

  constructor(client: Client, count: number) {
    this.#loops = upTo(count).map(() => this.#run(client));
  }

  /** Resolves to the number of acknowledgements. */
  async stop(): Promise<number> {
    this.#isOver = true;
    return (await Promise.all(this.#loops)).reduce((sum, count) => sum + count, 0);
  }

  async #run(client: Client): Promise<number> {
    for (let count = 0; ; count += 1) {
      if (this.#isOver) return count;
      expect(await client.publish("c", "t", "a")).toMatchObject({ status: 204, body: "" });
    }
  }
}

async function untilOldest(client: Client, number: number): Promise<void> {
  await until(`the number ${number} for the oldest message`, async () => {
    return (await client.topicRow("c", "t"))?.first_sequence_number === number;
  });
}

/** Without its log. */
function databaseBytes(server: ServerProcess): number {
  return statSync(join(server.data, "millrace.db")).size;
}
