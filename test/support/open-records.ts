// The Records service on an engine of the test's choice.

import type { Clock } from "../../src/core/clock.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { Records } from "../../src/core/records/records.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import type { OpenEngine } from "./open-engine.ts";
import { EVERYTHING } from "./permissions.ts";

export interface OpenRecords extends Disposable {
  readonly records: Records;
}

export function openRecords(
  { recordStore }: Pick<OpenEngine, "recordStore">,
  clock: Clock,
): OpenRecords {
  const deadlines = new Deadlines(clock);
  const limits = {
    recordBytesMax: 1_048_576,
    nameBytesMax: 1024,
    arrayIndexMax: 1000,
    depthMax: 20,
    listedMax: 100,
    waitingBytesMax: 1_000_000,
  };
  const onBug = (cause: unknown) => {
    throw cause;
  };
  return {
    records: new Records(
      recordStore,
      EVERYTHING,
      new WriteDeadline(deadlines, 10_000),
      limits,
      onBug,
    ),
    [Symbol.dispose]: () => deadlines[Symbol.dispose](),
  };
}
