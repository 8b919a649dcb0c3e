// One rule: what it was written as, what it needs, and how it is answered.

import type {
  Loaded,
  RuleNeeds,
  RuleQuestion,
  RuleReference,
  RuleVerdict,
} from "../../core/access/rules.ts";
import type { Clock } from "../../core/clock.ts";
import { compile, type Evaluate } from "./compile.ts";
import { Evaluation } from "./evaluation.ts";
import { RecordNeeded, RuleFailure } from "./failure.ts";
import type { ReadExpression } from "./read-expression.ts";

export interface RuleSettings {
  /** Says what `now` is. */
  readonly clock: Clock;
  /**
   * How often a rule may be run to answer one question, from 1: once, and once more for each record
   * that it refers to.
   */
  readonly iterationsMax: number;
}

export class Rule {
  readonly needs: RuleNeeds;
  readonly #reference: RuleReference;
  readonly #settings: RuleSettings;
  readonly #evaluate: Evaluate;
  readonly #permitted: RuleVerdict;
  readonly #denied: RuleVerdict;
  /** Whatever is asked. */
  readonly #always: RuleVerdict | undefined;

  constructor(reference: RuleReference, read: ReadExpression, settings: RuleSettings) {
    const { expression, names } = read;
    this.needs = {
      data: names.has("data"),
      oldData: names.has("oldData"),
      records: read.hasRecords,
    };
    this.#reference = reference;
    this.#settings = settings;
    this.#evaluate = compile(expression);
    this.#permitted = { kind: "permitted", rule: reference };
    this.#denied = { kind: "denied", rule: reference };
    this.#always = expression.kind === "constant" ? this.#verdict(expression.value) : undefined;
  }

  /** `variables`: what those of the pattern stand for; none where the question is about no name. */
  decide(question: RuleQuestion, loaded: Loaded, variables: readonly string[]): RuleVerdict {
    if (this.#always !== undefined) return this.#always;
    try {
      const { clock } = this.#settings;
      return this.#verdict(this.#evaluate(new Evaluation(question, loaded, variables, clock)));
    } catch (cause) {
      if (cause instanceof RecordNeeded) return this.#afterLoading(cause.record, loaded.size + 1);
      if (cause instanceof RuleFailure) return this.#failed(cause.message);
      throw cause;
    }
  }

  #verdict(answer: unknown): RuleVerdict {
    return answer === true ? this.#permitted : this.#denied;
  }

  /** A run that is sure to be one too many needs no record. */
  #afterLoading(name: string, runs: number): RuleVerdict {
    if (runs < this.#settings.iterationsMax) return { kind: "needs", name };
    return this.#failed("Exceeded max iteration count");
  }

  #failed(reason: string): RuleVerdict {
    return { kind: "failed", rule: this.#reference, reason };
  }
}
