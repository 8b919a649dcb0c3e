// The Records service under rules of the test's choice, on an engine in memory with weather of its choice.

import type { Denial } from "../../src/core/access/permissions.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { Records } from "../../src/core/records/records.ts";
import type { RecordsLimits } from "../../src/core/records/records-limits.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import { FakeEngine, type Weather } from "./fake-engine.ts";
import { ManualClock } from "./manual-clock.ts";
import { permissionsBy } from "./permissions.ts";
import { TestRules } from "./rules.ts";

const LIMITS: RecordsLimits = {
  ...{
    recordBytesMax: 1000,
    nameBytesMax: 50,
    arrayIndexMax: 10,
    depthMax: 5,
    listedMax: 20,
    waitingBytesMax: 1_000_000,
  },
};
export const WRITE_MS_MAX = 10_000;

export function openRuledRecords(
  rules: ConstructorParameters<typeof TestRules>[0],
  weather: Weather = () => {},
  limits: Partial<RecordsLimits> = {},
) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const engine = new FakeEngine(clock, weather);
  const store = engine.recordStore;
  const denials: Denial[] = [];
  const asked = new TestRules(rules);
  const permissions = permissionsBy(asked, store, (denial) => denials.push(denial));
  const onBug = (cause: unknown) => {
    throw cause;
  };
  const writes = new WriteDeadline(deadlines, WRITE_MS_MAX);
  return {
    records: new Records(store, permissions, writes, { ...LIMITS, ...limits }, onBug),
    ...{ store, denials, rules: asked, permissions, clock },
    async [Symbol.asyncDispose]() {
      deadlines[Symbol.dispose]();
      await engine.close();
    },
  };
}
