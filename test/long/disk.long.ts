// A disk that is really full, on a small file system in memory that root mounts for it.

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { outline, sequenceNumber, upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { expectError } from "../conformance/momento-http/expect-error.ts";
import { type Ended, millrace, printed, type ServerProcess, serve } from "../support/executable.ts";
import { until } from "../support/until.ts";

const MEBIBYTE = 1_048_576;
const FULL = { status: 500, code: "storage_full", detail: /storage is full.*nothing was stored/ };
const LONG = "x".repeat(500_000);
const DISK_BYTES = 192 * MEBIBYTE;
const OLDEST = join(import.meta.dir, "../engine/sqlite/schemas/0001.sql");
const BALLAST_BYTES = 96 * MEBIBYTE;

test("publishes fail and reads go on while the disk is full, and it recovers by itself", async () => {
  using disk = smallDisk(DISK_BYTES);
  using ballast = fileOf(join(disk.path, "ballast"), BALLAST_BYTES);
  const data = join(disk.path, "data");
  await using server = await serve(data);
  const client = new Client(() => server);
  await client.putCache("c");
  const held = await fillUp(client);
  await expectFull(client, held);
  await until("one line in the log", () => linesWith(server, "Writing failed") === 1);
  ballast[Symbol.dispose]();
  expect(sequenceNumber(await untilStored(client))).toBe(held + 1);
  await until("word of it in the log", () => linesWith(server, "Writing goes on again") === 1);
  await until("one line in the log", () => linesWith(server, "Writing failed") === 1);
  server.kill("SIGTERM");
  expect((await server.ended).exitCode).toBe(0);
  await using next = await serve(data);
  expect(await numbers(new Client(() => next))).toEqual(upTo(held + 1));
});

test("records can be read and deleted while the disk is full, and written again when it is not", async () => {
  using disk = smallDisk(DISK_BYTES);
  using ballast = fileOf(join(disk.path, "ballast"), BALLAST_BYTES);
  await using server = await serve(join(disk.path, "data"));
  const client = new DeepstreamClient(() => server);
  const run = async (action: string, index: number, more: object = {}) => {
    const command = { topic: "record", action, recordName: `r${index}`, ...more };
    return JSON.parse((await client.run([command])).body).body[0];
  };
  const write = (index: number) => run("write", index, { data: { index, text: LONG } });
  let held = 0;
  let answer = await write(held);
  while (answer.success) {
    held += 1;
    answer = await write(held);
  }
  const full = { errorEvent: "RECORD_UPDATE_ERROR", error: expect.stringContaining("is full") };
  expect(answer).toMatchObject(full);
  expect(await write(0)).toMatchObject(full);
  for (const index of upTo(held - 1)) {
    expect(await run("read", index)).toMatchObject({ version: 1, data: { index, text: LONG } });
  }
  expect(await run("head", 0)).toEqual({ success: true, version: 1 });
  expect(await run("delete", 0)).toEqual({ success: true });
  ballast[Symbol.dispose]();
  await until("a write that is stored", async () => (await write(held)).success);
  expect(await run("head", held)).toEqual({ success: true, version: 1 });
  expect(await run("head", 0)).toEqual({ success: true, version: -1 });
});

test("a server that is stopped or killed with a full disk starts on it, and recovers by itself", async () => {
  using disk = smallDisk(DISK_BYTES);
  using ballast = fileOf(join(disk.path, "ballast"), BALLAST_BYTES);
  const data = join(disk.path, "data");
  let held = 0;
  for (const end of ["SIGTERM", "SIGKILL"] as const) {
    await using server = await serve(data);
    const client = new Client(() => server);
    await client.putCache("c");
    // A stop folds the log into the database, which makes a little room.
    held += await fillUp(client);
    await expectFull(client, held);
    server.kill(end);
    await server.ended;
  }
  await using server = await serve(data);
  const client = new Client(() => server);
  expect(await numbers(client)).toEqual(upTo(held));
  ballast[Symbol.dispose]();
  expect(sequenceNumber(await untilStored(client))).toBe(held + 1);
  expect(await numbers(client)).toEqual(upTo(held + 1));
});

describe("a server does not start", () => {
  const { uid } = userInfo();
  const rows: [string, (disk: string) => void, RegExp][] = [
    [
      "on a disk that is full",
      (disk) => writeFileSync(join(disk, "ballast"), Buffer.alloc(DISK_BYTES - 4096)),
      /^The data.* cannot be (?:locked|opened): database or disk is full, with 0 bytes of its disk free\.$/,
    ],
    [
      "on a disk that has room for a lock and no database",
      (disk) => writeFileSync(join(disk, "ballast"), Buffer.alloc(DISK_BYTES - 40_960)),
      /^The database in the data directory cannot be opened: .*, with \d+ bytes of its disk free\.$/,
    ],
    [
      "on a disk that can only be read",
      (disk) => command("mount", "-o", "remount,ro", disk),
      /^The data directory \S+ cannot be made: EROFS: read-only file system, /,
    ],
    [
      "in a directory whose keys are another user's",
      (disk) => {
        mkdirSync(join(disk, "data"));
        writeFileSync(join(disk, "data/keys.json"), "");
        chownSync(join(disk, "data/keys.json"), uid + 1, 0);
      },
      /^The data directory \S+ belongs to the user with the id 1: run the command as that user/,
    ],
  ];
  test.each(rows)("%s, and says so in one sentence", async (_, prepare, sentence) => {
    using disk = smallDisk(DISK_BYTES);
    prepare(disk.path);
    const data = join(disk.path, "data");
    const { exitCode, stdout, stderr } = await millrace("serve", "--port", "0", "--data", data);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(/^millrace: ([^\n]+)\n$/.exec(stderr)?.[1]).toMatch(sentence);
  });
});

describe("on a disk that the server's own messages have filled", () => {
  test("retention makes room by itself", async () => {
    using disk = smallDisk(DISK_BYTES);
    await using server = await serve(join(disk.path, "data"), ["--caches-retention-seconds=30"]);
    const client = new Client(() => server);
    await client.putCache("c");
    const held = await fillUp(client);
    await until(
      "a topic trimmed empty",
      async () => {
        return (await client.topicRow("c", "t"))?.first_sequence_number === held + 1;
      },
      60_000,
    );
    expect(sequenceNumber(await untilStored(client))).toBe(held + 1);
  });

  test("deleting a cache makes room, and a token can be revoked", async () => {
    using disk = smallDisk(DISK_BYTES);
    await using server = await serve(join(disk.path, "data"));
    const client = new Client(() => server);
    await client.putCache("c");
    await client.putCache("other");
    await fillUp(client);
    expect((await client.send("DELETE", "/tokens/some-id")).status).toBe(204);
    expect((await client.deleteCache("c")).status).toBe(204);
    await until("room in another cache", async () => {
      return (await client.publish("other", "t", LONG)).status === 204;
    });
  });
});

describe("on a disk without room, or that cannot be written to", () => {
  test("no backup is made, and nothing is left of it", async () => {
    using directory = temporaryDirectory();
    const data = await storeOf(join(directory.path, "data"), 8 * MEBIBYTE);
    using disk = smallDisk(4 * MEBIBYTE);
    const file = join(disk.path, "file");
    const full = await millrace("backup", file, "--data", data);
    expectSentence(full, /^The backup could not be made: .*full\.$/);
    expect(readdirSync(disk.path)).toEqual([]);
    command("mount", "-o", "remount,ro", disk.path);
    const unwritable = await millrace("backup", file, "--data", data);
    expectSentence(unwritable, /^The backup could not be made: EROFS.*\.$/);
    // Where the copy lies in the data directory until it is piped on.
    using held = smallDisk(12 * MEBIBYTE);
    const tight = await storeOf(join(held.path, "data"), 5 * MEBIBYTE);
    using _ballast = fileOf(join(held.path, "ballast"), 4 * MEBIBYTE);
    const piped = await millrace("backup", "--stdout", "--data", tight);
    expectSentence(piped, /^The backup could not be made: .*full\.$/);
    expect(readdirSync(tight).filter((name) => name.includes(".partial"))).toEqual([]);
  });

  test("nothing is restored", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    const data = await storeOf(join(directory.path, "data"), 8 * MEBIBYTE);
    await printed("backup", file, "--data", data);
    using disk = smallDisk(4 * MEBIBYTE);
    const to = join(disk.path, "data");
    expectSentence(
      await millrace("restore", file, "--data", to),
      / cannot be restored: ENOSPC.*\.$/,
    );
    expect(readdirSync(to)).toEqual(["lock.db"]);
    command("mount", "-o", "remount,ro", disk.path);
    const unwritable = await millrace("restore", file, "--data", to);
    expectSentence(unwritable, /^The data directory .*\.$/);
  });

  test("an older store is not brought up to date without its copy, unless that is not wanted", async () => {
    using disk = smallDisk(40 * MEBIBYTE);
    const data = join(disk.path, "data");
    mkdirSync(data);
    {
      using database = new Database(join(data, "millrace.db"), { create: true });
      database.run(await Bun.file(OLDEST).text());
      database.run("UPDATE topics SET newest = 8, bytes = bytes + 64 + 12582912 WHERE id = 2");
      database.run("UPDATE caches SET bytes = bytes + 64 + 12582912");
      database.run(
        "INSERT INTO items (cache_id, topic_id, number, published_at, value) VALUES (1, 2, 8, 1, zeroblob(12582912))",
      );
    }
    using _ballast = fileOf(join(disk.path, "ballast"), 18 * MEBIBYTE);
    const flags = ["--port", "0", "--data", data, "--caches-retention-seconds=0"];
    const ended = await millrace("serve", ...flags);
    expectSentence(
      ended,
      /^The database is of schema 1, and is copied .* must be free .*: make room/,
    );
    expect(readdirSync(data).filter((name) => /before|partial/.test(name))).toEqual([]);
    expect(await printed("verify", "--data", data)).toMatch(/ 3 messages \(schema 1\)\.$/);
    await using server = await serve(data, [
      ...["--caches-retention-seconds=0", "--no-storage-upgrade-copy", "--storage-reserve-bytes=0"],
    ]);
    expect(await new Client(() => server).topicRow("c", "t")).toMatchObject({
      last_sequence_number: 8,
    });
  });

  test("a store is not compacted, and is as it was", async () => {
    using disk = smallDisk(24 * MEBIBYTE);
    const data = await storeOf(join(disk.path, "data"), 8 * MEBIBYTE);
    using _ballast = fileOf(join(disk.path, "ballast"), 10 * MEBIBYTE);
    expectSentence(await millrace("compact", "--data", data), /could not be compacted: .*full\.$/);
    expect(await printed("verify", "--data", data)).toContain(" is sound: ");
  });
});

