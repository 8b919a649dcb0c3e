// What one store exports, another takes in, whole or not at all, whether a server runs on them or not.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { entries, outline } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { type Ended, EXECUTABLE, printed, serve } from "../support/executable.ts";

setDefaultTimeout(180_000);

let sample: TemporaryDirectory;
/** Two caches, with topics of all kinds, and two records. */
let everything: string;
beforeAll(async () => {
  sample = temporaryDirectory();
  await using server = await serve(join(sample.path, "data"));
  const client = new Client(() => server);
  await client.putCache("c", { retention: { topic_items: 50 }, limits: { waiters: 7 } });
  await client.putCache("empty");
  const token = await printed(
    ...["token", "create", "--data", server.data],
    ...["--cache=c", "--topic=*", "--role=both", "--id=me"],
  );
  const binary = { headers: { "Content-Type": "application/octet-stream" } };
  await client.publish("c", "t", "a", { token });
  await client.publish("c", "other", "line 1\nline 2 \u{1f600}");
  await client.publish("c", "t", Uint8Array.of(0, 10, 255), binary);
  await client.publish("c", "orders/1", "o");
  await client.publish("c", "deleted", "x");
  await client.send("DELETE", "/topics/c/deleted");
  await new DeepstreamClient(() => server).write("users/1", { name: "Alan", tags: ["\n"] });
  await printed("record", "set", "users/2", '"text"', "--version", "9", "--data", server.data);
  everything = (await exported(server.data)).join("\n");
});
afterAll(() => sample[Symbol.dispose]());

test("an export has a line for each thing, and says what it is and where it ends", () => {
  const [first, ...lines] = everything.split("\n").map((line) => JSON.parse(line));
  expect(first).toMatchObject({ kind: "export", format: 1, version: expect.any(String) });
  const page = expect.any(Number);
  const item = { kind: "item", cache: "c", published_at: expect.any(Number) };
  const topic = { kind: "topic", cache: "c", sequence_page: page, first_sequence_number: 1 };
  expect(lines).toEqual([
    {
      kind: "cache",
      name: "c",
      created_at: expect.any(Number),
      retention: { topic_items: 50 },
      limits: { waiters: 7 },
    },
    { ...item, topic: "t", sequence_number: 1, publisher_id: "me", value: { text: "a" } },
    { ...item, topic: "other", sequence_number: 1, value: { text: "line 1\nline 2 \u{1f600}" } },
    { ...item, topic: "t", sequence_number: 2, value: { binary: "AAr/" } },
    { ...item, topic: "orders/1", sequence_number: 1, value: { text: "o" } },
    { ...topic, topic: "orders/1", last_sequence_number: 1 },
    { ...topic, topic: "other", last_sequence_number: 1 },
    { ...topic, topic: "t", last_sequence_number: 2 },
    { kind: "cache", name: "empty", created_at: expect.any(Number), retention: {}, limits: {} },
    { kind: "record", name: "users/1", version: 1, data: { name: "Alan", tags: ["\n"] } },
    { kind: "record", name: "users/2", version: 9, data: "text" },
    { kind: "end", cache: 2, item: 4, topic: 3, record: 2 },
  ]);
});

const selections: [string[], object][] = [
  [["--cache", "c"], { cache: 1, item: 4, topic: 3, record: 0 }],
  [["--cache", "*", "--topic", "o*"], { cache: 2, item: 2, topic: 2, record: 0 }],
  [["--cache", "c", "--topic", "t"], { cache: 1, item: 2, topic: 1, record: 0 }],
  [["--record", "users/*"], { cache: 0, item: 0, topic: 0, record: 2 }],
  [["--record", "users/2", "--cache", "e*"], { cache: 1, item: 0, topic: 0, record: 1 }],
];
test.each(selections)("with %p an export has what that names", async (flags, counts) => {
  const lines = await exported(join(sample.path, "data"), ...flags);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ kind: "end", ...counts });
  expect(lines).toHaveLength(2 + Object.values(counts).reduce((sum, count) => sum + count, 0));
});

