// Idempotency keys whose window is over, before retention has forgotten them.

import { describe, expect, test } from "bun:test";
import { openBench, WINDOW_MS } from "./bench.ts";

export function expiredKeyRules(): void {
  describe("an idempotency key whose window is over", () => {
    test("is free for another message at once, and is counted once", async () => {
      await using bench = await openBench();
      bench.append("c", "t", "x", 1, "k");
      bench.laterMs = WINDOW_MS - 1000;
      expect(bench.append("c", "t", "x", 1, "k")).toMatchObject([
        { sequenceNumber: 1, duplicate: true },
      ]);
      bench.laterMs = WINDOW_MS + 1000;
      expect(bench.append("c", "t", "y", 1, "k")).toMatchObject([
        { sequenceNumber: 2, duplicate: false },
      ]);
      expect(bench.value("SELECT count(*) FROM idempotency_keys")).toBe(1);
      expect(bench.value("SELECT idempotency_keys FROM caches WHERE name = 'c'")).toBe(1);
    });

    test("has a window of its own after it is used again", async () => {
      await using bench = await openBench();
      bench.append("c", "t", "x", 1, "k");
      bench.laterMs = WINDOW_MS + 1000;
      bench.append("c", "t", "y", 1, "k");
      bench.laterMs = 2 * WINDOW_MS;
      expect(bench.append("c", "t", "y", 1, "k")).toMatchObject([
        { sequenceNumber: 2, duplicate: true },
      ]);
    });
  });
}
