// A newer executable says what it made of an older store, and the copy that it left brings it back.

import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { outline } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { millrace, printed, serve } from "../support/executable.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

const OLDEST = join(import.meta.dir, "../engine/sqlite/schemas/0001.sql");

test("an older store is brought up to date, which the log says, and its copy can be restored", async () => {
  using directory = temporaryDirectory();
  const [data, again] = [join(directory.path, "data"), join(directory.path, "again")];
  mkdirSync(data);
  {
    using database = new Database(join(data, "millrace.db"), { create: true });
    database.run(await Bun.file(OLDEST).text());
  }
  const copy = join(data, "millrace.db.before-0002");
  // What only looks does not wait for the server to have been there.
  expect(await printed("verify", "--data", data)).toMatch(/ 2 messages \(schema 1\)\.$/);
  {
    // The messages of that time are older than the default retention.
    await using server = await serve(data, ["--caches-retention-seconds=0"]);
    const line = new RegExp(
      `The database was brought up to date .* from=1 to=\\d+ copy=${copy}\\n`,
    );
    await until("the line in the log", () => line.test(server.stderr()));
    const client = new Client(() => server);
    expect(outline(await client.read("c", "t", "sequence_number=5"))).toEqual([6, 7]);
    server.kill("SIGTERM");
    await server.ended;
  }
  mkdirSync(again);
  await Bun.write(join(again, "keys.json"), Bun.file(join(data, "keys.json")));
  await printed("restore", copy, "--data", again);
  expect(await printed("verify", "--data", again)).toMatch(/ 2 messages \(schema 1\)\.$/);
  expect((await millrace("verify", "--backup", copy)).stderr).toContain(
    "is no backup of Millrace.",
  );
});