const both: [string, (data: string) => Promise<AsyncDisposable>][] = [
  ["stopped", async () => ({ async [Symbol.asyncDispose]() {} })],
  ["running", (data) => serve(data)],
];
describe.each(both)("with the server %s", (_, start) => {
  test("an import makes what exports to the same lines", async () => {
    using data = temporaryDirectory();
    {
      await using _server = await start(data.path);
      const { exitCode, stdout, stderr } = importing(data.path, everything);
      expect(stdout).toBe("Imported: 2 caches, 3 topics, 4 messages, 2 records.\n");
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect((await exported(data.path)).slice(1)).toEqual(everything.split("\n").slice(1));
      expect(await printed("verify", "--data", data.path)).toContain(" is sound: ");
    }
    await using server = await serve(data.path);
    const client = new Client(() => server);
    // A subscriber of the other store goes on as if nothing had happened.
    const page = (await client.topicRow("c", "t"))?.sequence_page;
    await client.publish("c", "t", "c");
    const next = await client.read("c", "t", `sequence_number=2&sequence_page=${page}`);
    expect(outline(next)).toEqual([2, 3]);
  });

  test("what is there is left as it is, and all else comes", async () => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    await printed("cache", "create", "c", "--data", data.path);
    await printed("record", "set", "users/1", "[]", "--data", data.path);
    importing(data.path, only(everything, "other"));
    const { exitCode, stdout, stderr } = importing(data.path, everything);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("Imported: 1 caches, 2 topics, 3 messages, 1 records.\n");
    expect(stderr.split("\n")).toEqual([
      'The cache "c" exists already with other settings, which were left as they are.',
      'The topic "other" of the cache "c" exists already and was left as it is.',
      'The record "users/1" exists already and was left as it is.',
      "millrace: 3 of what was to be imported was not, as said above.",
      "",
    ]);
    const now = await exported(data.path, "--record", "users/1");
    expect(now[1]).toBe('{"kind":"record","name":"users/1","version":1,"data":[]}');
    expect(await printed("verify", "--data", data.path)).toMatch(
      / 3 topics, 4 messages, 2 records/,
    );
  });

  test("a topic whose messages are not those that it says is left out", async () => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    const gap = everything.replace('"sequence_number":2,', '"sequence_number":3,');
    const { exitCode, stdout, stderr } = importing(data.path, gap);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("Imported: 2 caches, 2 topics, 2 messages, 2 records.\n");
    expect(stderr).toStartWith(
      'The topic "t" of the cache "c" was not imported: It must have the messages from 1 to 2, of which 1 to 1 came.\n',
    );
    expect(await printed("verify", "--data", data.path)).toMatch(/ 2 topics, 2 messages, /);
  });
});

