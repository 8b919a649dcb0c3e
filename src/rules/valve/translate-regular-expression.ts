// JavaScript's regular expressions in the words of the linear matcher, as far as both can mean the same.

import { type AST, RegExpParser, RegExpSyntaxError } from "@eslint-community/regexpp";
import {
  type CharacterSet,
  CODE_POINT_MAX,
  complement,
  DIGITS,
  inAnyCase,
  LINE_ENDS,
  type Range,
  renderSet,
  SPACES,
  UNIT_MAX,
  union,
  WORD_CHARACTERS,
} from "./character-set.ts";
import { RegularExpressionProblem } from "./regular-expression-problem.ts";
import { separateHalvesOf } from "./units.ts";

const FLAGS = /^(?:[is]*|[su]*)$/;

const parser = new RegExpParser({ ecmaVersion: 2024 });

/**
 * Every character becomes a set, so that nothing depends on what the matcher takes for a space, a
 * line or the same letter. Throws `RegularExpressionProblem`.
 */
export function translate(source: string, flags: string): string {
  if (!FLAGS.test(flags)) {
    throw new RegularExpressionProblem("its flags can only be i or u, and s");
  }
  const pattern = parse(source, flags.includes("u"));
  return new Translation(flags).alternatives(pattern.alternatives);
}

function parse(source: string, unicode: boolean): AST.Pattern {
  try {
    return parser.parsePattern(source, 0, source.length, { unicode, unicodeSets: false });
  } catch (cause) {
    if (!(cause instanceof RegExpSyntaxError)) throw cause;
    throw new RegularExpressionProblem(`it is not valid (${cause.message})`);
  }
}

class Translation {
  readonly #ignoresCase: boolean;
  readonly #isUnicode: boolean;
  readonly #dotIsAll: boolean;

  constructor(flags: string) {
    this.#ignoresCase = flags.includes("i");
    this.#isUnicode = flags.includes("u");
    this.#dotIsAll = flags.includes("s");
  }

  alternatives(alternatives: readonly AST.Alternative[]): string {
    return alternatives
      .map(({ elements }) => elements.map((element) => this.#element(element)).join(""))
      .join("|");
  }

  #element(element: AST.Element): string {
    switch (element.type) {
      case "Assertion":
        return assertion(element);
      case "Character":
      case "CharacterClass":
      case "CharacterSet":
        return this.#render(this.#characters(element));
      case "CapturingGroup":
        if (element.name !== null) throw new RegularExpressionProblem("a group of it has a name");
        return `(${this.alternatives(element.alternatives)})`;
      case "Group":
        if (element.modifiers !== null) {
          throw new RegularExpressionProblem("a group of it has flags of its own");
        }
        return `(?:${this.alternatives(element.alternatives)})`;
      case "Quantifier":
        return this.#quantifier(element);
      case "Backreference":
        throw new RegularExpressionProblem("it looks back at what a group of it matched");
      case "ExpressionCharacterClass":
        throw new Error("the flag v is none that is taken");
    }
  }

  #quantifier({ element, min, max, greedy }: AST.Quantifier): string {
    if ((max > 1 || min === 0) && canBeEmpty(element)) {
      throw new RegularExpressionProblem("it repeats what may be empty");
    }
    if (max > 1 && hasOptionalGroup(element)) {
      throw new RegularExpressionProblem(
        "it repeats a group that takes part only now and then: use (?:…) in place of (…)",
      );
    }
    const upTo = max === Number.POSITIVE_INFINITY ? "" : max;
    return `(?:${this.#element(element)}){${min},${upTo}}${greedy ? "" : "?"}`;
  }

  /** What one character is matched by. */
  #characters(of: AST.Character | AST.CharacterClass | AST.CharacterSet): CharacterSet {
    if (of.type !== "CharacterClass") return this.#fold(this.#plain(of));
    const elements = of.elements as readonly AST.ClassRangesCharacterClassElement[];
    const set = this.#fold(union(elements.flatMap((element) => this.#plain(element))));
    return of.negate ? complement(set, this.#max) : set;
  }

  #plain(
    of: AST.Character | AST.CharacterSet | AST.ClassRangesCharacterClassElement,
  ): readonly Range[] {
    if (of.type === "Character") return [[of.value, of.value]];
    if (of.type === "CharacterClassRange") return [[of.min.value, of.max.value]];
    switch (of.kind) {
      case "any":
        return complement(this.#dotIsAll ? [] : LINE_ENDS, this.#max);
      case "property":
        throw new RegularExpressionProblem("it asks for a property of characters");
      default: {
        const set = { digit: DIGITS, space: SPACES, word: WORD_CHARACTERS }[of.kind];
        return of.negate ? complement(set, this.#max) : set;
      }
    }
  }

  #fold(set: readonly Range[]): CharacterSet {
    return this.#ignoresCase ? inAnyCase(set) : set;
  }

  #render(set: CharacterSet): string {
    return renderSet(this.#isUnicode ? set : separateHalvesOf(set));
  }

  get #max(): number {
    return this.#isUnicode ? CODE_POINT_MAX : UNIT_MAX;
  }
}

function assertion(element: AST.Assertion): string {
  switch (element.kind) {
    case "start":
      return "\\A";
    case "end":
      return "\\z";
    case "word":
      return element.negate ? "\\B" : "\\b";
    default:
      throw new RegularExpressionProblem("it looks ahead or behind");
  }
}

/** Of what may be empty, matchers disagree how often it was repeated, and what its groups hold then. */
function canBeEmpty(element: AST.Element): boolean {
  switch (element.type) {
    case "Assertion":
      return true;
    case "Quantifier":
      return element.min === 0 || canBeEmpty(element.element);
    case "CapturingGroup":
    case "Group":
      return element.alternatives.some(({ elements }) => elements.every(canBeEmpty));
    default:
      return false;
  }
}

/** What such a group holds is that of its last turn to some matchers, and to others that of the last repetition. */
function hasOptionalGroup(element: AST.Element, isOptional = false): boolean {
  if (element.type === "Quantifier") {
    return hasOptionalGroup(element.element, isOptional || element.min === 0);
  }
  if (element.type !== "CapturingGroup" && element.type !== "Group") return false;
  if (element.type === "CapturingGroup" && isOptional) return true;
  const areOptional = isOptional || element.alternatives.length > 1;
  return element.alternatives.some(({ elements }) =>
    elements.some((inside) => hasOptionalGroup(inside, areOptional)),
  );
}
