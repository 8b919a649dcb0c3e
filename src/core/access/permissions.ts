// What users may do with records, events, RPCs and presence: asks the rules that are in force.

import { ServiceError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { Maybe } from "../maybe.ts";
import type { RevisedRecord } from "../records/record-store.ts";
import type {
  Loaded,
  RuleAction,
  RuleNeeds,
  RuleQuestion,
  RuleReference,
  RuleSection,
  Rules,
} from "./rules.ts";
import type { User } from "./user.ts";

/** That somebody may not do something, and why: for the log, not for who asks. */
export interface Denial {
  readonly question: RuleQuestion;
  /** Undefined: there is none for it. */
  readonly rule: RuleReference | undefined;
  /** Why the rule could not be evaluated; undefined: it could, and does not permit it. */
  readonly reason: string | undefined;
}

export interface PermissionsOptions {
  /** The record that a rule refers to, whoever asks. */
  readonly look: (name: string) => Promise<RevisedRecord>;
  /** Asked before each rule of many: a promise where others are to have their turn first. */
  readonly rest: () => Maybe<void>;
  readonly onDenial: (denial: Denial) => void;
}

const DENIED = { kind: "denied", rule: undefined } as const;
const NO_RECORDS: Loaded = new Map();
const NO_REFUSALS: ReadonlyMap<string, ServiceError> = new Map();
const NO_NEEDS: RuleNeeds = { data: false, oldData: false, records: false };
/** No name is longer; rules are not asked about what cannot be. */
const NAME_CHARACTERS_MAX = 8192;

export class Permissions {
  readonly #options: PermissionsOptions;
  #rules: Rules | undefined;

  /** `rules` undefined: whoever is logged in may do everything. */
  constructor(rules: Rules | undefined, options: PermissionsOptions) {
    this.#rules = rules;
    this.#options = options;
  }

  /** For whatever is asked from now on; what is being decided goes on with the rules it began with. */
  use(rules: Rules | undefined): void {
    this.#rules = rules;
  }

  /** Whether there are no rules at all. */
  get permitsAll(): boolean {
    return this.#rules === undefined;
  }

  /** What the rule for it looks at; nothing at all where there are no rules. */
  needs(section: RuleSection, action: RuleAction, name: string | undefined): RuleNeeds {
    return isName(name) ? (this.#rules?.needs(section, action, name) ?? NO_NEEDS) : NO_NEEDS;
  }

  /** To be waited for before each of many pieces of work for rules, such as parsing a record. */
  rest(): Maybe<void> {
    return this.#options.rest();
  }

  /**
   * Throws, or rejects with, `permission_denied`, or `permission_failed` where the rule cannot be
   * evaluated. A promise only where the rule needs other records: `onLook` is told of each of these.
   */
  require(question: RuleQuestion, onLook: (record: RevisedRecord) => void = () => {}): Maybe<void> {
    const rules = this.#rules;
    if (rules === undefined) return undefined;
    const needed = this.#judge(rules, question, NO_RECORDS);
    return needed === undefined ? undefined : this.#requireAfter(rules, question, needed, onLook);
  }

  /** Which of the names the user may not use so, and why; at once where there are no rules. */
  refusals(
    user: User,
    section: RuleSection,
    action: RuleAction,
    operation: string,
    names: readonly string[],
  ): Maybe<ReadonlyMap<string, ServiceError>> {
    if (this.#rules === undefined) return NO_REFUSALS;
    return this.refusalsOf(names, (name) =>
      this.require({ section, action, operation, name, user }),
    );
  }

  /** Whether the user may ask for these users, all of them or none; undefined: for all there are. As `require`. */
  requirePresence(
    user: User,
    operation: string,
    names: readonly string[] | undefined,
  ): Maybe<void> {
    if (this.#rules === undefined) return undefined;
    const ask = (name: string | undefined) =>
      this.require({ section: "presence", action: "allow", operation, name, user });
    return names === undefined ? ask(undefined) : this.requireAll(names, ask);
  }

  /** As `require`, which is asked for each of the names in their order until it refuses one. */
  async requireAll(
    names: readonly string[],
    require: (name: string) => Maybe<void>,
  ): Promise<void> {
    for (const name of names) {
      await this.rest();
      await require(name);
    }
  }

  /** As `refusals`, by what `require` throws or rejects with for each of the names. */
  async refusalsOf(
    names: readonly string[],
    require: (name: string) => Maybe<unknown>,
  ): Promise<ReadonlyMap<string, ServiceError>> {
    const refusals = new Map<string, ServiceError>();
    for (const name of names) {
      const rests = this.rest();
      if (rests !== undefined) await rests;
      try {
        const waits = require(name);
        if (waits instanceof Promise) await waits;
      } catch (cause) {
        if (!(cause instanceof ServiceError)) throw cause;
        refusals.set(name, cause);
      }
    }
    return refusals;
  }

  async #requireAfter(
    rules: Rules,
    question: RuleQuestion,
    first: string,
    onLook: (record: RevisedRecord) => void,
  ): Promise<void> {
    const loaded = new Map<string, Json>();
    for (let name: string | undefined = first; name !== undefined; ) {
      await this.rest();
      const found = await this.#options.look(name);
      onLook(found);
      loaded.set(name, dataOf(found));
      name = this.#judge(rules, question, loaded);
    }
  }

  /** Returns the name of a record that it cannot be decided without; throws where it is not permitted. */
  #judge(rules: Rules, question: RuleQuestion, loaded: Loaded): string | undefined {
    const verdict = isName(question.name) ? rules.decide(question, loaded) : DENIED;
    switch (verdict.kind) {
      case "permitted":
        return undefined;
      case "needs":
        return verdict.name;
      case "denied":
        this.#options.onDenial({ question, rule: verdict.rule, reason: undefined });
        throw new ServiceError("permission_denied", `The rules do not permit ${deed(question)}.`);
      case "failed":
        this.#options.onDenial({ question, rule: verdict.rule, reason: verdict.reason });
        throw new ServiceError(
          "permission_failed",
          `The rule for ${deed(question)} failed, so it is not permitted; the log of the server says why.`,
        );
    }
  }
}

function isName(name: string | undefined): boolean {
  return (name?.length ?? 0) <= NAME_CHARACTERS_MAX;
}

/** What the record holds for rules; null: there is no such record. */
export function dataOf({ record }: Pick<RevisedRecord, "record">): Json {
  return record === undefined ? null : (JSON.parse(record.data) as Json);
}

const DEEDS = {
  create: "making",
  read: "reading",
  write: "writing",
  delete: "deleting",
  listen: "listening to",
  notify: "notifying of",
  publish: "emitting",
  subscribe: "subscribing to",
  provide: "providing",
  request: "making",
  allow: "asking for",
} satisfies Record<RuleAction, string>;

const THINGS = {
  record: "this record",
  event: "this event",
  rpc: "this RPC",
  presence: "who is present",
} satisfies Record<RuleSection, string>;

function deed({ section, action }: RuleQuestion): string {
  return `${DEEDS[action]} ${THINGS[section]}`;
}
