// Publishing: permit, limit, append; and what a store that is slow or fails makes of it.

import { describe, expect, test } from "bun:test";
import { NO_OVERRIDES } from "../../../src/core/caches/cache.ts";
import { ServiceError } from "../../../src/core/errors.ts";
import { ADMIN, principal } from "../../support/principals.ts";
import { refusal } from "../../support/refusal.ts";
import { isPending, turns } from "../../support/turns.ts";
import { HOUR_MS, NAME, openRoom, RETAINED, texts, WRITE_MS_MAX } from "./room.ts";

describe("publish", () => {
  test("resolves with the number and page of the append, and not before it", async () => {
    using room = await openRoom();
    const letGo = room.weather.hold("commit");
    const published = room.publish("x");
    expect(await isPending(published)).toBe(true);
    letGo();
    expect(await published).toMatchObject({ sequenceNumber: 1, duplicate: false });
  });

  test("an item names its publisher by the name that the token was given, if any", async () => {
    using room = await openRoom();
    await room.publish("x", undefined, principal({ ids: ["id"], name: "alice" }));
    await room.publish("y", undefined, principal({ ids: ["id"], name: undefined }));
    const { items } = await room.subscribe({ from: RETAINED });
    expect(items.map(({ publisherId }) => publisherId)).toEqual(["alice", undefined]);
  });

  test("permission comes before existence, and both before anything is stored", async () => {
    using room = await openRoom();
    const before = room.weather.asked.length;
    const subscriber = principal({ permissions: [{ cache: "*", topic: "*", role: "subscribe" }] });
    for (const cache of ["c", "none"]) {
      const publish = () => room.topics.publish(subscriber, { cache, topic: "t" }, message("x"));
      expect((await refusal(publish)).code).toBe("permission_denied");
    }
    const toNone = () => room.topics.publish(ADMIN, { cache: "none", topic: "t" }, message("x"));
    expect((await refusal(toNone)).code).toBe("cache_not_found");
    expect(room.weather.asked).toHaveLength(before);
  });
});

describe("limits of publishing", () => {
  test("a message of the largest size passes, and one byte more is limit_exceeded", async () => {
    using room = await openRoom({ limits: { messageBytesMax: 10 } });
    await room.publish("0123456789");
    const error = await refusal(() => room.publish("01234567890"));
    expect(error).toMatchObject({ code: "limit_exceeded", limit: "item_size_limit_exceeded" });
    expect((await room.subscribe()).items).toHaveLength(1);
  });

  test("a token's publishes and bytes a second are its own", async () => {
    using room = await openRoom({
      limits: { tokenPublishesPerSecond: 2, tokenBytesPerSecond: 100 },
    });
    const who = (id: string) => principal({ ids: [id] });
    for (const id of ["a", "a", "b"]) await room.publish("x", undefined, who(id));
    const count = await refusal(() => room.publish("x", undefined, who("a")));
    expect(count).toMatchObject({ limit: "operations_rate_limit_exceeded", retryAfterSeconds: 1 });
    const bytes = await refusal(() => room.publish("x".repeat(100), undefined, who("b")));
    expect(bytes).toMatchObject({ limit: "throughput_rate_limit_exceeded" });
    room.clock.advance(1000);
    await room.publish("x", undefined, who("a"));
  });

  test("tokens that are counted with one another share its publishes and bytes a second", async () => {
    using room = await openRoom({
      limits: { tokenPublishesPerSecond: 2, tokenBytesPerSecond: 100 },
    });
    const root = principal({ ids: ["root"] });
    const child = (id: string) => principal({ ids: [id, "root"], account: "root" });
    await room.publish("x", undefined, root);
    const bytes = await refusal(() => room.publish("x".repeat(100), undefined, child("a")));
    expect(bytes).toMatchObject({ limit: "throughput_rate_limit_exceeded" });
    for (const who of [root, child("a"), child("b")]) {
      const count = await refusal(() => room.publish("x", undefined, who));
      expect(count).toMatchObject({ limit: "operations_rate_limit_exceeded" });
    }
    await room.publish("x", undefined, principal({ ids: ["by an admin", "admin"] }));
  });

  test("a cache's publishes and bytes a second are all its publishers' together", async () => {
    using room = await openRoom();
    const limits = { publishesPerSecond: 2, bytesPerSecond: 100 };
    await room.engine.cacheStore.put("c", { retention: {}, limits });
    await room.publish("x", undefined, principal({ ids: ["a"] }));
    const bytes = await refusal(() =>
      room.publish("x".repeat(100), undefined, principal({ ids: ["b"] })),
    );
    expect(bytes).toMatchObject({ limit: "throughput_rate_limit_exceeded" });
    const count = await refusal(() => room.publish("x", undefined, principal({ ids: ["b"] })));
    expect(count).toMatchObject({ limit: "operations_rate_limit_exceeded" });
    await room.engine.cacheStore.put("d", NO_OVERRIDES);
    await room.topics.publish(ADMIN, { cache: "d", topic: "t" }, message("x"));
  });
});

