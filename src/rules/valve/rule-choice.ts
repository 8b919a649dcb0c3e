// Which of the rules for one action is about a name: the one with the longest pattern that matches.

import { TwoGenerationMap } from "../../core/two-generation-map.ts";
import type { NamePattern } from "./name-pattern.ts";
import type { Rule } from "./rule.ts";

export interface PatternRule {
  readonly pattern: NamePattern;
  readonly rule: Rule;
}

export interface Choice {
  readonly rule: Rule;
  /** What the variables of the pattern stand for. */
  readonly variables: readonly string[];
}

/** What is remembered of one action, by a name's text twice, for the name and its variables, and what holds them. */
const REMEMBERED_BYTES_MAX = 4_194_304;
const OVERHEAD_BYTES = 192;
const NAME_LENGTH_MAX = 512;

const NONE = "none";

export class RuleChoice {
  readonly #rules: readonly PatternRule[];
  readonly #ofNoName: Choice | undefined;
  readonly #remembered = new TwoGenerationMap<string, Choice | typeof NONE>(
    REMEMBERED_BYTES_MAX,
    (name) => 4 * name.length + OVERHEAD_BYTES,
  );

  /** In the order of the file: of patterns of one length the later is taken. */
  constructor(rules: readonly PatternRule[]) {
    this.#rules = rules
      .toReversed()
      .toSorted((one, other) => other.pattern.text.length - one.pattern.text.length);
    const rule = this.#rules.find(({ pattern }) => pattern.isOfAnything)?.rule;
    this.#ofNoName = rule && { rule, variables: [] };
  }

  /** undefined: no rule is about it. Of no name in particular are patterns of * alone. */
  choose(name: string | undefined): Choice | undefined {
    if (name === undefined) return this.#ofNoName;
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined) return remembered === NONE ? undefined : remembered;
    const choice = this.#find(name);
    if (name.length <= NAME_LENGTH_MAX) this.#remembered.set(name, choice ?? NONE);
    return choice;
  }

  #find(name: string): Choice | undefined {
    for (const { pattern, rule } of this.#rules) {
      const variables = pattern.match(name);
      if (variables !== undefined) return { rule, variables };
    }
    return undefined;
  }
}
