// Counters are kept beside what they count, in the same transactions: they are never wrong.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ServiceError } from "../../../src/core/errors.ts";
import type { RecordCommand } from "../../../src/core/records/command.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { append, POISON, put } from "../store-calls.ts";
import { expectSound } from "./soundness.ts";

type Step =
  | { kind: "append"; topic: string; cache: string; value: string; key: string | undefined }
  | { kind: "delete-topic"; topic: string; cache: string }
  | { kind: "retention"; cache: string; topicItems: number; bytes: number }
  | { kind: "delete-cache"; cache: string }
  | { kind: "record"; command: RecordCommand }
  | { kind: "add-user"; email: string }
  | { kind: "remove-user"; email: string }
  | { kind: "break" }
  | { kind: "reopen" };

const cache = fc.constantFrom("c", "d");
const topic = fc.constantFrom("t", "u", "v");

const recordName = fc.constantFrom("r", "s", "é");
const text = fc
  .array(fc.string({ unit: "grapheme", maxLength: 20 }), { maxLength: 4 })
  .map((data) => JSON.stringify(data));
/** Some that fit and some that do not. */
const version = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 2 });
const email = fc.constantFrom("a@b", "é@b", "c@b", "d@b");

const recordCommand: fc.Arbitrary<RecordCommand> = fc.oneof(
  fc.record({ kind: fc.constant("set-record"), name: recordName, data: text, version }),
  fc.record({
    kind: fc.constant("patch-record"),
    name: recordName,
    patches: fc.array(
      fc.record({
        // A name is refused by an array.
        path: fc.constantFrom([0], [2, "a"], ["a"], ["length"]),
        data: fc.option(text, { nil: undefined }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    version,
  }),
  fc.record({ kind: fc.constant("delete-record"), name: recordName }),
  fc.record({ kind: fc.constant("create-record"), name: recordName }),
  fc.record({
    kind: fc.constant("replace-record"),
    name: recordName,
    data: fc.option(text, { nil: undefined }),
    version,
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("append"),
      cache,
      topic,
      value: fc.string({ unit: "grapheme", maxLength: 20 }),
      key: fc.option(fc.constantFrom("k1", "k2", "k3"), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete-topic"), cache, topic }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("retention"),
      cache,
      topicItems: fc.constantFrom(0, 1, 3),
      bytes: fc.constantFrom(0, 200, 500),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete-cache"), cache }) },
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant("record"), command: recordCommand }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("add-user", "remove-user"), email }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("break") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen") }) },
);

export function counterRules(): void {
  describe("counters", () => {
    const records = { recordBytesMax: 60, recordsMax: 2, storedBytesMax: 200 };
    test("after any writes, refused, broken or done, called at once or one by one, they equal what the tables hold", async () => {
      const groups = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { maxLength: 10 });
      const property = fc.asyncProperty(groups, async (planned) => {
        let store = await SqliteStore.open({ idempotencyWindowMs: 30, records, usersMax: 2 });
        for (const group of planned) {
          await Promise.all(group.map((planned) => take(store, planned)));
          if (group.some(({ kind }) => kind === "reopen")) store = await store.reopen();
          expectSound(store);
        }
        await store[Symbol.asyncDispose]();
      });
      await fc.assert(property, { numRuns: 25 });
    });
  });
}

/** What is refused, as for want of the cache, changes nothing. */
async function take(store: SqliteStore, planned: Step): Promise<void> {
  switch (planned.kind) {
    case "append": {
      const { cache, topic, value, key: idempotencyKey } = planned;
      const item = { value, publisherId: undefined, idempotencyKey };
      await store.topicLog.append({ cache, topic, ...item }).catch(() => {});
      return;
    }
    case "delete-topic":
      await store.topicLog.delete(planned);
      return;
    case "retention": {
      const { topicItems, bytes } = planned;
      await put(store, { retention: { topicItems, bytes } }, planned.cache);
      return;
    }
    case "delete-cache":
      await store.cacheStore.delete(planned.cache);
      return;
    case "record":
      await store.recordStore.apply(planned.command).catch(expectRefused);
      return;
    case "add-user": {
      const user = { id: crypto.randomUUID(), email: planned.email, passwordHash: "hash" };
      const data = { clientData: undefined, serverData: undefined };
      await store.userStore.add({ ...user, ...data }).catch(expectRefused);
      return;
    }
    case "remove-user":
      await store.userStore.remove(planned.email);
      return;
    case "break":
      // In a cache that is there, so that the transaction is rolled back.
      await put(store, {});
      await append(store, "t", POISON).catch(() => {});
      return;
    case "reopen":
      await append(store, "t", "before reopening").catch(() => {});
  }
}

function expectRefused(cause: unknown): void {
  expect(cause).toBeInstanceOf(ServiceError);
}
