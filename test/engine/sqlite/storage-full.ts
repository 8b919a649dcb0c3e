// A store that is full refuses writes, goes on reading, and recovers by itself.

import { describe, expect, test } from "bun:test";
import { refusal } from "../../support/refusal.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { until } from "../../support/until.ts";
import { patchRecord, removeRecord, setRecord } from "../record-commands.ts";
import { append, CACHE, numbers, openWithCache, put, read, upTo, values } from "../store-calls.ts";
import { expectSound } from "./soundness.ts";

const VALUE = "x".repeat(8000);
const DATA = `["${VALUE}"]`;

export function storageFullRules(): void {
  describe("storage.bytes_max", () => {
    test("what does not fit is storage_full and stores nothing; what was stored before stays readable", async () => {
      await using store = await openFull();
      const stored = (await read(store, "t")).newest;
      const error = await refusal(() => append(store, "t", VALUE));
      expect(error.code).toBe("storage_full");
      const seen = await read(store, "t");
      expect(numbers(seen)).toEqual(upTo(stored));
      expect(new Set(values(seen))).toEqual(new Set([VALUE]));
      expectSound(store);
    });

    test("a full store says so once, however many writes it refuses", async () => {
      await using store = await openFull();
      const told = store.told.length;
      for (const _ of upTo(3)) await refusal(() => append(store, "t", VALUE));
      expect(store.told.length).toBe(told);
      expect(store.told.filter((line) => line === "Writing recovered")).toEqual([]);
    });

    test("of a group, what still fits is stored and the rest refused, without a hole", async () => {
      await using store = await openStore();
      const calls = upTo(160).map((index) => append(store, "t", index % 2 === 0 ? "small" : VALUE));
      const outcomes = await Promise.allSettled(calls);
      const stored = outcomes.flatMap((o) =>
        o.status === "fulfilled" ? o.value.sequenceNumber : [],
      );
      expect(stored.length).toBeLessThan(160);
      expect(stored).toEqual(upTo(stored.length));
      expect(numbers(await read(store, "t"))).toEqual(upTo(stored.length));
      expectSound(store);
    });

    test("after a topic is deleted, writing goes on by itself and the administrator hears of it", async () => {
      await using store = await openFull();
      expect(await store.topicLog.delete({ cache: CACHE, topic: "t" })).toBe(true);
      await until("there is room again", () => append(store, "u", VALUE).catch(() => undefined));
      expect(store.told.at(-1)).toBe("Writing recovered");
      expectSound(store);
    });

    test("a lower retention makes room as well", async () => {
      await using store = await openFull();
      const { newest } = await read(store, "t");
      await put(store, { retention: { topicItems: 2 } });
      const next = await until("there is room", () =>
        append(store, "t", VALUE).catch(() => undefined),
      );
      expect(next.sequenceNumber).toBe(newest + 1);
      expectSound(store);
    });

    test("a full store opens again and is as full as before", async () => {
      await using store = await openFull();
      const seen = await read(store, "t");
      await using again = await store.reopen();
      expect(await read(again, "t")).toEqual(seen);
      expect((await refusal(() => fill(again))).code).toBe("storage_full");
    });
  });
}

