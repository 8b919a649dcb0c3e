// What the engine says of itself to who watches it.

import { describe, expect, test } from "bun:test";
import { ITEM_OVERHEAD_BYTES } from "../../../src/core/caches/cache.ts";
import { refusal } from "../../support/refusal.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { until } from "../../support/until.ts";
import { removeRecord, setRecord } from "../record-commands.ts";
import { append, appendMany, CACHE, put, upTo } from "../store-calls.ts";

export function figureRules(): void {
  describe("figures", () => {
    test("count what is kept, and what it takes on disk", async () => {
      await using store = await SqliteStore.open();
      const nothing = { caches: 0, topics: 0, topicBytes: 0, records: 0, recordBytes: 0, users: 0 };
      expect(store.figures()).toMatchObject({ ...nothing, queueBytes: 0, writing: "ok" });
      for (const cache of [CACHE, "other"]) await put(store, {}, cache);
      await append(store, "a", "12345");
      await append(store, "b", "1");
      await store.recordStore.apply(setRecord("r", "[1]"));
      await store.recordStore.apply(setRecord("gone", "[1]"));
      await store.recordStore.apply(removeRecord("gone"));
      const user = { email: "a@b", id: "1", passwordHash: "h", clientData: undefined };
      await store.userStore.add({ ...user, serverData: undefined });
      const figures = store.figures();
      const topicBytes = 6 + 2 * ITEM_OVERHEAD_BYTES;
      const kept = { caches: 2, topics: 2, topicBytes, records: 1, users: 1, queueBytes: 0 };
      expect(figures).toMatchObject(kept);
      expect(figures.recordBytes).toBe(
        store.count("SELECT value FROM counters WHERE name = 'record_bytes'"),
      );
      expect(figures.databaseBytes).toBe(store.fileBytes);
      expect(figures.walBytes).toBeGreaterThan(0);
      expect(figures.freeBytes).toBeGreaterThan(0);
    });

    test("count what waits for the disk while it does", async () => {
      await using store = await SqliteStore.open();
      await put(store, {});
      const waiting = append(store, "t", "x".repeat(1000));
      expect(store.figures().queueBytes).toBeGreaterThan(1000);
      await waiting;
      expect(store.figures().queueBytes).toBe(0);
    });

    test("say that writing fails, and that it goes on again", async () => {
      await using store = await SqliteStore.open({ bytesMax: 500_000 });
      await put(store, {});
      expect(store.writing).toBe("ok");
      const value = "x".repeat(100_000);
      const error = await refusal(async () => {
        for (const _ of upTo(20)) await append(store, "t", value);
      });
      expect([error.code, store.writing]).toEqual(["storage_full", "failing"]);
      await store.topicLog.delete({ cache: CACHE, topic: "t" });
      await until("there is room again", () => append(store, "t", value).catch(() => undefined));
      expect(store.writing).toBe("ok");
    });

    test("tell of every group that was applied, with what was in it", async () => {
      await using store = await SqliteStore.open();
      await put(store, {});
      await appendMany(store, "t", 100);
      expect(store.watched.groups.reduce((sum, commands) => sum + commands, 0)).toBe(101);
    });

    test("tell of what retention took away, and of what went with its topic", async () => {
      await using store = await SqliteStore.open();
      await put(store, {});
      await appendMany(store, "a", 300);
      await appendMany(store, "b", 5);
      const bytesOf = () => store.figures().topicBytes;
      const before = bytesOf();
      await put(store, { retention: { topicItems: 3 } });
      await until("retention is told of", () => store.watched.retained.items >= 299);
      const { items, bytes } = store.watched.retained;
      expect([items, bytes]).toEqual([299, before - bytesOf()]);
      await store.topicLog.delete({ cache: CACHE, topic: "a" });
      await until("what is left of the topic, too", () => store.watched.retained.items >= 302);
      expect(store.watched.retained.items).toBe(302);
    });
  });
}
