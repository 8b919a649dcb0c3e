// Caches: for admins only, and what is deleted ends who waits on it.

import { describe, expect, test } from "bun:test";
import { NO_OVERRIDES } from "../../src/core/caches/cache.ts";
import { Caches } from "../../src/core/caches/caches.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { Waiters } from "../../src/core/topics/waiters.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import { FakeEngine, type Weather } from "../support/fake-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ADMIN, principal } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";
import { turns } from "../support/turns.ts";
import { unheardAudit } from "../support/unheard-audit.ts";

const WRITE_MS_MAX = 1000;

describe("caches", () => {
  test("who is no admin may do nothing with them, and learns nothing of what is there", async () => {
    const { caches } = open();
    await caches.put(ADMIN, "c", NO_OVERRIDES);
    for (const name of ["c", "none"]) {
      const calls = [
        () => caches.put(principal(), name, NO_OVERRIDES),
        () => caches.get(principal(), name),
        () => caches.list(principal()),
        () => caches.delete(principal(), name),
      ];
      for (const call of calls) expect((await refusal(call)).code).toBe("permission_denied");
    }
    expect(await caches.list(ADMIN)).toHaveLength(1);
  });

  test("a cache is shown with what it holds and who waits on it", async () => {
    const { caches, waiters, engine } = open();
    const { created, report } = await caches.put(ADMIN, "c", NO_OVERRIDES);
    expect(created).toBe(true);
    expect(report).toMatchObject({ name: "c", topics: 0, bytes: 0, waiters: 0 });
    const item = { value: "x", publisherId: undefined, idempotencyKey: undefined };
    await engine.topicLog.append({ cache: "c", topic: "t", ...item });
    void waiters.join({ cache: "c", topic: "t" }, principal()).wait(0);
    expect(await caches.get(ADMIN, "c")).toMatchObject({ topics: 1, bytes: 65, waiters: 1 });
    expect(await caches.list(ADMIN)).toEqual([await caches.get(ADMIN, "c")]);
  });

  test("what is not there is cache_not_found", async () => {
    const { caches } = open();
    for (const call of [() => caches.get(ADMIN, "c"), () => caches.delete(ADMIN, "c")]) {
      expect((await refusal(call)).code).toBe("cache_not_found");
    }
  });

  test("a write that the store does not answer is outcome_unknown at its deadline", async () => {
    const { caches, clock } = open((point) =>
      point === "commit" ? new Promise(() => {}) : undefined,
    );
    for (const call of [
      () => caches.put(ADMIN, "c", NO_OVERRIDES),
      () => caches.delete(ADMIN, "d"),
    ]) {
      const refused = refusal(call);
      await turns();
      clock.advance(2 * WRITE_MS_MAX);
      expect((await refused).code).toBe("outcome_unknown");
    }
  });
});

function open(weather?: Weather) {
  const clock = new ManualClock();
  const engine = new FakeEngine(clock, weather);
  const waiters = new Waiters({ serverMax: 0, tokenMax: 0 });
  const writes = new WriteDeadline(new Deadlines(clock), WRITE_MS_MAX);
  return {
    clock,
    engine,
    waiters,
    caches: new Caches(engine.cacheStore, waiters, writes, unheardAudit),
  };
}
