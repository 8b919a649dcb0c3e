// Waiters: no wake is lost, none is overwritten by a lesser one, and all are counted.

import { describe, expect, test } from "bun:test";
import { type Waiter, Waiters, type Wake } from "../../src/core/topics/waiters.ts";
import { principal } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";
import { isPending } from "../support/turns.ts";

const NAME = { cache: "c", topic: "t" };
const UNLIMITED = { serverMax: 0, tokenMax: 0 };

describe("waking", () => {
  test("a notification wakes everybody who waits for the topic, and nobody else", async () => {
    const waiters = new Waiters(UNLIMITED);
    const [a, b, elsewhere] = [NAME, NAME, { cache: "c", topic: "u" }].map((name) =>
      waiters.join(name, principal()).wait(0),
    );
    waiters.notify(NAME);
    expect(await Promise.all([a, b])).toEqual(["notified", "notified"]);
    expect(await isPending(elsewhere!)).toBe(true);
  });

  test("the same topic name in another cache is another topic", async () => {
    const waiters = new Waiters(UNLIMITED);
    const waiting = waiters.join(NAME, principal()).wait(0);
    waiters.notify({ cache: "d", topic: "t" });
    expect(await isPending(waiting)).toBe(true);
  });

  test("a notification between join and wait wakes the wait at once", async () => {
    const waiters = new Waiters(UNLIMITED);
    using waiter = waiters.join(NAME, principal());
    waiters.notify(NAME);
    expect(await waiter.wait(0)).toBe("notified");
  });

  test("a notification between two waits wakes the second at once, and only that", async () => {
    const waiters = new Waiters(UNLIMITED);
    using waiter = waiters.join(NAME, principal());
    const first = waiter.wait(0);
    waiters.notify(NAME);
    await first;
    waiters.notify(NAME);
    waiters.notify(NAME);
    expect(await waiter.wait(0)).toBe("notified");
    expect(await isPending(waiter.wait(0))).toBe(true);
  });

  test("a notification before the join wakes nobody", async () => {
    const waiters = new Waiters(UNLIMITED);
    waiters.notify(NAME);
    using waiter = waiters.join(NAME, principal());
    expect(await isPending(waiter.wait(0))).toBe(true);
  });

  test("who left is not woken", async () => {
    const waiters = new Waiters(UNLIMITED);
    const waiter = waiters.join(NAME, principal());
    const waiting = waiter.wait(0);
    waiter[Symbol.dispose]();
    waiters.notify(NAME);
    expect(await isPending(waiting)).toBe(true);
  });
});

