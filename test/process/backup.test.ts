// A backup that was made under a running server is restored on another machine, and whoever saw more is told.

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { entries, outline, sequencePage, texts } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { EXECUTABLE, millrace, printed, serve } from "../support/executable.ts";
import { expectSentence } from "../support/sentence.ts";

setDefaultTimeout(180_000);

let sample: TemporaryDirectory;
beforeAll(async () => {
  sample = temporaryDirectory();
  const data = join(sample.path, "data");
  await printed("cache", "create", "c", "--data", data);
  await printed("token", "create", "--admin", "--data", data);
  await printed("backup", join(sample.path, "backup"), "--data", data);
});
afterAll(() => sample[Symbol.dispose]());

test("a restored server has what the backup had, and subscribers who saw more are told", async () => {
  using directory = temporaryDirectory();
  const at = (name: string) => join(directory.path, name);
  await using server = await serve(at("old"));
  const old = new Client(() => server);
  const token = await printed("token", "create", "--admin", "--data", server.data);
  await old.putCache("c", { retention: { topic_items: 100 } });
  await old.publishAll("c", "t", ["a", "b", "c"]);
  await old.publish("c", "made-anew", "x");
  await old.publish("c", "bytes", Uint8Array.of(0, 255), {
    headers: { "Content-Type": "application/octet-stream" },
  });
  await new DeepstreamClient(() => server).write("users/1", { name: "Alan" });
  const before = await old.topicRow("c", "t");
  expect(await printed("backup", at("file"), "--data", server.data)).toBe(
    `The backup ${at("file")} is there now, and was checked.`,
  );
  // What the backup does not have, and subscribers have seen.
  await old.publishAll("c", "t", ["lost 4", "lost 5"]);
  await old.send("DELETE", "/topics/c/made-anew");
  const { page: pageAnew } = await placeOf(old.publish("c", "made-anew", "lost"));
  const { page: pageNew } = await placeOf(old.publish("c", "new", "lost"));
  expect(statSync(at("file")).mode & 0o777).toBe(0o600);

  await printed("restore", at("file"), "--data", at("new"));
  await using restored = await serve(at("new"));
  const client = new Client(() => ({ ...restored, adminToken: token }));
  const read = async (topic: string, query: string) =>
    entries(await client.subscribe("c", topic, `timeout=0&${query}`));
  // With no page, whoever has none of the numbers reads on as before.
  expect(texts(await read("t", "sequence_number=0"))).toEqual(["a", "b", "c"]);
  expect((await read("bytes", "sequence_number=0"))[0]?.item?.value).toEqual({ binary: "AP8=" });
  const { body: record } = await new DeepstreamClient(() => restored).get("/api/records/users%2F1");
  expect(JSON.parse(record)).toEqual({ name: "Alan" });
  const settings = JSON.parse((await client.send("GET", "/caches/c")).body);
  expect(settings.retention.topic_items).toBe(100);

  // Who saw more, with the page or without: at once, before anything new was published.
  const page = before?.sequence_page ?? 0;
  const told = await read("t", `sequence_number=6&sequence_page=${page}`);
  expect(outline(told)).toEqual(["5 → 1", 1, 2, 3]);
  expect(told[0]?.discontinuity?.new_sequence_page).toBeGreaterThan(Math.max(page, pageNew));
  expect(outline(await read("t", "sequence_number=5"))).toEqual(["5 → 1", 1, 2, 3]);

  // And after the numbers were given again, for other messages.
  await client.publishAll("c", "t", ["other 4", "other 5", "other 6"]);
  expect(outline(await read("t", `sequence_number=6&sequence_page=${page}`))).toEqual([
    ...["5 → 1", 1, 2, 3, 4, 5, 6],
  ]);
  const newPage = told[0]?.discontinuity?.new_sequence_page;
  const onwards = await read("t", `sequence_number=4&sequence_page=${newPage}`);
  expect(texts(onwards)).toEqual(["other 4", "other 5", "other 6"]);

  // Topics that began anew after the backup, or only then.
  for (const [topic, other] of [
    ["made-anew", pageAnew],
    ["new", pageNew],
  ] as const) {
    const again = await placeOf(client.publish("c", topic, "other"));
    expect(again.page).toBeGreaterThan(other);
    const entered = await read(topic, `sequence_number=2&sequence_page=${other}`);
    expect(outline(entered)[0]).toBe("1 → 1");
    expect(texts(entered).at(-1)).toBe("other");
  }
});

