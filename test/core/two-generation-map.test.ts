// A bounded map: never over its size, and what is in use stays.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TwoGenerationMap } from "../../src/core/two-generation-map.ts";

describe("two-generation map", () => {
  test.each([[0], [1], [2], [3], [10], [1000]])(
    "of at most %d entries never holds more",
    (sizeMax) => {
      const map = new TwoGenerationMap<number, number>(sizeMax);
      for (let key = 0; key < 3 * sizeMax + 10; key += 1) {
        map.set(key, key);
        expect(map.size).toBeLessThanOrEqual(sizeMax);
      }
    },
  );

  test("entries that say how large they are are never larger in all, and one of more than half is not kept", () => {
    const step = fc.record({
      kind: fc.constantFrom("set", "set", "set", "get", "delete"),
      key: fc.integer({ min: 0, max: 12 }),
      size: fc.integer({ min: 0, max: 20 }),
    });
    const property = fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const map = new TwoGenerationMap<number, number>(30, (_, size) => size);
      for (const { kind, key, size } of steps) {
        if (kind === "get") map.get(key);
        else if (kind === "delete") map.delete(key);
        else map.set(key, size);
        if (kind === "set") expect(map.get(key)).toBe(size > 15 ? undefined : size);
        const kept = Array.from({ length: 13 }, (_, other) => map.get(other) ?? 0);
        expect(kept.reduce((sum, other) => sum + other)).toBeLessThanOrEqual(30);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  test("an entry that is used before every turn of generations is never forgotten", () => {
    const map = new TwoGenerationMap<string, number>(10);
    map.set("kept", 1);
    for (let key = 0; key < 1000; key += 1) {
      map.set(`other ${key}`, key);
      if (key % 4 === 0) expect(map.get("kept")).toBe(1);
    }
  });

  test("what was not used for two generations is forgotten", () => {
    const map = new TwoGenerationMap<string, number>(10);
    map.set("idle", 1);
    for (let key = 0; key < 20; key += 1) map.set(`other ${key}`, key);
    expect(map.get("idle")).toBeUndefined();
  });

  test("what it holds is what was last set, and what was deleted or cleared is gone", () => {
    const step = fc.record({
      kind: fc.constantFrom("set", "set", "get", "delete", "clear"),
      key: fc.integer({ min: 0, max: 12 }),
    });
    const property = fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const map = new TwoGenerationMap<number, number>(6);
      const model = new Map<number, number>();
      steps.forEach(({ kind, key }, index) => {
        if (kind === "set") {
          map.set(key, index);
          model.set(key, index);
        } else if (kind === "delete") {
          map.delete(key);
          model.delete(key);
        } else if (kind === "clear") {
          map.clear();
          model.clear();
        }
        // It may have forgotten, but it never remembers wrongly.
        const value = map.get(key);
        if (value !== undefined) expect(value).toBe(model.get(key)!);
      });
    });
    fc.assert(property, { numRuns: 300 });
  });
});
