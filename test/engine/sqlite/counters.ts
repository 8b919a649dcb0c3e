// Counters are kept beside what they count, in the same transactions: they are never wrong.

import { describe, test } from "bun:test";
import fc from "fast-check";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { append, put } from "../store-calls.ts";
import { expectCountersRight } from "./recount.ts";

type Step =
  | { kind: "append"; topic: string; cache: string; value: string; key: string | undefined }
  | { kind: "delete-topic"; topic: string; cache: string }
  | { kind: "retention"; cache: string; topicItems: number; bytes: number }
  | { kind: "delete-cache"; cache: string }
  | { kind: "reopen" };

const cache = fc.constantFrom("c", "d");
const topic = fc.constantFrom("t", "u", "v");

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
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen") }) },
);

export function counterRules(): void {
  describe("counters", () => {
    test("after any writes, called at once or one by one, they equal what the tables hold", async () => {
      const groups = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { maxLength: 10 });
      const property = fc.asyncProperty(groups, async (planned) => {
        let store = await SqliteStore.open({ idempotencyWindowMs: 30 });
        for (const group of planned) {
          await Promise.all(group.map((planned) => take(store, planned)));
          if (group.some(({ kind }) => kind === "reopen")) store = await store.reopen();
          expectCountersRight(store);
        }
        await store[Symbol.asyncDispose]();
      });
      await fc.assert(property, { numRuns: 25 });
    }, 60_000);
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
    case "reopen":
      await append(store, "t", "before reopening").catch(() => {});
  }
}
