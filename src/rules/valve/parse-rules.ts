// A file of rules: every section, pattern, action and expression in it checked, or all that is wrong with its place.

import type { RuleAction, RuleSection, Rules } from "../../core/access/rules.ts";
import { type Action, type ActionTable, SECTIONS, type Section } from "./actions.ts";
import { answersBoolean } from "./answers-boolean.ts";
import { NamePattern, problemOfPattern, warningOfPattern } from "./name-pattern.ts";
import { printable, quote } from "./printable.ts";
import { readExpression } from "./read-expression.ts";
import { Rule, type RuleSettings } from "./rule.ts";
import { type PatternRule, RuleChoice } from "./rule-choice.ts";
import {
  type Member,
  type Place,
  type PlacedProblem,
  RulesDocument,
  START,
} from "./rules-document.ts";
import { type RuleChoices, ValveRules } from "./valve-rules.ts";

/** Something about a file of rules, and where in it; listed in the order of the file. */
export interface RuleRemark {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** undefined, and so what follows: it is about the whole file. */
  readonly section: string | undefined;
  readonly pattern: string | undefined;
  readonly action: string | undefined;
  /** One line. */
  readonly message: string;
}

export type ParsedRules =
  | {
      readonly kind: "parsed";
      readonly rules: Rules;
      /** What works otherwise than it may look, such as a rule that can answer something else than true or false. */
      readonly warnings: readonly RuleRemark[];
    }
  | { readonly kind: "refused"; readonly problems: readonly RuleRemark[] };

const UNCERTAIN = "rule can answer something else than true or false, which denies: compare it";

/** A name that was not asked about lately is held against each. */
const PATTERNS_MAX = 1000;

/** Takes YAML, and so JSON, in UTF-8. */
export function parseRules(file: Uint8Array, settings: RuleSettings): ParsedRules {
  const document = new RulesDocument(file);
  const parser = new RulesParser(document, settings);
  if (document.problems.length > 0) parser.refuse(document.problems);
  else parser.file();
  const problems = parser.problems.toSorted(inOrder);
  const warnings = parser.warnings.toSorted(inOrder);
  if (problems.length > 0) return { kind: "refused", problems };
  return { kind: "parsed", rules: new ValveRules(parser.choices()), warnings };
}

/** In one line. */
export function renderRemark(remark: RuleRemark): string {
  const { line, column, section, pattern, action, message } = remark;
  const where = [section, pattern && quote(pattern), action].filter(Boolean).join(" ");
  return `line ${line}, column ${column}: ${where && `${where}: `}${message}`;
}

type Where = Partial<Pick<RuleRemark, "section" | "pattern" | "action">>;

class RulesParser {
  readonly problems: RuleRemark[] = [];
  readonly warnings: RuleRemark[] = [];
  readonly #document: RulesDocument;
  readonly #settings: RuleSettings;
  readonly #rules = new Map<RuleSection, Map<RuleAction, PatternRule[]>>();
  #patterns = 0;

  constructor(document: RulesDocument, settings: RuleSettings) {
    this.#document = document;
    this.#settings = settings;
  }

