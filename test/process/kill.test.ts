// A server that is killed in the middle of its work loses nothing that it has acknowledged.

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { expectNothingLost } from "../support/account-rules.ts";
import { crowdOf, expectBusy } from "../support/crash-beside.ts";
import { runCrashLoad } from "../support/crash-load.ts";
import { EXECUTABLE, serve } from "../support/executable.ts";

setDefaultTimeout(180_000);

test("killed twenty times under load, it has each message where it was acknowledged, once, and each record and user", async () => {
  using data = temporaryDirectory();
  const load = { kills: 20, keyed: 3, unkeyed: 3, acknowledgedPerLifeMax: 100 };
  const crowd = crowdOf(1);
  const account = await runCrashLoad(data.path, load, crowd);
  expectNothingLost(account);
  // As many as the lives must have had at least.
  expect(account.acknowledged.length).toBeGreaterThanOrEqual(load.kills);
  expectBusy(crowd);
});

test("killed at any moment of its first start, it starts the next time", async () => {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    using directory = temporaryDirectory();
    const data = join(directory.path, "data");
    const child = Bun.spawn([EXECUTABLE, "serve", "--port", "0", "--data", data], {
      stdio: ["ignore", "ignore", "ignore"],
    });
    await Bun.sleep(Math.random() * 300);
    child.kill("SIGKILL");
    await child.exited;
    await using server = await serve(data);
    const client = new Client(() => server);
    await client.putCache("c");
    expect((await client.publish("c", "t", "a")).status).toBe(204);
  }
});
