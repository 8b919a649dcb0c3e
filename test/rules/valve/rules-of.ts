// Rules out of a few sections, and questions about them.

import type {
  Loaded,
  RuleAction,
  RuleQuestion,
  Rules,
  RuleVerdict,
} from "../../../src/core/access/rules.ts";
import type { Json } from "../../../src/core/json.ts";
import { type ParsedRules, parseRules } from "../../../src/rules/valve/parse-rules.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export type Sections = Readonly<Record<string, unknown>>;

/** What each section says where a test says nothing. */
export const OTHERWISE = {
  presence: { "*": { allow: false } },
  record: { "*": { create: false } },
  event: { "*": { publish: false } },
  rpc: { "*": { request: false } },
};

export function parsed(
  sections: Sections,
  iterationsMax = 3,
  clock = new ManualClock(1000),
): ParsedRules {
  return parsedText(JSON.stringify({ ...OTHERWISE, ...sections }), iterationsMax, clock);
}

export function parsedText(
  text: string,
  iterationsMax = 3,
  clock = new ManualClock(1000),
): ParsedRules {
  return parseRules(new TextEncoder().encode(text), { clock, iterationsMax });
}

export function rulesOf(sections: Sections, iterationsMax?: number, clock?: ManualClock): Rules {
  const result = parsed(sections, iterationsMax, clock);
  if (result.kind === "parsed") return result.rules;
  throw new Error(JSON.stringify(result.problems));
}

export interface Asked extends Partial<Omit<RuleQuestion, "data" | "oldData" | "user">> {
  readonly id?: string;
  readonly serverData?: Json;
  readonly data?: Json | undefined;
  readonly oldData?: Json | undefined;
}

const OPERATIONS: Readonly<Record<RuleAction, [RuleQuestion["section"], string]>> = {
  create: ["record", "CREATE"],
  read: ["record", "READ"],
  write: ["record", "UPDATE"],
  delete: ["record", "DELETE"],
  listen: ["record", "LISTEN"],
  notify: ["record", "NOTIFY"],
  publish: ["event", "EMIT"],
  subscribe: ["event", "SUBSCRIBE"],
  provide: ["rpc", "PROVIDE"],
  request: ["rpc", "REQUEST"],
  allow: ["presence", "QUERY"],
};

export function question(
  action: RuleAction,
  name: string | undefined,
  asked: Asked = {},
): RuleQuestion {
  const [section, operation] = OPERATIONS[action];
  const { id = "alice", serverData, data, oldData, ...given } = asked;
  return {
    section,
    action,
    operation,
    name,
    user: { id, clientData: undefined, serverData },
    data: () => data,
    oldData: () => oldData,
    ...given,
  };
}

/** Asks until no record is needed any more; `asked` takes down which were. */
export function decided(
  rules: Rules,
  about: RuleQuestion,
  records: Readonly<Record<string, Json>> = {},
  needed: string[] = [],
): RuleVerdict {
  const loaded = new Map<string, Json | undefined>();
  for (;;) {
    const verdict = rules.decide(about, loaded satisfies Loaded);
    if (verdict.kind !== "needs") return verdict;
    needed.push(verdict.name);
    loaded.set(
      verdict.name,
      Object.hasOwn(records, verdict.name) ? records[verdict.name] : undefined,
    );
  }
}
