// Records that were read lately are in memory, never older than the file and never more than a bound.

import { describe, expect, test } from "bun:test";
import type { RecordCommand, StoredRecord } from "../../../src/core/records/command.ts";
import { RememberedRecords } from "../../../src/engine/sqlite/remembered-records.ts";
import { refusal } from "../../support/refusal.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { patchRecord, removeRecord, setRecord } from "../record-commands.ts";
import { upTo } from "../store-calls.ts";

const BEFORE = { version: 1, data: "[1]" };

const changes: readonly (readonly [string, RecordCommand])[] = [
  ["a write", setRecord("r", "[2]")],
  ["a patch", patchRecord("r", [0], "2")],
  ["a deletion", removeRecord("r")],
  ["a replacement", { kind: "replace-record", name: "r", data: '"x"', version: 7 }],
  ["a removal", { kind: "replace-record", name: "r", data: undefined, version: undefined }],
  ["a creation that changes nothing", { kind: "create-record", name: "r" }],
  ["a write of a version that is taken", setRecord("r", "[2]", 1)],
  ["a patch that is refused", patchRecord("r", ["name"], "2")],
];

export function rememberedRecordRules(): void {
  describe("remembered records", () => {
    test("a record is recalled once it was read, and one that does not exist never", async () => {
      await using store = await SqliteStore.open();
      const { recordStore } = store;
      await recordStore.apply(setRecord("r", "[1]"));
      expect(recordStore.recall("r")).toBeUndefined();
      expect(await recordStore.read("r")).toEqual(BEFORE);
      expect(recordStore.recall("r")).toEqual(BEFORE);
      expect(await recordStore.read("x")).toBeUndefined();
      expect(recordStore.recall("x")).toBeUndefined();
    });

    test.each(changes)(
      "%s is never missed, nor foreseen while it is under way",
      async (_, change) => {
        await using store = await SqliteStore.open();
        const { recordStore } = store;
        await recordStore.apply(setRecord("r", "[1]"));
        await recordStore.apply(setRecord("other", "[1]"));
        for (const name of ["r", "other"]) await recordStore.read(name);
        const changed = [change, change].map((command) => recordStore.apply(command));
        expect(recordStore.recall("r")).toBeUndefined();
        expect(recordStore.recall("other")).toEqual(BEFORE);
        // What is read meanwhile is forgotten: nothing went to the writer before the end of this turn.
        expect(await recordStore.read("r")).toEqual(BEFORE);
        expect(recordStore.recall("r")).toBeUndefined();
        await Promise.allSettled(changed);
        const [row] = store.rows<StoredRecord>(
          "SELECT version, data FROM records WHERE name = 'r'",
        );
        expect(await recordStore.read("r")).toEqual(row!);
        expect(recordStore.recall("r")).toEqual(row!);
      },
    );

    test("a record is remembered again when the last of its commands has ended", () => {
      const remembered = new RememberedRecords();
      remembered.commandBegins("r");
      remembered.commandBegins("r");
      for (const known of [undefined, undefined, BEFORE]) {
        remembered.put("r", BEFORE);
        expect(remembered.get("r")).toEqual(known!);
        remembered.commandEnds("r");
      }
    });

    test("what does not fit into the queue of writes leaves a record to be recalled", async () => {
      await using store = await SqliteStore.open({ queueBytesMax: 1 });
      const { recordStore } = store;
      await recordStore.apply(setRecord("r", "[1]"));
      const first = recordStore.apply(setRecord("other", "[]"));
      expect((await refusal(() => recordStore.apply(setRecord("r", "[2]")))).code).toBe(
        "limit_exceeded",
      );
      await first;
      expect(await recordStore.read("r")).toEqual(BEFORE);
      expect(recordStore.recall("r")).toEqual(BEFORE);
    });

    test("they take 32 MiB at most, of those that were used last", () => {
      const remembered = new RememberedRecords();
      const data = "x".repeat(1_000_000);
      const names = upTo(100).map(String);
      for (const name of names) remembered.put(name, { version: 1, data });
      const kept = names.filter((name) => remembered.get(name) !== undefined);
      expect(kept.length).toBeWithin(1, 17);
      expect(kept.at(-1)).toBe("100");
      remembered.put("large", { version: 1, data: "x".repeat(33_554_432) });
      expect(remembered.get("large")).toBeUndefined();
    });
  });
}
