// One question on its way through a rule: what the rule may look at, and what looking may cost.

import type { Loaded, RuleQuestion } from "../../core/access/rules.ts";
import { ANONYMOUS_ID, type User } from "../../core/access/user.ts";
import type { Clock } from "../../core/clock.ts";
import type { Json } from "../../core/json.ts";
import type { Name, Value } from "./expression.ts";
import { RecordNeeded, RuleFailure } from "./failure.ts";
import { operationNumber } from "./operations.ts";
import { quote } from "./printable.ts";

/**
 * About a nanosecond each. A rule is run through once and has no loops, so that only looking at long
 * texts and lists can take long.
 */
const EFFORT_MAX = 50_000_000;

const UNASKED = {};

export class Evaluation {
  readonly #question: RuleQuestion;
  readonly #loaded: Loaded;
  readonly #variables: readonly string[];
  readonly #clock: Clock;
  #user: Value = UNASKED;
  #data: Value = UNASKED;
  #oldData: Value = UNASKED;
  #now: Value = UNASKED;
  #effort = 0;

  constructor(question: RuleQuestion, loaded: Loaded, variables: readonly string[], clock: Clock) {
    this.#question = question;
    this.#loaded = loaded;
    this.#variables = variables;
    this.#clock = clock;
  }

  /** Throws `RuleFailure` when all that was spent is more than answering may cost. */
  spend(effort: number): void {
    this.#effort += effort;
    if (this.#effort > EFFORT_MAX) throw new RuleFailure("it would take too long");
  }

  /** The same wherever the rule says it. */
  name(name: Name): Value {
    const { user, data, oldData } = this.#question;
    switch (name) {
      case "user":
        if (this.#user === UNASKED) this.#user = userAsSeen(user);
        return this.#user;
      case "data":
        if (this.#data === UNASKED) this.#data = data?.();
        return this.#data;
      case "oldData":
        if (this.#oldData === UNASKED) this.#oldData = oldData?.() ?? null;
        return this.#oldData;
      case "now":
        if (this.#now === UNASKED) this.#now = this.#clock.now();
        return this.#now;
      case "action":
        return this.#action();
      case "name":
        return this.#name();
    }
  }

  variable(index: number): Value {
    return this.#variables[index];
  }

  /** null when there is no such record. Throws `RecordNeeded` when it is not known. */
  record(name: Value): Json {
    if (typeof name !== "string") {
      throw new RuleFailure(`crossreference got unsupported type ${typeof name}`);
    }
    const data = this.#loaded.get(name);
    if (data === undefined && !this.#loaded.has(name)) throw new RecordNeeded(name);
    return data ?? null;
  }

  /** Compared with a name, nothing would be another, and so permit what is denied for that one. */
  #name(): string {
    const { name } = this.#question;
    if (name === undefined) throw new RuleFailure("there is no name where all are asked for");
    return name;
  }

  #action(): number {
    const { section, operation } = this.#question;
    const number = operationNumber(section, operation);
    if (number !== undefined) return number;
    throw new RuleFailure(`the operation ${quote(operation)} has no number`);
  }
}

function userAsSeen({ id, serverData }: User): Value {
  return { isAuthenticated: id !== ANONYMOUS_ID, id, data: serverData };
}
