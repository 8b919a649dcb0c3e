// A server that is killed in the middle of its work loses nothing that it has acknowledged.

import { expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { expectNothingLost } from "../support/account-rules.ts";
import { runCrashLoad } from "../support/crash-load.ts";

setDefaultTimeout(120_000);

test("killed twenty times under load, it has each message where it was acknowledged, once", async () => {
  using data = temporaryDirectory();
  const load = { kills: 20, keyed: 3, unkeyed: 3, acknowledgedPerLifeMax: 100 };
  const account = await runCrashLoad(data.path, load);
  expectNothingLost(account);
  // As many as the lives must have had at least.
  expect(account.acknowledged.length).toBeGreaterThanOrEqual(load.kills);
});
