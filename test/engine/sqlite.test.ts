// The SQLite engine: the suites of its ports, and what it promises beyond them.

import { describe, setDefaultTimeout } from "bun:test";
import { SqliteStore } from "../support/sqlite-store.ts";
import { cacheStoreSuite } from "./cache-store.suite.ts";
import { recordStoreSuite } from "./record-store.suite.ts";
import { keyStoreSuite, revocationStoreSuite } from "./revocation-store.suite.ts";
import { checkpointRules } from "./sqlite/checkpoints.ts";
import { counterRules } from "./sqlite/counters.ts";
import { directoryLockRules } from "./sqlite/directory-lock.ts";
import { expiredKeyRules } from "./sqlite/expired-keys.ts";
import { figureRules } from "./sqlite/figures.ts";
import { groupCommitRules } from "./sqlite/group-commit.ts";
import { importRules } from "./sqlite/imports.ts";
import { keyFileRules } from "./sqlite/key-file.ts";
import { networkMountRules } from "./sqlite/network-mount.ts";
import { openingRules } from "./sqlite/opening.ts";
import { recordGroupRules } from "./sqlite/record-groups.ts";
import { rememberedRecordRules } from "./sqlite/remembered-records.ts";
import { retentionRules } from "./sqlite/retention.ts";
import { revocationRules } from "./sqlite/revocations.ts";
import { soundnessRules } from "./sqlite/soundness.ts";
import { recordsFullRules, reserveRules, storageFullRules } from "./sqlite/storage-full.ts";
import { upgradeRules } from "./sqlite/upgrades.ts";
import { writerDeathRules } from "./sqlite/writer-death.ts";
import { topicLogSuite } from "./topic-log.suite.ts";
import { userStoreSuite } from "./user-store.suite.ts";

// Retention takes a second to look again; a busy machine takes longer.
setDefaultTimeout(180_000);

describe("sqlite", () => {
  const open = SqliteStore.open;
  topicLogSuite(open);
  cacheStoreSuite(open);
  revocationStoreSuite(open);
  recordStoreSuite(open);
  keyStoreSuite(open);
  userStoreSuite(open);
  groupCommitRules();
  recordGroupRules();
  rememberedRecordRules();
  storageFullRules();
  recordsFullRules();
  reserveRules();
  counterRules();
  expiredKeyRules();
  retentionRules();
  figureRules();
  openingRules();
  checkpointRules();
  upgradeRules();
  keyFileRules();
  importRules();
  networkMountRules();
  directoryLockRules();
  revocationRules();
  writerDeathRules();
  soundnessRules();
});
