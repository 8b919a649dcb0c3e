// What keeps the server from starting is said in one sentence, and harms nobody.

import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { sequenceNumber } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { type Ended, millrace, printed, type ServerProcess, serve } from "../support/executable.ts";
import { expectSentence } from "../support/sentence.ts";

setDefaultTimeout(180_000);

/** Here nobody can make a file, not even root. */
const UNWRITABLE = process.platform === "darwin" ? "/System" : "/proc";

describe.concurrent("a server that runs is left in peace by one", () => {
  test("that wants the same directory", async () => {
    using data = temporaryDirectory();
    await using server = await serve(data.path);
    const alongside = await millrace("serve", "--port", "0", "--data", data.path);
    expectSentence(alongside, /^The data directory .* is in use by another Millrace server\.$/);
    await expectUnharmed(server);
  });

  test("that wants the same port", async () => {
    using data = temporaryDirectory();
    using other = temporaryDirectory();
    await using server = await serve(data.path);
    const { port } = new URL(server.url);
    const alongside = await millrace("serve", "--port", port, "--data", other.path);
    expectSentence(alongside, /^The address 127\.0\.0\.1:\d+ is in use: .*\.$/);
    await expectUnharmed(server);
  });

  test("that is started at the same time on the same directory", async () => {
    using data = temporaryDirectory();
    const both = await Promise.allSettled([serve(data.path), serve(data.path)]);
    const [server, ...more] = both.flatMap((one) =>
      one.status === "fulfilled" ? [one.value] : [],
    );
    const [complaint] = both.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    await using _server = server!;
    expect(more).toEqual([]);
    expect(String(complaint)).toContain("in use by another Millrace server.");
    await expectUnharmed(server!);
  });
});

describe.concurrent("a data directory is refused", () => {
  test("whose database is of a newer version, and is not touched", async () => {
    using data = temporaryDirectory();
    await serveAndKill(data.path);
    using database = new Database(join(data.path, "millrace.db"));
    database.run("PRAGMA user_version = 1000");
    expectSentence(
      await serveOn(data.path),
      /newer Millrace \(schema 1000, .*\): use that version/,
    );
    expect(database.query("PRAGMA user_version").get()).toEqual({ user_version: 1000 });
    const command = await millrace("cache", "list", "--data", data.path);
    expectSentence(command, /newer Millrace \(schema 1000/);
  });

  test("whose database is another program's, and is not touched", async () => {
    using data = temporaryDirectory();
    const file = join(data.path, "millrace.db");
    {
      using database = new Database(file, { create: true });
      database.run("CREATE TABLE songs (title TEXT)");
    }
    const bytes = await Bun.file(file).bytes();
    expectSentence(await serveOn(data.path), /millrace\.db .* is not a Millrace database\.$/);
    expect(Buffer.compare(await Bun.file(file).bytes(), bytes)).toBe(0);
  });

  test("whose database is no database", async () => {
    using data = temporaryDirectory();
    const text = "a letter to a friend\n".repeat(1000);
    await Bun.write(join(data.path, "millrace.db"), text);
    expectSentence(await serveOn(data.path), /^The database .* cannot be opened: .*\.$/);
    expect(await Bun.file(join(data.path, "millrace.db")).text()).toBe(text);
  });

  const damaged = ['{"keys":[{"id":', '{"keys":[]}'];
  test.each(damaged)("whose keys.json is %p", async (text) => {
    using data = temporaryDirectory();
    const file = join(data.path, "keys.json");
    await Bun.write(file, text);
    expectSentence(await serveOn(data.path), /^The key file keys\.json is damaged: .*\.$/);
    expect(await Bun.file(file).text()).toBe(text);
  });

  test("that is a file, or lies below one", async () => {
    using data = temporaryDirectory();
    const file = join(data.path, "file");
    await Bun.write(file, "");
    for (const path of [file, join(file, "data")]) {
      const ended = await serveOn(path);
      expectSentence(ended, /^The data directory .*\.$/);
      expect(ended.stderr).toContain(path);
    }
  });

  test("that cannot be written to", async () => {
    for (const path of [UNWRITABLE, join(UNWRITABLE, "millrace")]) {
      const ended = await serveOn(path);
      expectSentence(ended, /^The data directory .*\.$/);
      expect(ended.stderr).toContain(path);
    }
  });
});

test("a wrong configuration is told problem by problem, and nothing is made", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "a.toml");
  await Bun.write(file, '[http]\nport = 70000\nhorst = "a"\n[caches]\ntopics_max = "many"\n');
  const data = join(directory.path, "data");
  const flags = ["--config", file, "--data", data, "--log-level=loud", "--storage-durability=some"];
  for (const command of ["serve", "check-config"]) {
    const { exitCode, stdout, stderr } = await millrace(command, ...flags);
    expect(exitCode).toBe(78);
    expect(stdout).toBe("");
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toMatch(/^millrace: .*\S$/);
    for (const name of ["port", "horst", "topics_max", "level", "durability"]) {
      expect(lines.filter((line) => line.includes(name))).toHaveLength(1);
    }
  }
  expect(existsSync(data)).toBe(false);
});

describe.each([
  ["short", "data"],
  ["longer than a socket's may be", "d".repeat(130)],
])("on a directory whose path is %s", (_, name) => {
  test("a server that was killed keeps nobody out: commands, and the next server", async () => {
    using directory = temporaryDirectory();
    const data = join(directory.path, name);
    mkdirSync(data);
    await serveAndKill(data);
    const cache = (...words: string[]) => printed("cache", ...words, "--data", data);
    expect(await cache("create", "made-without")).toContain("is there now");
    await using server = await serve(data);
    expect(await cache("create", "made-with")).toContain("is there now");
    const client = new Client(() => server);
    for (const made of ["made-without", "made-with"]) {
      expect((await client.publish(made, "t", "a")).status).toBe(204);
    }
  });
});

function serveOn(data: string): Promise<Ended> {
  return millrace("serve", "--port", "0", "--data", data);
}

async function serveAndKill(data: string): Promise<void> {
  await using _server = await serve(data);
}

async function expectUnharmed(server: ServerProcess): Promise<void> {
  const client = new Client(() => server);
  await client.putCache("c");
  expect(sequenceNumber(await client.publish("c", "t", "a"))).toBe(1);
  expect(await printed("cache", "list", "--data", server.data)).toMatch(/^c +1 topics/);
  server.kill("SIGTERM");
  expect((await server.ended).exitCode).toBe(0);
}
