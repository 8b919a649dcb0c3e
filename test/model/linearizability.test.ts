// The checker of histories tells good ones from bad ones: else a proof by it is none.

import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  apply,
  type Deed,
  type Event,
  firstUnexplained,
  type Operation,
} from "./linearizability.ts";

const read: Deed = { kind: "read" };
const head: Deed = { kind: "head" };
const remove: Deed = { kind: "delete" };

/** Of operations that overlap as their lines do. */
type Line = [called: number, returned: number, deed: Deed, answer: string];

const good: [string, Line[]][] = [
  ["nothing at all", []],
  [
    "a read during a write, of what was before",
    [
      [1, 4, write("a"), "success"],
      [2, 3, read, "nothing"],
    ],
  ],
  [
    "a read during a write, of what came of it",
    [
      [1, 4, write("a"), "success"],
      [2, 3, read, "1 a"],
    ],
  ],
  [
    "a winner that is answered after the loser",
    [
      [1, 4, write("a", 1), "success"],
      [2, 3, write("b", 1), "VERSION_EXISTS 1 a"],
    ],
  ],
  [
    "two forced writes at once, the first called being the last",
    [
      [1, 3, write("a"), "success"],
      [2, 4, write("b"), "success"],
      [5, 6, read, "2 a"],
    ],
  ],
  [
    "a version that is made again after a delete",
    [
      [1, 2, write("a", 1), "success"],
      [3, 6, remove, "success"],
      [4, 5, write("b", 1), "success"],
      [7, 8, head, "version 1"],
    ],
  ],
  [
    "two reads at once that see the two ends of a write",
    [
      [1, 6, write("a"), "success"],
      [2, 5, read, "nothing"],
      [3, 4, read, "1 a"],
    ],
  ],
];

const bad: [string, Line[]][] = [
  [
    "a read that misses a write that was answered",
    [
      [1, 2, write("a"), "success"],
      [3, 4, read, "nothing"],
    ],
  ],
  ["a read of what nobody wrote", [[1, 2, read, "1 a"]]],
  [
    "a read of what is written only later",
    [
      [1, 2, read, "1 a"],
      [3, 4, write("a"), "success"],
    ],
  ],
  [
    "two winners of one version",
    [
      [1, 3, write("a", 1), "success"],
      [2, 4, write("b", 1), "success"],
    ],
  ],
  [
    "no winner of a version",
    [
      [1, 3, write("a", 1), "VERSION_EXISTS 1 b"],
      [2, 4, write("b", 1), "VERSION_EXISTS 1 a"],
    ],
  ],
  [
    "a loser who is told of what was overwritten before he asked",
    [
      [1, 2, write("a"), "success"],
      [3, 4, write("b"), "success"],
      [5, 6, write("c", 1), "VERSION_EXISTS 1 a"],
    ],
  ],
  [
    "a version that was skipped",
    [
      [1, 2, write("a", 1), "success"],
      [3, 4, write("b"), "success"],
      [5, 6, read, "3 b"],
    ],
  ],
  [
    "a write that is lost under another",
    [
      [1, 3, write("a"), "success"],
      [2, 4, write("b"), "success"],
      [5, 6, read, "1 b"],
    ],
  ],
  [
    "what was deleted and comes back",
    [
      [1, 2, write("a"), "success"],
      [3, 4, remove, "success"],
      [5, 6, read, "1 a"],
    ],
  ],
  [
    "two reads, one after the other, that go back in time",
    [
      [1, 6, write("a"), "success"],
      [2, 3, read, "1 a"],
      [4, 5, read, "nothing"],
    ],
  ],
];

test.each(good)("explained: %s", (_, lines) => {
  expect(firstUnexplained(eventsOf(lines))).toBeUndefined();
});

test.each(bad)("unexplained: %s", (_, lines) => {
  expect(firstUnexplained(eventsOf(lines))).toBeDefined();
});

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.constantFrom(read, head, remove),
  fc
    .record({ version: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }) })
    .map(({ version }) => write("", version)),
);
/** When it took effect, how long before that it was called, and how long after it was answered. */
const moment = fc.record({
  deed,
  at: fc.integer({ min: 0, max: 40 }),
  before: fc.integer({ min: 0, max: 6 }),
  after: fc.integer({ min: 0, max: 6 }),
});

test("whatever took effect one after the other is explained, however the calls overlapped", () => {
  const property = fc.property(fc.array(moment, { maxLength: 40 }), (moments) => {
    const lines = linesOf(moments);
    expect(firstUnexplained(eventsOf(lines))).toBeUndefined();
  });
  fc.assert(property);
});

function write(value: string, version?: number): Deed {
  return { kind: "write", version, value };
}

interface Moment {
  readonly deed: Deed;
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

function linesOf(moments: readonly Moment[]): Line[] {
  let state: ReturnType<typeof apply>["state"];
  return moments
    .toSorted((one, other) => one.at - other.at)
    .map(({ deed, at, before, after }, index) => {
      const named = deed.kind === "write" ? { ...deed, value: `v${index}` } : deed;
      const applied = apply(state, named);
      state = applied.state;
      // Between the moments of its neighbours, which may be at the same time.
      const order = at + index / 1000;
      return [order - before - 0.0004, order + after + 0.0004, named, applied.answer];
    });
}

function eventsOf(lines: readonly Line[]): Event[] {
  return lines
    .flatMap(([called, returned, deed, answer]) => {
      const operation: Operation = { deed, answer };
      return [
        { at: called, event: { kind: "call" as const, operation } },
        { at: returned, event: { kind: "return" as const, operation } },
      ];
    })
    .sort((one, other) => one.at - other.at)
    .map(({ event }) => event);
}
