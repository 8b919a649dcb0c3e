// Changes of records in groups: they share commits, and what they ask of memory is bounded.

import { describe, expect, test } from "bun:test";
import type { RecordCommand } from "../../../src/core/records/command.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { walCommits } from "../../support/wal-commits.ts";
import { patchRecord, removeRecord, setRecord } from "../record-commands.ts";
import { append, openWithCache, POISON, upTo } from "../store-calls.ts";
import { expectSound } from "./soundness.ts";

export function recordGroupRules(): void {
  describe("records in groups", () => {
    test("changes made at once share commits", async () => {
      await using store = await SqliteStore.open();
      const { recordStore } = store;
      await recordStore.apply(setRecord("r", "{}"));
      const before = walCommits(store.directory);
      const outcomes = await Promise.all(
        upTo(5000).map((index) =>
          recordStore.apply(patchRecord("r", [`m${index % 10}`], `${index}`)),
        ),
      );
      expect(outcomes.map((outcome) => "version" in outcome && outcome.version)).toEqual(
        upTo(5001).slice(1),
      );
      expect(walCommits(store.directory) - before).toBeWithin(1, 10);
    });

    test("a command that breaks does not fail the changes beside it", async () => {
      await using store = (await openWithCache(SqliteStore.open)) as SqliteStore;
      const { recordStore } = store;
      const outcomes = await Promise.allSettled([
        recordStore.apply(setRecord("r", "[1]")),
        append(store, "t", POISON),
        recordStore.apply(patchRecord("r", [0], "2", 2)),
        recordStore.apply(setRecord("gone", "[]")),
        recordStore.apply(removeRecord("gone")),
      ]);
      const failed = outcomes.flatMap(({ status }, index) => (status === "rejected" ? index : []));
      expect(failed).toEqual([1]);
      expect(await recordStore.read("r")).toEqual({ version: 2, data: "[2]" });
      expect(await recordStore.head("gone")).toBeUndefined();
      expectSound(store);
    });

    const long = JSON.stringify(["x".repeat(10_000)]);
    const waiting: [string, (index: number) => RecordCommand][] = [
      ["data", (index) => setRecord(`r${index}`, long)],
      ["data at a path", (index) => patchRecord(`r${index}`, ["a"], long)],
      ["a path", (index) => patchRecord(`r${index}`, ["x".repeat(10_000)], "1")],
    ];
    test.each(waiting)(
      "%s of more bytes than the queue holds is limit_exceeded, changes nothing, and room comes back",
      async (_, command) => {
        await using store = await SqliteStore.open({ queueBytesMax: 65_536 });
        const { recordStore } = store;
        const indexes = upTo(10);
        const outcomes = await Promise.allSettled(
          indexes.map((index) => recordStore.apply(command(index))),
        );
        const versions = await Promise.all(indexes.map((index) => recordStore.head(`r${index}`)));
        for (const [index, outcome] of outcomes.entries()) {
          expect(versions[index]).toBe(outcome.status === "fulfilled" ? 1 : undefined);
          if (outcome.status === "fulfilled") continue;
          expect(outcome.reason).toMatchObject({
            code: "limit_exceeded",
            limit: "queue_limit_exceeded",
          });
        }
        expect(versions.filter((version) => version === undefined).length).toBeWithin(1, 10);
        expect(await recordStore.apply(command(11))).toMatchObject({ version: 1 });
        expectSound(store);
      },
    );

    test("changes that make long arrays take as many commits as their arrays need", async () => {
      await using store = await SqliteStore.open();
      const { recordStore } = store;
      await recordStore.apply(setRecord("r", "[]"));
      const before = walCommits(store.directory);
      const outcomes = await Promise.all(
        upTo(20).map((index) => recordStore.apply(patchRecord(`r${index}`, ["a", 100_000], "1"))),
      );
      expect(outcomes).toEqual(upTo(20).map(() => ({ kind: "written", version: 1 })));
      expect(walCommits(store.directory) - before).toBeWithin(2, 20);
      expectSound(store);
    });

    test("many losers of one long record are not all told what it is, so that memory is bounded", async () => {
      await using store = await SqliteStore.open();
      const { recordStore } = store;
      const megabyte = JSON.stringify(["x".repeat(1_000_000)]);
      await recordStore.apply(setRecord("r", megabyte));
      const outcomes = await Promise.all(
        upTo(100).map(() => recordStore.apply(setRecord("r", "[]", 1))),
      );
      const told = outcomes.filter((outcome) => "data" in outcome && outcome.data === megabyte);
      expect(told.length).toBeWithin(10, 40);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ kind: "version_exists", version: 1 });
      }
      // The next group has room anew.
      expect(await recordStore.apply(setRecord("r", "[]", 1))).toMatchObject({ data: megabyte });
    });
  });
}