describe("ending", () => {
  const endings: [Wake, (waiters: Waiters, waiter: Waiter) => void][] = [
    ["cache_deleted", (waiters) => waiters.endCache("c")],
    ["token_ended", (waiters) => waiters.endTokens(({ ids }) => ids.includes("somebody"))],
    ["stopping", (waiters) => waiters.close()],
    ["timeout", (_, waiter) => waiter.wake("timeout")],
    ["aborted", (_, waiter) => waiter.wake("aborted")],
  ];

  test.each(endings)("%s wakes who waits", async (wake, end) => {
    const waiters = new Waiters(UNLIMITED);
    using waiter = waiters.join(NAME, principal());
    const waiting = waiter.wait(0);
    end(waiters, waiter);
    expect(await waiting).toBe(wake);
  });

  test.each(endings)("%s between join and wait ends the wait", async (wake, end) => {
    const waiters = new Waiters(UNLIMITED);
    using waiter = waiters.join(NAME, principal());
    end(waiters, waiter);
    expect(await waiter.wait(0)).toBe(wake);
  });

  test.each(endings)(
    "%s is not overwritten by a notification that comes after it",
    async (wake, end) => {
      const waiters = new Waiters(UNLIMITED);
      using waiter = waiters.join(NAME, principal());
      end(waiters, waiter);
      waiters.notify(NAME);
      expect(await waiter.wait(0)).toBe(wake);
    },
  );

  test.each(endings)("%s overwrites a notification that came before it", async (wake, end) => {
    const waiters = new Waiters(UNLIMITED);
    using waiter = waiters.join(NAME, principal());
    waiters.notify(NAME);
    end(waiters, waiter);
    expect(await waiter.wait(0)).toBe(wake);
  });

  test("the first ending counts", async () => {
    const waiters = new Waiters(UNLIMITED);
    using waiter = waiters.join(NAME, principal());
    waiters.endCache("c");
    waiters.close();
    expect(await waiter.wait(0)).toBe("cache_deleted");
  });

  test("another cache's waiters and other tokens' waiters go on", async () => {
    const waiters = new Waiters(UNLIMITED);
    const waiting = waiters.join({ cache: "d", topic: "t" }, principal({ ids: ["other"] })).wait(0);
    waiters.endCache("c");
    waiters.endTokens(({ ids }) => ids.includes("somebody"));
    expect(await isPending(waiting)).toBe(true);
  });

  test("a token that was minted from an ended one ends with it", async () => {
    const waiters = new Waiters(UNLIMITED);
    const waiting = waiters.join(NAME, principal({ ids: ["child", "parent"] })).wait(0);
    waiters.endTokens(({ ids }) => ids.includes("parent"));
    expect(await waiting).toBe("token_ended");
  });

  test("who joins after the close is told at once, every time", async () => {
    const waiters = new Waiters(UNLIMITED);
    waiters.close();
    for (const name of [NAME, { cache: "d", topic: "u" }]) {
      using waiter = waiters.join(name, principal());
      expect(await waiter.wait(0)).toBe("stopping");
    }
    expect([waiters.count(), waiters.joined]).toEqual([0, 0]);
  });
});

describe("counting", () => {
  test("waiters are counted in all, by cache and by topic, while they wait", () => {
    const waiters = new Waiters(UNLIMITED);
    const names = [NAME, NAME, { cache: "c", topic: "u" }, { cache: "d", topic: "t" }];
    const joined = names.map((name) => waiters.join(name, principal()));
    expect([waiters.count(), waiters.joined]).toEqual([0, 4]);
    for (const waiter of joined) void waiter.wait(0);
    expect(counts(waiters)).toEqual([4, 3, 2, 1]);
    expect([waiters.count("none"), waiters.count("c", "none")]).toEqual([0, 0]);
  });

  const ways: [string, (waiters: Waiters, waiter: Waiter) => void][] = [
    ["notified", (waiters) => waiters.notify(NAME)],
    ["timed out", (_, waiter) => waiter.wake("timeout")],
    ["aborted", (_, waiter) => waiter.wake("aborted")],
    ["its cache deleted", (waiters) => waiters.endCache("c")],
    ["its token ended", (waiters) => waiters.endTokens(() => true)],
    ["the server stopped", (waiters) => waiters.close()],
    ["woken twice", (waiters) => [waiters.notify(NAME), waiters.notify(NAME)]],
    ["left without being woken", () => {}],
    ["left twice", (_, waiter) => waiter[Symbol.dispose]()],
  ];
  test.each(ways)("nothing is left of a waiter: %s", (_, end) => {
    const waiters = new Waiters({ serverMax: 1, tokenMax: 1 });
    const waiter = waiters.join(NAME, principal());
    void waiter.wait(1);
    end(waiters, waiter);
    waiter[Symbol.dispose]();
    expect(counts(waiters)).toEqual([0, 0, 0, 0]);
    expect(waiters.joined).toBe(0);
    // Its place under every limit is free again.
    const next = waiters.join(NAME, principal());
    expect(() => void next.wait(1)).not.toThrow();
  });

  test("a waiter that is woken and waits again is counted once", () => {
    const waiters = new Waiters(UNLIMITED);
    const waiter = waiters.join(NAME, principal());
    for (let round = 0; round < 3; round += 1) {
      void waiter.wait(0);
      expect(counts(waiters)).toEqual([1, 1, 1, 0]);
      waiters.notify(NAME);
      expect(counts(waiters)).toEqual([0, 0, 0, 0]);
    }
  });

  test("who leaves does not take along who joined the same topic later", async () => {
    const waiters = new Waiters(UNLIMITED);
    const early = waiters.join(NAME, principal());
    early[Symbol.dispose]();
    const late = waiters.join(NAME, principal());
    early[Symbol.dispose]();
    const waiting = late.wait(0);
    waiters.notify(NAME);
    expect(await waiting).toBe("notified");
  });
});

