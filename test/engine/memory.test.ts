// The fake engine keeps what the ports promise, so that what is proved on it holds on real ones.

import { describe, setDefaultTimeout } from "bun:test";
import { systemClock } from "../../src/server/system-clock.ts";
import { FakeEngine, type Weather } from "../support/fake-engine.ts";
import type { OpenWith } from "../support/open-engine.ts";
import { cacheStoreSuite } from "./cache-store.suite.ts";
import { recordStoreSuite } from "./record-store.suite.ts";
import { keyStoreSuite, revocationStoreSuite } from "./revocation-store.suite.ts";
import { topicLogSuite } from "./topic-log.suite.ts";
import { userStoreSuite } from "./user-store.suite.ts";

// Retention takes a second to look again; a busy machine takes longer.
setDefaultTimeout(180_000);

describe("fake engine in fair weather", () => {
  runSuites(async (settings) => new FakeEngine(systemClock, undefined, settings));
});

describe("fake engine that is slow now and then", () => {
  runSuites(async (settings) => new FakeEngine(systemClock, changeable(), settings));
});

function runSuites(open: OpenWith): void {
  topicLogSuite(open);
  cacheStoreSuite(open);
  revocationStoreSuite(open);
  recordStoreSuite(open);
  keyStoreSuite(open);
  userStoreSuite(open);
}

/** Holds every third call up for a turn or two of the event loop, which puts topics out of step. */
function changeable(): Weather {
  let calls = 0;
  return async () => {
    calls += 1;
    for (let turn = 0; turn < calls % 3; turn += 1) await new Promise(setImmediate);
  };
}