const bad: [string, (text: string) => string, RegExp][] = [
  ["is empty", () => "", /^Standard input is no export of Millrace\.$/],
  ["is something else", () => '{"kind":"other"}\n', /^Standard input is no export of Millrace\.$/],
  [
    "is of a later format",
    (text) => text.replace('"format":1', '"format":2'),
    /^The export was written by a newer Millrace \(format 2, this one knows up to 1\): use that v/,
  ],
  [
    "is cut short between lines",
    (text) => text.split("\n").slice(0, 4).join("\n"),
    /^The export is cut short: its last line is missing\. What was complete was imported\.$/,
  ],
  [
    "is cut short in a line",
    (text) => text.slice(0, text.indexOf('"binary"')),
    /^Line 5 is not JSON\. What was complete was imported\.$/,
  ],
  [
    "has a line that makes no sense",
    (text) => text.replace('"sequence_number":2', '"sequence_number":"two"'),
    /^Line 5: A line of the kind item is not valid: sequence_number: .*$/,
  ],
  [
    "has a line too few",
    (text) => text.replace(/.*"kind":"topic".*\n/g, ""),
    /^The export is not whole: it has not as many lines as its last line says\. .*$/,
  ],
];
test("nothing is left of a topic whose end does not come", async () => {
  using data = temporaryDirectory();
  await using _server = await serve(data.path);
  await printed("cache", "create", "c", "--data", data.path);
  for (const [what, change, sentence] of bad) {
    const { exitCode, stdout, stderr } = importing(data.path, change(everything));
    const [, line = stderr] =
      /^millrace: ([^\n]+)\n$/.exec(stderr.split("\n").slice(-2).join("\n")) ?? [];
    expect([what, line]).toEqual([what, expect.stringMatching(sentence)]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  }
  expect(await exported(data.path, "--cache", "c", "--topic", "t")).toHaveLength(3);
  expect(await printed("verify", "--data", data.path)).toContain(" is sound: ");
});

test("messages whose topic does not come at all are told of", () => {
  using data = temporaryDirectory();
  const lines = everything.split("\n").filter((line) => !/"kind":"(?:topic|end)"/.test(line));
  const count = (kind: string) => lines.filter((line) => JSON.parse(line).kind === kind).length;
  const counts = { cache: count("cache"), item: count("item"), topic: 0, record: count("record") };
  const text = [...lines, JSON.stringify({ kind: "end", ...counts })].join("\n");
  const { exitCode, stdout, stderr } = importing(data.path, text);
  expect(stdout).toContain(" 0 topics, 0 messages,");
  expect(stderr).toBe(
    `millrace: ${counts.item} messages were not imported, because no topic of theirs came after them.\n`,
  );
  expect(exitCode).toBe(1);
});

test("a poll that waits on a topic is answered when the topic is imported, with all of it", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("c", { retention: { topic_items: 50 }, limits: { waiters: 7 } });
  const poll = client.subscribe("c", "t", "sequence_number=1&sequence_page=0");
  await client.untilWaiters("c", 1);
  expect(importing(data.path, everything).exitCode).toBe(0);
  expect(outline(entries(await poll))).toEqual([1, 2]);
});

test("who has no admin token imports nothing", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  const line = { kind: "record", name: "r", version: 1, data: {} };
  const post = (id: string, lines: unknown[], token: string | null) =>
    client.send("POST", `/imports/${id}`, { body: JSON.stringify({ lines }), token });
  const key = await printed(
    ...["token", "create", "--data", data.path, "--cache=*", "--topic=*", "--role=both"],
  );
  expect((await post("i", [line], null)).status).toBe(401);
  expect((await post("i", [line], key)).status).toBe(403);
  expect((await client.send("DELETE", "/imports/i", { token: key })).status).toBe(403);
  const { adminToken } = server;
  expect((await post("i", [line, line], adminToken)).body).toBe(
    '{"outcomes":[{"kind":"done"},{"kind":"exists"}]}',
  );
  const tooMany = Array.from({ length: 1001 }, () => line);
  for (const [id, lines] of [
    ["i", []],
    ["i", [{ ...line, kind: "user" }]],
    ["i", [{ ...line, version: -1 }]],
    ["a%20b", [line]],
    ["i", tooMany],
  ] as const) {
    const answer = await post(id, [...lines], adminToken);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, "invalid_argument"]);
  }
  const names = [
    { kind: "cache", name: "a*", created_at: 0, retention: {}, limits: {} },
    { ...line, name: "" },
    { ...line, name: "long", data: "x".repeat(2_000_000) },
  ];
  const { outcomes } = JSON.parse((await post("i", names, adminToken)).body);
  expect(outcomes.map(({ kind }: { kind: string }) => kind)).toEqual(Array(3).fill("refused"));
});

/** The lines, without the end of the last. */
async function exported(data: string, ...flags: string[]): Promise<string[]> {
  return (await printed("export", "--data", data, ...flags)).split("\n");
}

function importing(data: string, text: string): Ended {
  const { exitCode, stdout, stderr } = Bun.spawnSync([EXECUTABLE, "import", "--data", data], {
    stdin: new TextEncoder().encode(text),
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** An export of one topic of that cache alone, out of one of everything. */
function only(text: string, topic: string): string {
  const [first = ""] = text.split("\n");
  const lines = text.split("\n").filter((line) => JSON.parse(line).topic === topic);
  const items = lines.length - 1;
  return [first, ...lines, `{"kind":"end","cache":0,"item":${items},"topic":1,"record":0}`].join(
    "\n",
  );
}
