// As test/process/kill.test.ts, with ten times the kills and a bigger load.

import { expect, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { expectNothingLost } from "../support/account-rules.ts";
import { crowdOf, expectBusy } from "../support/crash-beside.ts";
import { runCrashLoad } from "../support/crash-load.ts";

test("killed two hundred times under load, it has each message where it was acknowledged, once, and each record and user", async () => {
  using data = temporaryDirectory();
  const load = { kills: 200, keyed: 16, unkeyed: 16, acknowledgedPerLifeMax: 400 };
  const crowd = crowdOf(4);
  const account = await runCrashLoad(data.path, load, crowd);
  expectNothingLost(account);
  expect(account.acknowledged.length).toBeGreaterThanOrEqual(load.kills);
  expectBusy(crowd);
});
