// The rules of a file, which decide.

import type {
  Loaded,
  RuleAction,
  RuleNeeds,
  RuleQuestion,
  RuleSection,
  Rules,
  RuleVerdict,
} from "../../core/access/rules.ts";
import type { RuleChoice } from "./rule-choice.ts";

export type RuleChoices = ReadonlyMap<RuleSection, ReadonlyMap<RuleAction, RuleChoice>>;

const NO_RULE: RuleVerdict = { kind: "denied", rule: undefined };
const NOTHING: RuleNeeds = { data: false, oldData: false, records: false };

export class ValveRules implements Rules {
  readonly #choices: RuleChoices;

  constructor(choices: RuleChoices) {
    this.#choices = choices;
  }

  needs(section: RuleSection, action: RuleAction, name: string | undefined): RuleNeeds {
    return this.#choices.get(section)?.get(action)?.choose(name)?.rule.needs ?? NOTHING;
  }

  decide(question: RuleQuestion, loaded: Loaded): RuleVerdict {
    const { section, action, name } = question;
    const choice = this.#choices.get(section)?.get(action)?.choose(name);
    return choice?.rule.decide(question, loaded, choice.variables) ?? NO_RULE;
  }
}
