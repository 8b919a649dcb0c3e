// Subscribing: join, read, wait; whatever ends a wait ends it at once and leaves nothing behind.

import { describe, expect, test } from "bun:test";
import { NO_OVERRIDES } from "../../../src/core/caches/cache.ts";
import { ADMIN, principal } from "../../support/principals.ts";
import { refusal } from "../../support/refusal.ts";
import { isPending, turns } from "../../support/turns.ts";
import { after, HOUR_MS, NAME, openRoom, RETAINED, type Room, texts } from "./room.ts";

const TICK_MS = 200;

describe("subscribe", () => {
  test("what is there is delivered at once, without waiting", async () => {
    using room = await openRoom();
    for (const value of ["a", "b", "c"]) await room.publish(value);
    expect(texts(await room.subscribe())).toEqual(["c"]);
    expect(texts(await room.subscribe({ from: after(1) }))).toEqual(["b", "c"]);
    expect(texts(await room.subscribe({ from: RETAINED }))).toEqual(["a", "b", "c"]);
    expect(room.holds()).toBe(0);
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("a timeout of 0 never waits", async () => {
    using room = await openRoom();
    expect(await room.subscribe({ timeoutMs: 0 })).toMatchObject({ items: [] });
    expect(room.holds()).toBe(0);
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("permission comes before existence", async () => {
    using room = await openRoom();
    const who = principal({ permissions: [{ cache: "*", topic: "*", role: "publish" }] });
    const wait = { timeoutMs: 0, hold: () => new AbortController().signal };
    for (const cache of ["c", "none"]) {
      const name = { cache, topic: "t" };
      const subscribe = () => room.topics.subscribe(who, name, RETAINED, wait);
      expect((await refusal(subscribe)).code).toBe("permission_denied");
      expect((await refusal(() => room.topics.requireSubscribe(who, name))).code).toBe(
        "permission_denied",
      );
    }
    const none = { cache: "none", topic: "t" };
    const subscribe = () => room.topics.subscribe(ADMIN, none, RETAINED, wait);
    expect((await refusal(subscribe)).code).toBe("cache_not_found");
    expect((await refusal(() => room.topics.requireSubscribe(ADMIN, none))).code).toBe(
      "cache_not_found",
    );
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("an append wakes who waits; the request was held open once", async () => {
    using room = await openRoom();
    const waiting = room.subscribe();
    await turns();
    expect([room.waiters.count(), room.holds()]).toEqual([1, 1]);
    await room.publish("x");
    expect(texts(await waiting)).toEqual(["x"]);
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("a wake that brings nothing lets it wait on, held open only once", async () => {
    using room = await openRoom();
    const waiting = room.subscribe();
    await turns();
    for (let round = 0; round < 3; round += 1) {
      room.waiters.notify(NAME);
      await turns();
    }
    expect([room.waiters.count(), room.holds()]).toEqual([1, 1]);
    await room.publish("x");
    expect(texts(await waiting)).toEqual(["x"]);
  });

  test("a thousand that are woken by one append share one read", async () => {
    using room = await openRoom();
    await room.publish("x");
    const waiting = Array.from({ length: 1000 }, () => room.subscribe({ from: after(1) }));
    await turns();
    const looks = () => room.weather.asked.filter((point) => point === "look").length;
    const before = looks();
    await room.publish("y");
    const deliveries = await Promise.all(waiting);
    expect(looks() - before).toBe(1);
    expect(new Set(deliveries.map(({ items }) => items)).size).toBe(1);
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("more waiters than allowed are limit_exceeded; who finds something to read is not", async () => {
    using room = await openRoom({ waiters: { serverMax: 1 } });
    const waiting = room.subscribe();
    await turns();
    const error = await refusal(() => room.subscribe());
    expect(error).toMatchObject({ limit: "topic_subscriptions_limit_exceeded" });
    expect(room.left()).toEqual([1, 1, 1]);
    await room.publish("x");
    await waiting;
    expect(texts(await room.subscribe())).toEqual(["x"]);
  });

  test("a cache's own limit of waiters counts", async () => {
    using room = await openRoom();
    await room.engine.cacheStore.put("c", { retention: {}, limits: { waiters: 1 } });
    void room.subscribe();
    await turns();
    const error = await refusal(() => room.subscribe({ topic: "u" }));
    expect(error).toMatchObject({ limit: "topic_subscriptions_limit_exceeded" });
    room.waiters.close();
  });
});

describe("no wake-up is lost", () => {
  test("an item that lands between join and read is read", async () => {
    using room = await openRoom();
    const letGo = room.weather.hold("look");
    const waiting = room.subscribe();
    await turns();
    await room.publish("x");
    letGo();
    expect(texts(await waiting)).toEqual(["x"]);
  });

  test("an item that lands after the read looked, before it is waited for, wakes", async () => {
    using room = await openRoom();
    const letGo = room.weather.hold("show");
    const waiting = room.subscribe();
    await turns();
    await room.publish("x");
    letGo();
    expect(texts(await waiting)).toEqual(["x"]);
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("an item that lands during the read after a wake is not missed", async () => {
    using room = await openRoom();
    await room.publish("first");
    const waiting = room.subscribe({ from: after(1) });
    await turns();
    const letGo = room.weather.hold("show");
    room.waiters.notify(NAME);
    await turns();
    await room.publish("second");
    letGo();
    expect(texts(await waiting)).toEqual(["second"]);
  });

  test("who comes after an announcement does not share a read from before it", async () => {
    using room = await openRoom();
    const letGo = room.weather.hold("show");
    const early = room.subscribe({ timeoutMs: 0 });
    await turns();
    await room.publish("x");
    room.weather.clear();
    expect(texts(await room.subscribe({ timeoutMs: 0 }))).toEqual(["x"]);
    letGo();
    expect(texts(await early)).toEqual([]);
  });

  test("who comes after a topic was deleted does not share a read from before that", async () => {
    using room = await openRoom();
    await room.publish("deleted");
    const letGo = room.weather.hold("show");
    void room.subscribe({ from: RETAINED, timeoutMs: 0 });
    await turns();
    await room.topics.delete(ADMIN, NAME);
    const late = room.subscribe({ from: RETAINED, timeoutMs: 0 });
    letGo();
    expect(texts(await late)).toEqual([]);
  });

  test("who comes after a cache was deleted and made again does not share a read from before that", async () => {
    using room = await openRoom();
    await room.publish("deleted");
    const letGo = room.weather.hold("show");
    void room.subscribe({ from: RETAINED, timeoutMs: 0 });
    await turns();
    await room.engine.cacheStore.delete("c");
    await room.engine.cacheStore.put("c", NO_OVERRIDES);
    const late = room.subscribe({ from: RETAINED, timeoutMs: 0 });
    letGo();
    expect(texts(await late)).toEqual([]);
  });
});

describe("a wait ends", () => {
  test("with nothing at its timeout, and not before", async () => {
    using room = await openRoom();
    const waiting = room.subscribe({ timeoutMs: 5000 });
    await turns();
    room.clock.advance(4999);
    expect(await isPending(waiting)).toBe(true);
    room.clock.advance(1 + TICK_MS);
    expect(await waiting).toMatchObject({ discontinuity: undefined, items: [] });
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("at a timeout that counts from the first wait, however often it is woken for nothing", async () => {
    using room = await openRoom();
    const waiting = room.subscribe({ timeoutMs: 5000 });
    for (let second = 0; second < 5; second += 1) {
      await turns();
      room.clock.advance(1000);
      room.waiters.notify(NAME);
    }
    await turns();
    room.clock.advance(TICK_MS);
    expect(await waiting).toMatchObject({ items: [] });
  });

  test("with unauthenticated when the token expires, and not before", async () => {
    using room = await openRoom();
    const who = principal({ expiresAt: room.clock.now() + 5000 });
    const waiting = room.subscribe({ who });
    await turns();
    room.clock.advance(4999);
    expect(await isPending(waiting)).toBe(true);
    room.clock.advance(1 + TICK_MS);
    expect((await refusal(() => waiting)).code).toBe("unauthenticated");
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("at its timeout when that comes before the token expires", async () => {
    using room = await openRoom();
    const who = principal({ expiresAt: room.clock.now() + HOUR_MS });
    const waiting = room.subscribe({ who, timeoutMs: 1000 });
    await turns();
    room.clock.advance(1000 + TICK_MS);
    expect(await waiting).toMatchObject({ items: [] });
  });

  test("with unauthenticated for a token that expired before the wait began", async () => {
    using room = await openRoom();
    const waiting = room.subscribe({ who: principal({ expiresAt: room.clock.now() - 1 }) });
    await turns();
    room.clock.advance(TICK_MS);
    expect((await refusal(() => waiting)).code).toBe("unauthenticated");
  });

  const others: [string, (room: Room) => unknown, string | undefined][] = [
    [
      "with unauthenticated when the token is revoked",
      ({ waiters }) => waiters.endTokens(() => true),
      "unauthenticated",
    ],
    [
      "with cache_not_found when the cache is deleted",
      ({ engine }) => engine.cacheStore.delete("c"),
      "cache_not_found",
    ],
    ["with nothing when the server stops", ({ waiters }) => waiters.close(), undefined],
  ];
  test.each(others)("%s", async (_, end, code) => {
    using room = await openRoom();
    const waiting = room.subscribe();
    await turns();
    await end(room);
    if (code === undefined) expect(await waiting).toMatchObject({ items: [] });
    else expect((await refusal(() => waiting)).code).toBe(code as never);
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test.each(others)("%s during a read that finds nothing", async (_, end, code) => {
    using room = await openRoom();
    const letGo = room.weather.hold("show");
    const waiting = room.subscribe();
    await turns();
    await end(room);
    letGo();
    if (code === undefined) expect(await waiting).toMatchObject({ items: [] });
    else expect((await refusal(() => waiting)).code).toBe(code as never);
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("when nobody is there any more, and frees its place", async () => {
    using room = await openRoom({ waiters: { serverMax: 1 } });
    const gone = new AbortController();
    const waiting = room.subscribe({ signal: gone.signal });
    await turns();
    gone.abort();
    await waiting;
    expect(room.left()).toEqual([0, 0, 0]);
    const next = room.subscribe();
    expect(await isPending(next)).toBe(true);
    room.waiters.close();
  });

  test("before it begins when nobody is there any more by then", async () => {
    using room = await openRoom();
    expect(await room.subscribe({ signal: AbortSignal.abort() })).toMatchObject({ items: [] });
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("when nobody is there any more during a read after a wake", async () => {
    using room = await openRoom();
    const gone = new AbortController();
    const waiting = room.subscribe({ signal: gone.signal });
    await turns();
    const letGo = room.weather.hold("show");
    room.waiters.notify(NAME);
    await turns();
    gone.abort();
    letGo();
    await waiting;
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("after the server stopped, what is there is still delivered and nothing is waited for", async () => {
    using room = await openRoom();
    await room.publish("x");
    room.waiters.close();
    expect(texts(await room.subscribe())).toEqual(["x"]);
    expect(await room.subscribe({ from: after(1) })).toMatchObject({ items: [] });
  });

  test("no more than the wait of its own topic and cache", async () => {
    using room = await openRoom();
    const waiting = room.subscribe();
    await room.engine.cacheStore.put("d", NO_OVERRIDES);
    await turns();
    await room.engine.cacheStore.delete("d");
    await room.topics.publish(
      ADMIN,
      { ...NAME, topic: "u" },
      { value: "x", bytes: 1, idempotencyKey: undefined },
    );
    expect(await isPending(waiting)).toBe(true);
    room.waiters.close();
  });
});

describe("a position is pinned while it waits", () => {
  test("the latest of an empty topic gets all that came at once", async () => {
    using room = await openRoom();
    const waiting = room.subscribe();
    await turns();
    const letGo = room.weather.hold("look");
    await Promise.all(["a", "b", "c"].map((value) => room.publish(value)));
    letGo();
    expect(texts(await waiting)).toEqual(["a", "b", "c"]);
  });

  test("beyond the newest, sixty items that come at once are told of from the oldest", async () => {
    using room = await openRoom();
    const waiting = room.subscribe({ from: after(30) });
    await turns();
    const letGo = room.weather.hold("look");
    await Promise.all(Array.from({ length: 60 }, (_, index) => room.publish(`m${index + 1}`)));
    letGo();
    const { discontinuity, items } = await waiting;
    expect(discontinuity).toEqual({ lastSequenceNumber: 30, newSequenceNumber: 1 });
    expect(items.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  });

  test("a topic that is recreated up to the same number is told of", async () => {
    using room = await openRoom();
    for (const value of ["a", "b"]) await room.publish(value);
    const waiting = room.subscribe({ from: after(2) });
    await turns();
    const letGo = room.weather.hold("look");
    await room.topics.delete(ADMIN, NAME);
    for (const value of ["c", "d", "e"]) await room.publish(value);
    letGo();
    const delivery = await waiting;
    expect(delivery.discontinuity).toEqual({ lastSequenceNumber: 2, newSequenceNumber: 1 });
    expect(texts(delivery)).toEqual(["c", "d", "e"]);
  });

  test("items that are trimmed while it waits are told of", async () => {
    using room = await openRoom();
    await room.publish("a");
    const waiting = room.subscribe({ from: after(1) });
    await turns();
    const letGo = room.weather.hold("look");
    for (const value of ["b", "c", "d"]) await room.publish(value);
    await room.engine.cacheStore.put("c", { retention: { topicItems: 1 }, limits: {} });
    letGo();
    const delivery = await waiting;
    expect(delivery.discontinuity).toEqual({ lastSequenceNumber: 1, newSequenceNumber: 4 });
    expect(texts(delivery)).toEqual(["d"]);
  });
});
