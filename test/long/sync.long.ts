// With durability full the disk is synced before each answer: seen from outside, in the system calls of the server.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { serve } from "../support/executable.ts";
import { attachTracer } from "../support/tracer.ts";

const PUBLISHES = 200;
const CALLS =
  "trace=pwrite64,pwritev,write,writev,send,sendto,sendmsg,fsync,fdatasync,sync_file_range";

/** What matters of the system calls, in the order in which they happened. */
type Event = "log written" | "log synced" | "answered";

describe("durability full", () => {
  test("every answer to a publish comes after its message was written and synced", async () => {
    const events = await traceOf("full", async (client) => {
      for (const index of upTo(PUBLISHES)) await client.publish("c", "t", `message ${index}`);
    });
    expect(events.filter((event) => event === "answered")).toHaveLength(PUBLISHES);
    expect(answersTooEarly(events)).toBe(0);
    const synced = events.filter((event) => event === "log synced");
    expect(synced.length).toBeGreaterThanOrEqual(PUBLISHES);
  });

  test("every answer to a write of a record comes after it was written and synced", async () => {
    const events = await traceOf("full", async (_, records) => {
      for (const index of upTo(PUBLISHES)) await records.run([writing(index)]);
    });
    expect(events.filter((event) => event === "answered")).toHaveLength(PUBLISHES);
    expect(answersTooEarly(events)).toBe(0);
  });

  test("the writes of one batch share a few syncs, and it is answered after the last of them", async () => {
    const events = await traceOf("full", async (_, records) => {
      expect((await records.run(upTo(5000).map(writing))).body).toStartWith('{"result":"SUCCESS"');
    });
    expect(events.filter((event) => event === "answered")).toHaveLength(1);
    expect(answersTooEarly(events)).toBe(0);
    expect(events.filter((event) => event === "log synced").length).toBeWithin(1, 500);
  });

  test("publishes at the same time share a sync, and none is answered before the first", async () => {
    const events = await traceOf("full", async (client) => {
      await Promise.all(upTo(PUBLISHES).map((index) => client.publish("c", "t", `${index}`)));
    });
    expect(events.filter((event) => event === "answered")).toHaveLength(PUBLISHES);
    expect(events.filter((event) => event === "log synced").length).toBeLessThan(PUBLISHES);
    expect(events.indexOf("answered")).toBeGreaterThan(events.indexOf("log synced"));
    expect(events.indexOf("log synced")).toBeGreaterThan(-1);
  });
});

test("durability normal does not sync for each answer, which shows that the trace tells the two apart", async () => {
  const events = await traceOf("normal", async (client) => {
    for (const index of upTo(PUBLISHES)) await client.publish("c", "t", `message ${index}`);
  });
  expect(events.filter((event) => event === "answered")).toHaveLength(PUBLISHES);
  expect(answersTooEarly(events)).toBeGreaterThan(PUBLISHES / 2);
});

function writing(index: number) {
  return { topic: "record", action: "write", recordName: `r${index % 100}`, data: { index } };
}

/** How many answers of a sequence came with nothing written before, or not synced. */
function answersTooEarly(events: readonly Event[]): number {
  let tooEarly = 0;
  let isWritten = false;
  let isSynced = false;
  for (const event of events) {
    if (event === "answered") {
      if (!isWritten || !isSynced) tooEarly += 1;
      isWritten = false;
    } else {
      isWritten ||= event === "log written";
      isSynced = event === "log synced";
    }
  }
  return tooEarly;
}

async function traceOf(
  durability: "full" | "normal",
  work: (client: Client, records: DeepstreamClient) => Promise<void>,
): Promise<readonly Event[]> {
  using directory = temporaryDirectory();
  const data = join(directory.path, "data");
  await using server = await serve(data, [`--storage-durability=${durability}`]);
  const client = new Client(() => server);
  await client.putCache("c");
  await client.publish("c", "t", "makes the topic");
  const file = join(directory.path, "trace");
  const tracer = await attachTracer(server.pid, ["-y", "-s64", "-e", CALLS, "-o", file]);
  await work(client, new DeepstreamClient(() => server));
  tracer.kill("SIGINT");
  await tracer.exited;
  return eventsOf(await Bun.file(file).text());
}

/**
 * A call that others interrupt is told in two lines, its beginning and its end. An answer counts
 * from its beginning, what is written or synced only at its end.
 */
function eventsOf(trace: string): Event[] {
  const begun = new Map<string, string>();
  const events: Event[] = [];
  for (const line of trace.split("\n")) {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    // Of a long answer the first word goes alone.
    if (/"HTTP\/1\.1 (20[04]|")/.test(call)) events.push("answered");
    if (call.endsWith("<unfinished ...>")) {
      begun.set(thread, call);
      continue;
    }
    const whole = call.startsWith("<... ") ? `${begun.get(thread)}${call}` : call;
    if (!whole.includes("millrace.db-wal>") || /= -\d/.test(whole)) continue;
    if (/^(fsync|fdatasync)\(/.test(whole)) events.push("log synced");
    if (/^pwrite/.test(whole)) events.push("log written");
  }
  return events;
}
