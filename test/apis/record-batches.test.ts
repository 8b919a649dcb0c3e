// Batches of writes over HTTP: they share commits, and a queue that is full loses nothing.

import { expect, test } from "bun:test";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import type { Overrides } from "../conformance/target.ts";
import { type InProcess, openInProcess } from "../support/in-process-server.ts";
import { walCommits } from "../support/wal-commits.ts";

test("5000 writes in one POST take far fewer commits, and their answers stand in their places", async () => {
  await withServer({}, async (client, target) => {
    const before = walCommits(target.data);
    const commands = upTo(5000).map((index) => writing(`r${index % 100}`, { index }));
    // Every hundredth does not fit: two writes of it were forced, or more.
    const last = commands.map((command, index) =>
      index % 100 === 99 && index > 100 ? { ...command, version: 1 } : command,
    );
    const { result, body } = await run(client, last);
    expect(result).toBe("PARTIAL_SUCCESS");
    expect(body).toHaveLength(5000);
    const failed = body.flatMap(({ success }, index) => (success ? [] : [index]));
    expect(failed).toEqual(upTo(49).map((hundred) => hundred * 100 + 99));
    // Each costs a sync of the disk.
    expect(walCommits(target.data) - before).toBeWithin(1, 500);
    const read = await run(client, [reading("r42"), reading("r0")]);
    expect(read.body).toEqual([
      { success: true, version: 50, data: { index: 4942 } },
      { success: true, version: 1, data: { index: 100 } },
    ]);
  });
}, 180_000);

test("writes that the queue has no room for fail in their places; those answered with success are stored", async () => {
  const settings = {
    storage: { queue_bytes_max: 65_536 },
    topics: { message_bytes_max: 10_000 },
    records: { record_bytes_max: 10_000 },
  };
  await withServer(settings, async (client) => {
    const long = { text: "x".repeat(5000) };
    const indexes = upTo(100);
    const { result, body } = await run(
      client,
      indexes.map((index) => writing(`r${index}`, long)),
    );
    expect(result).toBe("PARTIAL_SUCCESS");
    const heads = await run(
      client,
      indexes.map((index) => ({ topic: "record", action: "head", recordName: `r${index}` })),
    );
    for (const [index, answer] of body.entries()) {
      expect(heads.body[index]?.version).toBe(answer.success ? 1 : -1);
      if (answer.success) continue;
      expect(answer).toMatchObject({ errorTopic: "record", errorEvent: "RECORD_UPDATE_ERROR" });
      expect(answer.error).toContain("try again");
    }
    expect(await run(client, [writing("later", long)])).toMatchObject({ result: "SUCCESS" });
  });
}, 180_000);

interface Answer {
  readonly success: boolean;
  readonly version?: number;
  readonly data?: object;
  readonly error?: string;
}

interface BatchAnswer {
  readonly result: string;
  readonly body: readonly Answer[];
}

async function withServer(
  settings: Overrides,
  work: (client: DeepstreamClient, target: InProcess) => Promise<void>,
): Promise<void> {
  const target = await openInProcess(settings);
  try {
    await work(new DeepstreamClient(() => target), target);
  } finally {
    await target.close();
  }
}

async function run(client: DeepstreamClient, commands: readonly object[]): Promise<BatchAnswer> {
  return JSON.parse((await client.run(commands)).body);
}

function writing(recordName: string, data: object) {
  return { topic: "record", action: "write", recordName, data };
}

function reading(recordName: string) {
  return { topic: "record", action: "read", recordName };
}