describe("a store that is slow or fails", () => {
  test("an append that takes longer than its deadline is outcome_unknown", async () => {
    using room = await openRoom();
    room.weather.hold("commit");
    const refused = refusal(() => room.publish("x"));
    await turns();
    room.clock.advance(WRITE_MS_MAX - 1);
    expect(await isPending(refused)).toBe(true);
    room.clock.advance(1000);
    expect((await refused).code).toBe("outcome_unknown");
    expect(room.left()).toEqual([0, 0, 0]);
  });

  test("an append that is late is delivered all the same when it comes", async () => {
    using room = await openRoom();
    const waiting = room.subscribe();
    const letGo = room.weather.hold("commit");
    const refused = refusal(() => room.publish("late"));
    await turns();
    room.clock.advance(2 * WRITE_MS_MAX);
    await refused;
    letGo();
    expect(texts(await waiting)).toEqual(["late"]);
  });

  test("after a commit that was answered with a failure, the item is delivered and a repeat finds it", async () => {
    using room = await openRoom();
    const waiting = room.subscribe();
    await turns();
    room.weather.fail("answer", new ServiceError("outcome_unknown", "the disk failed"));
    expect((await refusal(() => room.publish("x", "key"))).code).toBe("outcome_unknown");
    room.weather.clear();
    expect(texts(await waiting)).toEqual(["x"]);
    expect(await room.publish("x", "key")).toMatchObject({ sequenceNumber: 1, duplicate: true });
    expect(texts(await room.subscribe({ from: RETAINED }))).toEqual(["x"]);
  });

  test("a failure before the commit goes on to the caller as it is, and nothing is delivered", async () => {
    using room = await openRoom();
    const waiting = room.subscribe();
    await turns();
    room.weather.fail("commit", new ServiceError("storage_full", "full"));
    expect((await refusal(() => room.publish("x"))).code).toBe("storage_full");
    room.weather.clear();
    expect(await isPending(waiting)).toBe(true);
    await room.publish("y");
    expect(texts(await waiting)).toEqual(["y"]);
  });

  test("a publish that is never answered does not keep others from their answers", async () => {
    using room = await openRoom();
    room.weather.hold("answer");
    const unanswered = room.publish("x");
    await turns();
    room.weather.clear();
    expect(await room.publish("y")).toMatchObject({ sequenceNumber: 2 });
    expect(await isPending(unanswered)).toBe(true);
    expect(texts(await room.subscribe({ from: RETAINED }))).toEqual(["x", "y"]);
  });

  test("a read that fails fails its request, and leaves nothing behind", async () => {
    using room = await openRoom();
    room.weather.fail("look", new Error("the disk broke"));
    const outcome = await room.subscribe().catch((cause: Error) => cause.message);
    expect(outcome).toBe("the disk broke");
    expect(room.left()).toEqual([0, 0, 0]);
    room.weather.clear();
    await room.publish("x");
    expect(texts(await room.subscribe())).toEqual(["x"]);
  });
});

describe("list and delete", () => {
  test("topics are listed with who waits on each, for who may use the whole cache", async () => {
    using room = await openRoom();
    await room.publish("x");
    void room.subscribe({ from: { kind: "after", sequenceNumber: 1, sequencePage: 0 } });
    await turns();
    const listed = await room.topics.list(principal(), "c", "", 10);
    expect(listed).toMatchObject([{ topic: "t", oldest: 1, newest: 1, waiters: 1 }]);
    const some = principal({ permissions: [{ cache: "c", topic: "t", role: "both" }] });
    for (const cache of ["c", "none"]) {
      const error = await refusal(() => room.topics.list(some, cache, "", 10));
      expect(error.code).toBe("permission_denied");
    }
    const error = await refusal(() => room.topics.list(ADMIN, "none", "", 10));
    expect(error.code).toBe("cache_not_found");
    room.waiters.close();
  });

  test("a topic is deleted by an admin only", async () => {
    using room = await openRoom();
    await room.publish("x");
    expect((await refusal(() => room.topics.delete(principal(), NAME))).code).toBe(
      "permission_denied",
    );
    await room.topics.delete(ADMIN, NAME);
    expect((await refusal(() => room.topics.delete(ADMIN, NAME))).code).toBe("topic_not_found");
    const elsewhere = { cache: "none", topic: "t" };
    expect((await refusal(() => room.topics.delete(ADMIN, elsewhere))).code).toBe(
      "cache_not_found",
    );
  });

  test("who waits on a deleted topic stays, and is told of the next beginning", async () => {
    using room = await openRoom();
    await room.publish("old");
    const waiting = room.subscribe({ from: { kind: "after", sequenceNumber: 1, sequencePage: 0 } });
    await turns();
    await room.topics.delete(ADMIN, NAME);
    expect(await isPending(waiting)).toBe(true);
    await room.publish("new");
    const delivery = await waiting;
    expect(delivery.discontinuity).toEqual({ lastSequenceNumber: 1, newSequenceNumber: 1 });
    expect(texts(delivery)).toEqual(["new"]);
  });

  test("a deletion that the store does not answer is outcome_unknown at its deadline", async () => {
    using room = await openRoom();
    room.weather.hold("commit");
    const refused = refusal(() => room.topics.delete(ADMIN, NAME));
    await turns();
    room.clock.advance(HOUR_MS);
    expect((await refused).code).toBe("outcome_unknown");
  });
});

function message(value: string) {
  return { value, bytes: Buffer.byteLength(value), idempotencyKey: undefined };
}