describe("limits", () => {
  const rows: [string, { serverMax?: number; tokenMax?: number; cacheMax?: number }, string[]][] = [
    ["of the server", { serverMax: 2 }, ["other token", "other cache"]],
    ["of a token", { tokenMax: 2 }, ["other cache"]],
    ["of a cache", { cacheMax: 2 }, ["other token"]],
  ];
  test.each(rows)(
    "%s: one more than allowed is limit_exceeded, and leaves the others waiting",
    async (_, limits, alsoRefused) => {
      const { cacheMax = 0, ...ofServer } = limits;
      const waiters = new Waiters({ ...UNLIMITED, ...ofServer });
      const join = (cache = "c", id = "somebody") =>
        waiters.join({ cache, topic: "t" }, principal({ ids: [id] }));
      const waiting = [join().wait(cacheMax), join().wait(cacheMax)];
      const error = await refusal(() => join().wait(cacheMax));
      expect(error).toMatchObject({
        code: "limit_exceeded",
        limit: "topic_subscriptions_limit_exceeded",
      });
      const others = { "other cache": join("d"), "other token": join("c", "other") };
      for (const [name, waiter] of Object.entries(others)) {
        const isRefused = await Promise.try(() => void waiter.wait(cacheMax)).then(
          () => false,
          () => true,
        );
        expect([name, isRefused]).toEqual([name, alsoRefused.includes(name)]);
      }
      expect(await isPending(Promise.any(waiting))).toBe(true);
    },
  );

  test("tokens that are counted with one another share its limit, and the room that comes back", async () => {
    const waiters = new Waiters({ serverMax: 0, tokenMax: 1 });
    const child = (id: string) => principal({ ids: [id, "root"], account: "root" });
    const first = waiters.join(NAME, principal({ ids: ["root"] }));
    void first.wait(0);
    const second = waiters.join(NAME, child("a"));
    expect((await refusal(() => second.wait(0))).code).toBe("limit_exceeded");
    void waiters.join(NAME, principal({ ids: ["by an admin", "admin"] })).wait(0);
    first[Symbol.dispose]();
    void second.wait(0);
    const third = waiters.join(NAME, child("b"));
    expect((await refusal(() => third.wait(0))).code).toBe("limit_exceeded");
  });

  test("0 is no limit", () => {
    const waiters = new Waiters(UNLIMITED);
    for (let index = 0; index < 1000; index += 1) void waiters.join(NAME, principal()).wait(0);
    expect(waiters.count()).toBe(1000);
  });

  test("who is refused is not counted, and gets in when there is room", async () => {
    const waiters = new Waiters({ serverMax: 1, tokenMax: 0 });
    const first = waiters.join(NAME, principal());
    void first.wait(0);
    const second = waiters.join(NAME, principal());
    await refusal(() => second.wait(0));
    expect(waiters.count()).toBe(1);
    first[Symbol.dispose]();
    expect(() => void second.wait(0)).not.toThrow();
    expect(waiters.count()).toBe(1);
  });

  test("a wake that is already there is not held against a limit", async () => {
    const waiters = new Waiters({ serverMax: 1, tokenMax: 0 });
    void waiters.join(NAME, principal()).wait(0);
    using late = waiters.join(NAME, principal());
    waiters.notify(NAME);
    void waiters.join({ cache: "c", topic: "u" }, principal()).wait(0);
    expect(await late.wait(0)).toBe("notified");
  });
});

/** In all, in the cache c, in its topics t and u. */
function counts(waiters: Waiters): number[] {
  return [waiters.count(), waiters.count("c"), waiters.count("c", "t"), waiters.count("c", "u")];
}
