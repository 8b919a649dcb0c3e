// Write, patch, read, delete and restart, in batches, against a plain map of documents with versions.

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../../src/core/json.ts";
import { type Command, ModelRecords } from "./model-records.ts";
import { CoreWay, HttpWay, type Way } from "./record-ways.ts";

const NAMES = ["r", "s/é", "__proto__"];

/** A command, before it is known what the record is. The version is told from the next one; undefined: forced. */
type Wish = Command & { readonly ahead?: number | undefined };

type Step = { kind: "batch"; wishes: readonly Wish[] } | { kind: "restart" };

const name = fc.constantFrom(...NAMES);
/** Some that every object inherits. */
const member = fc.constantFrom("a", "b", "0", "toString");
const path = fc
  .tuple(member, fc.array(fc.oneof(member, fc.integer({ min: 0, max: 3 })), { maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest]);
const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<Json[]>(null, true, -0, 2 ** 60, [], {}, { a: [1, { b: null }] }),
);
const data: fc.Arbitrary<Json> = fc.oneof(
  fc.dictionary(member, leaf, { maxKeys: 3, noNullPrototype: true }),
  fc.array(leaf, { maxLength: 4 }),
);
const ahead = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, undefined) },
  { weight: 2, arbitrary: fc.constantFrom(-3, -2, -1, 1, 2) },
);
const version = fc.constant(undefined);

/** `gone`: what takes away what is at the path, which this way can say. */
function stepsWith(gone: "with removals" | "without removals"): fc.Arbitrary<Step[]> {
  const part = gone === "with removals" ? fc.option(leaf, { nil: undefined }) : leaf;
  const set = fc.record({ kind: fc.constant("set" as const), name, data, version, ahead });
  const patch = fc.record({
    ...{ kind: fc.constant("patch" as const), name, path, version, ahead },
    data: fc.oneof(part, data),
  });
  const plain = fc.record({
    kind: fc.constantFrom("read" as const, "head" as const, "delete" as const),
    name,
  });
  const wish: fc.Arbitrary<Wish> = fc.oneof(
    { weight: 3, arbitrary: set },
    { weight: 5, arbitrary: patch },
    { weight: 3, arbitrary: plain },
  );
  const batch = fc.record({
    kind: fc.constant("batch" as const),
    wishes: fc.array(wish, { minLength: 1, maxLength: 25 }),
  });
  const restart = fc.record({ kind: fc.constant("restart" as const) });
  const step = fc.oneof({ weight: 9, arbitrary: batch }, { weight: 1, arbitrary: restart });
  return fc.array(step, { minLength: 5, maxLength: 25 });
}

const ways: [string, () => Promise<Way>, fc.Arbitrary<Step[]>, number][] = [
  ["the core on SQLite", CoreWay.open, stepsWith("with removals"), 25],
  ["batches over HTTP", HttpWay.open, stepsWith("without removals"), 12],
];

test.each(ways)(
  "by %s, whatever is done and restarted, each command is answered as a map would answer it",
  async (_, open, steps, numRuns) => {
    const property = fc.asyncProperty(steps, async (steps) => {
      await using way = await open();
      const model = new ModelRecords();
      const ending: Step[] = [
        { kind: "restart" },
        { kind: "batch", wishes: NAMES.map((name) => ({ kind: "read", name })) },
      ];
      for (const step of [...steps, ...ending]) await take(way, model, step);
      expect(await way.list()).toEqual(model.list());
    });
    await fc.assert(property, { numRuns });
  },
  180_000,
);

async function take(way: Way, model: ModelRecords, step: Step): Promise<void> {
  if (step.kind === "restart") return way.restart();
  const commands: Command[] = [];
  const expected: unknown[] = [];
  for (const wish of step.wishes) {
    const command = commandOf(wish, model);
    commands.push(command);
    expected.push(way.tell(model.run(command)));
  }
  expect(await way.run(commands)).toEqual(expected);
}

/** -1 and 0 are forced, and below them nothing is a version. */
function commandOf(wish: Wish, model: ModelRecords): Command {
  const { ahead, ...command } = wish;
  if (ahead === undefined || !("version" in command)) return command;
  return { ...command, version: Math.max(-1, model.version(command.name) + 1 + ahead) };
}
