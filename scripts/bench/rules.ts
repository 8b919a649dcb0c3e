/** What a permission rule costs a write, against the same written in JavaScript. */
import type { RuleQuestion, Rules } from "../../src/core/access/rules.ts";
import type { Json } from "../../src/core/json.ts";
import { parseRules } from "../../src/rules/valve/parse-rules.ts";
import { systemClock } from "../../src/server/system-clock.ts";
import { decimals, median, quotients, type Report } from "./figures.ts";
import type { BenchOptions } from "./options.ts";
import type { Workbench } from "./workbench.ts";

type Sent = { readonly value: number };

const RULE = "user.id === $id && data.value > 10";
const USER = { id: "alice", clientData: undefined, serverData: undefined };
const BODY = JSON.stringify({ value: 11, title: "a title as long as most", list: [1, 2, 3] });
const ROUND_MS = 100;
const CALLS = 1000;
/** More than any map of names remembers. */
const NAMES = Array.from({ length: 100_000 }, (_, index) => `user/${index}/data`);

export async function benchRules(_: Workbench, options: BenchOptions): Promise<Report> {
  const few = rulesWith({});
  const many = rulesWith(
    Object.fromEntries(NAMES.slice(0, 900).map((name) => [`${name}/$id`, { write: RULE }])),
  );
  const ways: Record<string, (index: number) => boolean> = {
    "parse a body of 68 bytes": () => JSON.parse(BODY) !== null,
    "parse, then JavaScript": () => plainly("user/alice/data", JSON.parse(BODY)),
    "parse, then the rule": () => isPermitted(few, "user/alice/data", () => JSON.parse(BODY)),
    "the rule": () => isPermitted(few, "user/alice/data", () => ({ value: 11 })),
    "the rule, one of 901": () => isPermitted(many, "user/alice/data", () => ({ value: 11 })),
    "a name that was not asked about": (index) => isPermitted(few, NAMES[index % NAMES.length]),
    "such a name, and 901 rules": (index) => isPermitted(many, NAMES[index % NAMES.length]),
    "a rule that is true": () => isPermitted(few, "other"),
  };
  const nanos = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [way, run] of Object.entries(ways)) nanos.get(way)?.push(nanosOf(run));
  }
  const of = (way: keyof typeof ways) => nanos.get(way) ?? [];
  return {
    title: "Permission rules",
    ratios: [
      {
        what: "parse and decide: rule / JavaScript",
        rounds: quotients(of("parse, then the rule"), of("parse, then JavaScript")),
        target: "at most 3",
      },
    ],
    figures: {
      headers: ["what", "ns"],
      rows: Array.from(nanos, ([way, times]) => [way, decimals(median(times), 0)]),
    },
    notes: [`The rule is \`${RULE}\` for \`user/$id/data\`; JavaScript has it as a function.`],
  };
}

function rulesWith(record: object): Rules {
  const file = {
    presence: { "*": {} },
    event: { "*": {} },
    rpc: { "*": {} },
    record: { "*": { write: true }, "user/$id/data": { write: RULE }, ...record },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(file));
  const parsed = parseRules(bytes, { clock: systemClock, iterationsMax: 3 });
  if (parsed.kind === "parsed") return parsed.rules;
  throw new Error(parsed.problems[0]?.message);
}

const NONE = new Map<string, Json>();

function isPermitted(rules: Rules, name = "", data?: () => Json): boolean {
  const question: RuleQuestion = {
    section: "record",
    action: "write",
    operation: "UPDATE",
    name,
    user: USER,
    data: data ?? (() => ({ value: 11 })),
  };
  return rules.decide(question, NONE).kind === "permitted";
}

function plainly(name: string, data: Sent): boolean {
  const id = /^user\/([^/]+)\/data$/.exec(name)?.[1];
  return USER.id === id && data.value > 10;
}

function nanosOf(run: (index: number) => boolean): number {
  const end = Bun.nanoseconds() + ROUND_MS * 1e6;
  const start = Bun.nanoseconds();
  let calls = 0;
  while (Bun.nanoseconds() < end) {
    for (let index = 0; index < CALLS; index++) run(calls + index);
    calls += CALLS;
  }
  return (Bun.nanoseconds() - start) / calls;
}
