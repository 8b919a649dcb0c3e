// Rules for tests of what asks them: functions in place of a language.

import type {
  Loaded,
  RuleAction,
  RuleNeeds,
  RuleQuestion,
  RuleReference,
  RuleSection,
  Rules,
  RuleVerdict,
} from "../../src/core/access/rules.ts";
import type { Json } from "../../src/core/json.ts";

/** What a rule of a test is given. A record that was not loaded yet: the rule is asked again with it. */
export interface Scope {
  readonly question: RuleQuestion;
  readonly data: () => Json | undefined;
  readonly oldData: () => Json | undefined;
  readonly record: (name: string) => Json | undefined;
}

/** Only exactly true permits; what it throws is a failure of the rule. */
export type Rule = (scope: Scope) => unknown;

interface WrittenRule extends Partial<RuleNeeds> {
  readonly rule: Rule;
}

class Needed extends Error {
  readonly record: string;

  constructor(record: string) {
    super(`the record ${record} is needed`);
    this.record = record;
  }
}

/** By section and action, as in `{ "record.write": { oldData: true, rule: … } }`; what is not there is denied. */
export class TestRules implements Rules {
  readonly #rules: Readonly<Record<string, WrittenRule | boolean>>;
  readonly asked: RuleQuestion[] = [];

  constructor(rules: Readonly<Record<string, WrittenRule | boolean>>) {
    this.#rules = rules;
  }

  needs(section: RuleSection, action: RuleAction): RuleNeeds {
    const rule = this.#rules[`${section}.${action}`];
    const needs = { data: false, oldData: false, records: false };
    return typeof rule === "object" ? { ...needs, ...rule } : needs;
  }

  decide(question: RuleQuestion, loaded: Loaded): RuleVerdict {
    const { section, action } = question;
    this.asked.push(question);
    const written = this.#rules[`${section}.${action}`];
    const rule: RuleReference = { section, action, pattern: "*", text: `${section}.${action}` };
    if (typeof written !== "object")
      return { kind: written === true ? "permitted" : "denied", rule };
    try {
      const scope = { question, ...values(question), record: reader(loaded) };
      return { kind: written.rule(scope) === true ? "permitted" : "denied", rule };
    } catch (cause) {
      if (cause instanceof Needed) return { kind: "needs", name: cause.record };
      if (cause instanceof RangeError) return { kind: "failed", rule, reason: cause.message };
      throw cause;
    }
  }
}

function values({ data, oldData }: RuleQuestion) {
  return { data: () => data?.(), oldData: () => oldData?.() };
}

function reader(loaded: Loaded): Scope["record"] {
  return (name) => {
    if (!loaded.has(name)) throw new Needed(name);
    return loaded.get(name);
  };
}