/** A stopped store that takes about so much of the disk. */
async function storeOf(data: string, bytes: number): Promise<string> {
  await using server = await serve(data, ["--storage-reserve-bytes=0"]);
  const client = new Client(() => server);
  await client.putCache("c");
  for (let left = bytes; left > 0; left -= LONG.length) await client.publish("c", "t", LONG);
  server.kill("SIGTERM");
  await server.ended;
  return data;
}

/** One line for the administrator on standard error, and 1. */
function expectSentence({ exitCode, stdout, stderr }: Ended, sentence: RegExp): void {
  const [, line] = /^millrace: ([^\n]+)\n$/.exec(stderr) ?? [];
  expect(line ?? `not one line: ${stderr}`).toMatch(sentence);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
}

/** Returns how many messages it took until one was refused. */
async function fillUp(client: Client): Promise<number> {
  for (let held = 0; ; held += 1) {
    const answer = await client.publish("c", "t", LONG);
    if (answer.status === 204) continue;
    expectError(answer, FULL);
    return held;
  }
}

async function expectFull(client: Client, held: number): Promise<void> {
  await Promise.all(
    upTo(50).map(async () => expectError(await client.publish("c", "t", LONG), FULL)),
  );
  expect(await numbers(client)).toEqual(upTo(held));
}

async function numbers(client: Client): Promise<(number | string)[]> {
  const all: (number | string)[] = [];
  for (;;) {
    const page = await client.read("c", "t", `sequence_number=${all.length}`);
    if (page.length === 0) return all;
    all.push(...outline(page));
  }
}

async function untilStored(client: Client) {
  return await until("a publish that is stored", async () => {
    const answer = await client.publish("c", "t", LONG);
    return answer.status === 204 && answer;
  });
}

function linesWith(server: ServerProcess, text: string): number {
  return server
    .stderr()
    .split("\n")
    .filter((line) => line.includes(text)).length;
}

function smallDisk(bytes: number): Disposable & { readonly path: string } {
  using opened = new DisposableStack();
  const { path } = opened.use(temporaryDirectory());
  command("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "none", path);
  opened.defer(() => command("umount", "--lazy", path));
  const kept = opened.move();
  return { path, [Symbol.dispose]: () => kept.dispose() };
}

function fileOf(path: string, bytes: number): Disposable {
  writeFileSync(path, Buffer.alloc(bytes));
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

function command(...words: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(words);
  if (exitCode !== 0) throw new Error(`${words.join(" ")} needs root: ${stderr.toString()}`);
}
