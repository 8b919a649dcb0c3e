/** What the command line of the benchmark says. */
import { parseArgs } from "node:util";

export const SCENARIOS = [
  "publish",
  "wake",
  "store",
  "start",
  "deepstream",
  "websocket",
  "rules",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  /** How long one server is under load in one round. */
  readonly seconds: number;
  readonly waiters: number;
  readonly storeTopics: number;
  readonly storeItemsPerTopic: number;
}

/** Throws an `Error` in the words of the one who typed it. */
export function readOptions(texts: string[]): BenchOptions {
  const { values } = parseArgs({
    args: texts,
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const { quick } = values;
  return {
    scenarios: scenariosOf(values.only),
    rounds: wholeNumber("rounds", values.rounds) ?? (quick ? 3 : 7),
    seconds: wholeNumber("seconds", values.seconds) ?? (quick ? 1 : 3),
    waiters: quick ? 2000 : 10_000,
    storeTopics: quick ? 10_000 : 100_000,
    storeItemsPerTopic: 50,
  };
}

function scenariosOf(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return SCENARIOS;
  const names = only.split(",");
  const unknown = names.find((name) => !SCENARIOS.some((scenario) => scenario === name));
  if (unknown === undefined) return SCENARIOS.filter((scenario) => names.includes(scenario));
  throw new Error(`--only takes ${SCENARIOS.join(", ")}, not ${unknown}`);
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,3}$/.test(text)) return (text && Number(text)) || undefined;
  throw new Error(`--${flag} takes a whole number from 1 to 9999, not ${text}`);
}
