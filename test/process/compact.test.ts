// A stopped store gives its free pages back to the disk, and keeps all that it has.

import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { millrace, printed, serve } from "../support/executable.ts";

setDefaultTimeout(180_000);

test("compacting keeps every message and number, and waits for nobody who uses the store", async () => {
  using data = temporaryDirectory();
  const file = join(data.path, "millrace.db");
  {
    await using server = await serve(data.path);
    const client = new Client(() => server);
    await client.putCache("c");
    await client.publishAll("c", "t", ["a", "b"]);
    await Promise.all(upTo(100).map(() => client.publish("c", "long", "x".repeat(10_000))));
    const ended = await millrace("compact", "--data", data.path);
    expect(ended).toEqual({ exitCode: 1, stdout: "", stderr: expect.any(String) });
    expect(ended.stderr).toMatch(
      /^millrace: The data directory .* running server, .*: stop it fir/,
    );
    server.kill("SIGTERM");
    await server.ended;
  }
  {
    // As an hour of retention would leave it that a kill cut short.
    using database = new Database(file);
    database.run("DELETE FROM items WHERE length(value) > 10");
    database.run("UPDATE topics SET oldest = newest + 1, bytes = 0 WHERE name = 'long'");
    database.run("UPDATE caches SET bytes = (SELECT sum(bytes) FROM topics)");
    database.run("BEGIN");
    database.query("SELECT count(*) FROM items").get();
    const ended = await millrace("compact", "--data", data.path);
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^millrace: The database is open in another program, .*\.\n$/);
  }
  const before = statSync(file).size;
  const said = await printed("compact", "--data", data.path);
  const after = statSync(file).size;
  expect(said).toBe(`The database has ${after} bytes now; it had ${before}.`);
  expect(after).toBeLessThan(before / 4);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(data.path).join()).not.toContain(".partial");
  expect(await printed("verify", "--data", data.path)).toMatch(/ 2 topics, 2 messages, /);
  await using server = await serve(data.path);
  const client = new Client(() => server);
  expect(await client.publishAll("c", "t", ["c"])).toEqual([3]);
  expect(await client.publishAll("c", "long", ["x"])).toEqual([101]);
});