test("a backup that is made while messages come in has the beginning of each topic", async () => {
  using directory = temporaryDirectory();
  await using server = await serve(join(directory.path, "old"));
  const client = new Client(() => server);
  await client.putCache("c");
  let isDone = false;
  const publishing = [0, 1, 2, 3].map(async (topic) => {
    while (!isDone) await client.publish("c", `t${topic}`, "x".repeat(1000));
  });
  const files = [1, 2, 3].map((index) => join(directory.path, `${index}.backup`));
  for (const file of files) await printed("backup", file, "--data", server.data);
  isDone = true;
  await Promise.all(publishing);
  for (const file of files) {
    expect(await printed("verify", "--backup", file)).toMatch(
      /^The backup .* is sound: 1 caches, /,
    );
  }
  expect(await printed("verify", "--data", server.data)).toMatch(/^The store in .* is sound: /);
});

test("a backup goes through a pipe", async () => {
  using directory = temporaryDirectory();
  const [from, to] = [join(directory.path, "from"), join(directory.path, "to")];
  await printed("cache", "create", "c", "--data", from);
  const key = await printed("token", "create", "--admin", "--data", from);
  const line = `"$0" backup --stdout --data '${from}' | "$0" restore - --data '${to}'`;
  const { exitCode, stderr } = shell(line);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(await Bun.file(join(to, "keys.json")).text()).toBe(
    await Bun.file(join(from, "keys.json")).text(),
  );
  expect(await printed("cache", "list", "--data", to)).toMatch(/^c /);
  expect(readdirSync(from).filter((name) => name.endsWith(".partial"))).toEqual([]);
  await using server = await serve(to);
  const client = new Client(() => ({ ...server, adminToken: key }));
  expect((await client.send("GET", "/caches")).status).toBe(200);
  const cut = shell(`"$0" backup --stdout --data '${from}' | head -c 1 > /dev/null`);
  expect(cut.stderr).toBe("millrace: Nobody took the backup to its end.\n");
});

describe("a backup is not made, and nothing is left of it", () => {
  test("where a file is already, or no directory", async () => {
    using directory = temporaryDirectory();
    const data = join(directory.path, "data");
    await printed("cache", "create", "c", "--data", data);
    const file = join(directory.path, "file");
    await Bun.write(file, "precious");
    expectSentence(await millrace("backup", file, "--data", data), /^There is .*file already: /);
    expect(await Bun.file(file).text()).toBe("precious");
    const lost = await millrace("backup", join(directory.path, "no", "file"), "--data", data);
    expectSentence(lost, /^The backup could not be made: ENOENT/);
    expect(readdirSync(directory.path).sort()).toEqual(["data", "file"]);
  });

  test("of a directory without a store, or of a store that is not sound", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    const data = join(directory.path, "data");
    expectSentence(await millrace("backup", file, "--data", data), /^There is no data directory /);
    mkdirSync(data);
    expectSentence(await millrace("backup", file, "--data", data), /cannot be opened: /);
    await printed("cache", "create", "c", "--data", data);
    edit(data, "UPDATE caches SET topics = 3");
    const ended = await millrace("backup", file, "--data", data);
    expectSentence(
      ended,
      /^No backup was kept, because the store is not sound: The cache "c" counts 3/,
    );
    expect(existsSync(file)).toBe(false);
    const { exitCode, stderr } = await millrace("verify", "--data", data);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `The cache "c" counts 3 topics, and has 0.\nmillrace: The store in ${data} is not sound.\n`,
    );
  });

  test("when it is not said where to", async () => {
    for (const words of [[], ["file", "--stdout"]]) {
      const { exitCode, stderr } = await millrace("backup", ...words);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^millrace: backup needs a file to make, or --stdout, as in: .*\n$/);
    }
  });
});

