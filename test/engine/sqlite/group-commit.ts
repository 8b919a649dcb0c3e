// One transaction a group: what is in it together neither fails nor waits for ever together.

import { describe, expect, test } from "bun:test";
import { refusal } from "../../support/refusal.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import {
  append,
  appendMany,
  CACHE,
  numbers,
  openWithCache,
  POISON,
  put,
  read,
  upTo,
} from "../store-calls.ts";

export function groupCommitRules(): void {
  describe("group commit", () => {
    test("a command that breaks does not fail its neighbours, and takes no number", async () => {
      await using store = await openStore();
      const calls = upTo(20).map((index) => append(store, "t", index % 7 === 0 ? POISON : "good"));
      const outcomes = await Promise.allSettled(calls);
      const failed = outcomes.flatMap(({ status }, index) =>
        status === "rejected" ? index + 1 : [],
      );
      expect(failed).toEqual([7, 14]);
      expect(numbers(await read(store, "t"))).toEqual(upTo(18));
    });

    test("what broke is a bug, no answer for the caller, and the administrator is told when it is over", async () => {
      await using store = await openStore();
      const cause = await append(store, "t", POISON).catch((thrown: unknown) => thrown);
      expect(cause).toBeInstanceOf(Error);
      expect(cause).not.toHaveProperty("code", expect.any(String));
      await append(store, "t", POISON).catch(() => {});
      expect(store.told).toHaveLength(1);
      await append(store, "t", "good");
      expect(store.told.slice(1)).toEqual(["Writing recovered"]);
    });

    test("a refusal does not fail its neighbours of any kind", async () => {
      await using store = await openStore();
      const elsewhere = { cache: "none", topic: "t", publisherId: undefined };
      const [first, refused, made, second, revoked, deleted] = await Promise.allSettled([
        append(store, "t", "x"),
        store.topicLog.append({ ...elsewhere, value: "x", idempotencyKey: undefined }),
        put(store, {}, "other"),
        append(store, "t", "y"),
        store.revocations.revoke("id"),
        store.cacheStore.delete("other"),
      ]);
      expect(refused).toMatchObject({ status: "rejected", reason: { code: "cache_not_found" } });
      expect([first, made, second, revoked, deleted].map(({ status }) => status)).not.toContain(
        "rejected",
      );
      expect(numbers(await read(store, "t"))).toEqual([1, 2]);
      expect(store.told).toEqual([]);
    });

    test("commands of one turn take effect in the order of the calls, whatever their kinds", async () => {
      await using store = await openStore();
      const { topicLog } = store;
      const remove = () => topicLog.delete({ cache: CACHE, topic: "t" });
      const [a, , b, , c] = await Promise.all([
        append(store, "t", "a"),
        remove(),
        append(store, "t", "b"),
        store.cacheStore.delete(CACHE).then(() => put(store, {})),
        append(store, "t", "c").catch(() => "refused" as const),
      ]);
      expect(b.sequenceNumber).toBe(1);
      expect(b.sequencePage).toBeGreaterThan(a.sequencePage);
      expect(c).toBe("refused");
    });

    test("more commands than a group may hold are committed group by group, in order", async () => {
      await using store = await openStore({ groupCommandsMax: 3 });
      const appended = await appendMany(store, "t", 50);
      expect(appended.map(({ sequenceNumber }) => sequenceNumber)).toEqual(upTo(50));
    });

    test("a value larger than a group is committed like any other", async () => {
      await using store = await openStore();
      const large = "x".repeat(9_000_000);
      const appended = await Promise.all(
        ["a", large, "b"].map((value) => append(store, "t", value)),
      );
      expect(appended.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2, 3]);
      expect((await read(store, "t", 2)).items[0]?.value).toHaveLength(9_000_000);
    });

    test("more bytes than the queue holds are limit_exceeded, and room comes back", async () => {
      await using store = await openStore({ queueBytesMax: 65_536 });
      const calls = upTo(10).map(() => append(store, "t", "x".repeat(10_000)));
      const outcomes = await Promise.allSettled(calls);
      const refused = outcomes.filter(({ status }) => status === "rejected");
      expect(refused.length).toBeWithin(1, 10);
      const error = await refusal(() =>
        Promise.reject((refused[0] as PromiseRejectedResult).reason),
      );
      expect(error).toMatchObject({ code: "limit_exceeded", limit: "queue_limit_exceeded" });
      await append(store, "t", "x".repeat(10_000));
      expect((await read(store, "t")).newest).toBe(11 - refused.length);
    });

    test("a value as long as the queue gets in when nothing else waits", async () => {
      await using store = await openStore({ queueBytesMax: 65_536 });
      const { sequenceNumber } = await append(store, "t", "x".repeat(65_536));
      expect(sequenceNumber).toBe(1);
    });

    test("publishers that fill the queue do not keep anybody from revoking, deleting or changing", async () => {
      await using store = await openStore({ queueBytesMax: 65_536 });
      // Small ones, which leave no room for anything.
      const calls = upTo(200).map(() => append(store, "t", "x"));
      const others = [
        store.revocations.revoke("id"),
        put(store, {}, "other"),
        store.cacheStore.delete("other"),
        store.topicLog.delete({ cache: CACHE, topic: "t" }),
      ];
      const outcomes = await Promise.allSettled([...calls, ...others]);
      expect(outcomes.map(({ status }) => status)).toContain("rejected");
      expect(outcomes.slice(calls.length).map(({ status }) => status)).toEqual(
        others.map(() => "fulfilled"),
      );
    });

    test("what is revoked all at once is bounded too, keeps nobody from publishing, and room comes back", async () => {
      await using store = await openStore();
      const calls = upTo(5000).map((id) => store.revocations.revoke(`id ${id}`));
      const publish = append(store, "t", "x");
      const outcomes = await Promise.allSettled(calls);
      const refused = outcomes.filter(({ status }) => status === "rejected");
      expect(refused.length).toBeWithin(1, 5000);
      expect(refused[0]).toMatchObject({
        reason: { code: "limit_exceeded", limit: "queue_limit_exceeded" },
      });
      expect(await publish).toMatchObject({ sequenceNumber: 1 });
      await store.revocations.revoke("later");
      expect(store.count("SELECT count(*) FROM revocations")).toBe(5001 - refused.length);
    });

    test("what is announced is found committed by another connection at that moment", async () => {
      await using store = await openStore();
      const found: number[] = [];
      using _ = store.topicLog.onAppend(() => {
        found.push(store.count("SELECT count(*) FROM items"));
      });
      for (const _number of upTo(5)) await append(store, "t", "x");
      expect(found).toEqual([1, 2, 3, 4, 5]);
    });
  });
}

async function openStore(settings: Parameters<typeof SqliteStore.open>[0] = {}) {
  return (await openWithCache(() => SqliteStore.open(settings))) as SqliteStore;
}