  choices(): RuleChoices {
    return new Map(
      Array.from(this.#rules, ([section, actions]) => [
        section,
        new Map(Array.from(actions, ([action, rules]) => [action, new RuleChoice(rules)])),
      ]),
    );
  }

  refuse(problems: readonly PlacedProblem[]): void {
    for (const problem of problems) this.#refuse(problem, {}, problem.message);
  }

  file(): void {
    const { root } = this.#document;
    const members = this.#document.members(root);
    if (members === undefined) {
      this.#refuse(START, {}, `the file must hold the sections ${[...SECTIONS.keys()].join(", ")}`);
      return;
    }
    const found = new Set<string | undefined>();
    for (const member of this.#once(members, {})) {
      found.add(member.key);
      const section = SECTIONS.get(member.key ?? "");
      if (section !== undefined) this.#section(member, section);
      else this.#refuse(member, {}, `unexpected configuration section "${member.key ?? ""}"`);
    }
    for (const name of SECTIONS.keys()) {
      if (!found.has(name)) this.#refuse(START, {}, `missing configuration section "${name}"`);
    }
  }

  #section(member: Member, { name: section, actions }: Section): void {
    const where = { section };
    const patterns = this.#document.members(member.value);
    if (patterns === undefined && this.#document.scalar(member.value) !== null) {
      this.#refuse(member, where, "a section must be paths with their rules");
      return;
    }
    if (patterns === undefined || patterns.length === 0) {
      this.#refuse(member, where, `empty section "${section}"`);
      return;
    }
    for (const pattern of this.#once(patterns, where)) this.#pattern(pattern, section, actions);
    if (!patterns.some(({ key }) => key === "*")) {
      this.#refuse(member, where, `missing root entry "*" for section ${section}`);
    }
  }

  #pattern(member: Member, section: RuleSection, actions: ActionTable): void {
    const pattern = this.#path(member, section);
    if (pattern === undefined) return;
    const where = { section, pattern: pattern.text };
    const rules = this.#document.members(member.value);
    if (rules === undefined) {
      this.#refuse(
        member,
        where,
        `a path must have rules by their types: ${[...actions.keys()].join(", ")}`,
      );
      return;
    }
    for (const rule of this.#once(rules, where)) {
      const action = actions.get(rule.key ?? "");
      if (action !== undefined) this.#rule(rule, section, pattern, action);
      else this.#refuse(rule, where, `unknown rule type ${rule.key ?? ""} in section ${section}`);
    }
  }

  #path(member: Member, section: RuleSection): NamePattern | undefined {
    const { key: text } = member;
    const where = { section, pattern: text };
    if (text === undefined) {
      this.#refuse(member, where, "path must be a string");
      return undefined;
    }
    const problem = problemOfPattern(text);
    if (problem !== undefined) {
      this.#refuse(member, where, problem);
      return undefined;
    }
    if (this.#patterns === PATTERNS_MAX) {
      this.#refuse(member, where, `a file can't have more than ${PATTERNS_MAX} paths`);
    }
    this.#patterns++;
    if (this.#patterns > PATTERNS_MAX) return undefined;
    const warning = warningOfPattern(text);
    if (warning !== undefined) this.#warn(member, where, warning);
    return new NamePattern(text);
  }

  #rule(
    member: Member,
    section: RuleSection,
    pattern: NamePattern,
    { name: action, support }: Action,
  ): void {
    const where = { section, pattern: pattern.text, action };
    const written = this.#document.scalar(member.value);
    if (typeof written !== "string" && typeof written !== "boolean") {
      this.#refuse(member, where, "rule must be a string, true or false");
      return;
    }
    const text = String(written);
    const read = readExpression(text, { section, action, support, variables: pattern.variables });
    if (read.kind === "refused") {
      for (const problem of read.problems) this.#refuse(member, where, problem);
      return;
    }
    if (!answersBoolean(read.expression)) this.#warn(member, where, UNCERTAIN);
    const rule = new Rule({ section, pattern: pattern.text, action, text }, read, this.#settings);
    this.#add(section, action, { pattern, rule });
  }

  #add(section: RuleSection, action: RuleAction, rule: PatternRule): void {
    const actions = this.#rules.get(section) ?? new Map<RuleAction, PatternRule[]>();
    this.#rules.set(section, actions);
    const rules = actions.get(action) ?? [];
    actions.set(action, rules);
    rules.push(rule);
  }

  /** Those whose key is none of the ones before. */
  *#once(members: readonly Member[], where: Where): Generator<Member> {
    const keys = new Set<string | undefined>();
    for (const member of members) {
      if (member.key !== undefined && keys.has(member.key)) {
        this.#refuse(member, where, `${quote(member.key)} is there twice`);
        continue;
      }
      keys.add(member.key);
      yield member;
    }
  }

  #refuse(place: Place, where: Where, message: string): void {
    this.problems.push(remarkOn(place, where, message));
  }

  #warn(place: Place, where: Where, message: string): void {
    this.warnings.push(remarkOn(place, where, message));
  }
}

function inOrder(one: Place, other: Place): number {
  return one.line - other.line || one.column - other.column;
}

function remarkOn(place: Place, where: Where, message: string): RuleRemark {
  const { line, column } = place;
  return {
    line,
    column,
    section: undefined,
    pattern: undefined,
    action: undefined,
    ...where,
    message: printable(message),
  };
}