describe("a restore is refused, and the directory is left as it was", () => {
  const bad: [string, (file: string) => Promise<void>, RegExp][] = [
    ["no file", async () => {}, /^There is no file .*\.$/],
    ["a directory", async (file) => mkdirSync(file), / is a directory; a file is needed\.$/],
    ["an empty file", async (file) => void (await Bun.write(file, "")), / is empty\.$/],
    ["text", (file) => write(file, "dear diary ".repeat(100)), / is no backup of Millrace\.$/],
    [
      "another program's database",
      async (file) => {
        using database = new Database(file);
        database.run("CREATE TABLE songs (title)");
      },
      / is no backup of Millrace\.$/,
    ],
    [
      "a compressed backup",
      async (file) => {
        await backupIn(file);
        await write(file, Bun.gzipSync(await Bun.file(file).bytes()));
      },
      / is compressed: unpack it first, as with gunzip\.$/,
    ],
    [
      "a backup that was cut short",
      async (file) => {
        await backupIn(file);
        await write(file, (await Bun.file(file).bytes()).slice(0, 50_000));
      },
      / is cut short: it has 50000 of \d+ bytes\.$/,
    ],
    [
      "a damaged backup",
      async (file) => {
        await backupIn(file);
        const bytes = await Bun.file(file).bytes();
        await write(file, bytes.fill(0xff, 20_000, bytes.length - 8192));
      },
      / is not sound: The file is damaged: .*\.$/,
    ],
    [
      "a backup that was changed",
      async (file) => {
        await backupIn(file);
        using database = new Database(file);
        database.run("UPDATE caches SET topics = 3");
      },
      / is not sound: The cache "c" counts 3 topics, and has 0\.$/,
    ],
    [
      "a newer version's backup",
      async (file) => {
        await backupIn(file);
        using database = new Database(file);
        database.run("PRAGMA user_version = 1000");
      },
      / was made by a newer Millrace \(schema 1000, this one knows up to \d+\): use that version\.$/,
    ],
    [
      "a database in use",
      async (file) => {
        await backupIn(file);
        await write(`${file}-wal`, "");
      },
      / has a log beside it .*: millrace backup makes a backup of one\.$/,
    ],
    [
      "the copy of a store without its keys",
      async (file) => {
        await backupIn(file);
        using database = new Database(file);
        database.run("PRAGMA application_id = 0x6d6c7263");
      },
      /without the keys that sign tokens: put keys\.json into the data directory first\.$/,
    ],
  ];
  test.each(bad)("of %s", async (_, make, sentence) => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    const data = join(directory.path, "data");
    await make(file);
    expectSentence(await millrace("restore", file, "--data", data), sentence);
    if (existsSync(data)) expect(readdirSync(data)).toEqual(["lock.db"]);
  });

  test("over a running server, and over what a stopped one has left", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    await backupIn(file);
    {
      await using server = await serve(join(directory.path, "data"));
      const client = new Client(() => server);
      await client.putCache("precious");
      const ended = await millrace("restore", file, "--data", server.data);
      expectSentence(ended, /is in use by a running server: stop it first, or restore into /);
      expect((await client.publish("precious", "t", "x")).status).toBe(204);
      server.kill("SIGTERM");
      await server.ended;
    }
    const data = join(directory.path, "data");
    const ended = await millrace("restore", file, "--data", data);
    expectSentence(ended, /holds data already \(millrace\.db\), and nothing is overwritten: /);
    expect(await printed("cache", "list", "--data", data)).toMatch(/^precious /);
  });

  test("over a link to a disk that is not there", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    await backupIn(file);
    const data = join(directory.path, "data");
    const elsewhere = join(directory.path, "unmounted/millrace.db");
    mkdirSync(data);
    symlinkSync(elsewhere, join(data, "millrace.db"));
    const ended = await millrace("restore", file, "--data", data);
    expectSentence(ended, /holds data already \(millrace\.db\), and nothing is overwritten: /);
    expect(readlinkSync(join(data, "millrace.db"))).toBe(elsewhere);
  });

  test("into a directory with other keys, and not into one with the same", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    const keys = await backupIn(file);
    const data = join(directory.path, "data");
    await printed("token", "create", "--admin", "--data", data);
    const ended = await millrace("restore", file, "--data", data);
    expectSentence(
      ended,
      /has other keys than .*: move its keys\.json away, which ends the tokens/,
    );
    expect(existsSync(join(data, "millrace.db"))).toBe(false);
    await Bun.write(join(data, "keys.json"), keys);
    await printed("restore", file, "--data", data);
    expect(await Bun.file(join(data, "keys.json")).text()).toBe(keys);
  });

  test("into a directory that cannot be written to", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    await backupIn(file);
    const unwritable = process.platform === "darwin" ? "/System" : "/proc";
    expectSentence(await millrace("restore", file, "--data", unwritable), /^The data directory /);
  });
});

test("no server runs on a backup that was only given the name of a store", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "data");
  mkdirSync(data);
  chmodSync(data, 0o700);
  await backupIn(join(data, "millrace.db"));
  const ended = await millrace("serve", "--port", "0", "--data", data);
  expectSentence(ended, /millrace\.db in the data directory is a backup: .* millrace restore puts/);
});

/** Copies the backup of a small store, made once for all, and returns its keys. */
async function backupIn(file: string): Promise<string> {
  await Bun.write(file, Bun.file(join(sample.path, "backup")));
  return await Bun.file(join(sample.path, "data", "keys.json")).text();
}

function edit(data: string, sql: string): void {
  using database = new Database(join(data, "millrace.db"));
  database.run(sql);
}

async function write(file: string, content: string | Uint8Array<ArrayBuffer>): Promise<void> {
  await Bun.write(file, content);
}

async function placeOf(answer: ReturnType<Client["publish"]>): Promise<{ page: number }> {
  return { page: sequencePage(await answer) };
}

/** Runs a line with the executable as `$0`. */
function shell(line: string): { exitCode: number; stderr: string } {
  const { exitCode, stderr } = Bun.spawnSync(["sh", "-c", line, EXECUTABLE]);
  return { exitCode, stderr: stderr.toString() };
}