export function recordsFullRules(): void {
  describe("storage.bytes_max filled with records", () => {
    test("a write that does not fit is storage_full and changes nothing, while reads and deletes go on", async () => {
      await using store = await openFullOfRecords();
      const { recordStore } = store;
      const stored = await recordStore.list("", "", 1000);
      const [{ name = "" } = {}] = stored;
      const long = VALUE.repeat(20);
      for (const command of [
        setRecord("new", DATA),
        setRecord(name, `["${long}"]`),
        patchRecord(name, [0], `"${long}"`),
      ]) {
        expect((await refusal(() => recordStore.apply(command))).code).toBe("storage_full");
      }
      expect(await recordStore.list("", "", 1000)).toEqual(stored);
      for (const { name, version } of stored) {
        expect(await recordStore.read(name)).toEqual({ version, data: DATA });
      }
      const removed = await recordStore.apply(removeRecord(name));
      expect(removed).toEqual({ kind: "deleted", existed: true });
      expectSound(store);
    });

    test("of one turn, what still fits is written and the rest refused, each in its place", async () => {
      await using store = await SqliteStore.open({ bytesMax: 400_000 });
      const { recordStore } = store;
      const commands = upTo(160).map((index) =>
        setRecord(`r${index}`, index % 2 === 0 ? "[]" : DATA),
      );
      const outcomes = await Promise.allSettled(
        commands.map((command) => recordStore.apply(command)),
      );
      for (const [index, { name }] of commands.entries()) {
        const isStored = outcomes[index]?.status === "fulfilled";
        expect(await recordStore.head(name)).toBe(isStored ? 1 : undefined);
      }
      const refused = outcomes.filter(({ status }) => status === "rejected");
      expect(refused.length).toBeWithin(1, 81);
      for (const { status, reason } of refused as PromiseRejectedResult[]) {
        expect([status, reason.code]).toEqual(["rejected", "storage_full"]);
      }
      expectSound(store);
    });

    test("after records are deleted, writing goes on by itself and the administrator hears of it", async () => {
      await using store = await openFullOfRecords();
      const { recordStore } = store;
      const stored = await recordStore.list("", "", 1000);
      await Promise.all(stored.map(({ name }) => recordStore.apply(removeRecord(name))));
      await until("there is room again", () =>
        recordStore.apply(setRecord("new", DATA)).catch(() => undefined),
      );
      expect(store.told.at(-1)).toBe("Writing recovered");
      expect(await recordStore.read("new")).toEqual({ version: 1, data: DATA });
      expectSound(store);
    });
  });
}

export function reserveRules(): void {
  describe("storage.reserve_bytes", () => {
    test("with less room on the disk an append is storage_full, and what makes room or ends tokens goes on", async () => {
      const store = await openStore();
      await append(store, "t", "x");
      await using short = await store.reopen({ reserveBytes: Number.MAX_SAFE_INTEGER });
      const calls = [() => append(short, "t", "y"), () => append(short, "u", "y")];
      for (const call of calls) expect((await refusal(call)).code).toBe("storage_full");
      expect(values(await read(short, "t"))).toEqual(["x"]);
      await short.revocations.revoke("id");
      expect((await put(short, {}, "other")).created).toBe(true);
      expect(await short.topicLog.delete({ cache: CACHE, topic: "t" })).toBe(true);
      expect(await short.cacheStore.delete("other")).toBe(true);
      expectSound(short);
    });

    test("with less room a record can be read and deleted, and not written", async () => {
      const store = await openStore();
      await store.recordStore.apply(setRecord("r", "[1]"));
      await using short = await store.reopen({ reserveBytes: Number.MAX_SAFE_INTEGER });
      const { recordStore } = short;
      for (const command of [
        setRecord("r", "[]"),
        setRecord("s", "[]"),
        patchRecord("r", [0], "2"),
      ]) {
        expect((await refusal(() => recordStore.apply(command))).code).toBe("storage_full");
      }
      expect(await recordStore.list("", "", 10)).toEqual([{ name: "r", version: 1, bytes: 3 }]);
      expect(await recordStore.read("r")).toEqual({ version: 1, data: "[1]" });
      expect(await recordStore.apply(removeRecord("r"))).toMatchObject({ existed: true });
      expectSound(short);
    });

    test("with room again appends go on where they were", async () => {
      const store = await openStore();
      await using short = await store.reopen({ reserveBytes: Number.MAX_SAFE_INTEGER });
      await refusal(() => append(short, "t", "x"));
      await using again = await short.reopen({ reserveBytes: 0 });
      expect((await append(again, "t", "x")).sequenceNumber).toBe(1);
    });
  });
}

async function openStore(): Promise<SqliteStore> {
  return (await openWithCache(() => SqliteStore.open({ bytesMax: 400_000 }))) as SqliteStore;
}

async function openFull(): Promise<SqliteStore> {
  const store = await openStore();
  expect((await refusal(() => fill(store))).code).toBe("storage_full");
  return store;
}

async function openFullOfRecords(): Promise<SqliteStore> {
  const store = await SqliteStore.open({ bytesMax: 400_000 });
  const filling = async () => {
    for (const index of upTo(100)) await store.recordStore.apply(setRecord(`r${index}`, DATA));
  };
  expect((await refusal(filling)).code).toBe("storage_full");
  return store;
}

async function fill(store: SqliteStore): Promise<void> {
  for (const _ of upTo(100)) await append(store, "t", VALUE);
}
