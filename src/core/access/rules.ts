// What decides what a user may do with records, events, RPCs and presence: a port, so that the core knows no rule language.

import type { Json } from "../json.ts";
import type { User } from "./user.ts";

export type RuleSection = "record" | "event" | "rpc" | "presence";

/** What a rule is about, by its section. */
export type RuleAction =
  | "create"
  | "read"
  | "write"
  | "delete"
  | "listen"
  | "notify"
  | "publish"
  | "subscribe"
  | "provide"
  | "request"
  | "allow";

export interface RuleQuestion {
  readonly section: RuleSection;
  readonly action: RuleAction;
  /**
   * The operation that is asked for, in the protocol's capitals ("EMIT", "PATCH",
   * "SUBSCRIBECREATEANDREAD"): rules see its number as `action`. A rule that asks for the number of
   * an operation that has none fails.
   */
  readonly operation: string;
  /** undefined: asked about no name in particular (all of presence). */
  readonly name: string | undefined;
  readonly user: User;
  /**
   * What is written or sent, parsed; a function so that nothing is parsed that no rule asks for.
   * Called at most once by each `decide`, which throws what it throws. Absent, or undefined: none.
   */
  readonly data?: () => Json | undefined;
  /** What the record is now, as `data` is given; undefined: it does not exist. */
  readonly oldData?: () => Json | undefined;
}

/**
 * The records that a rule asked for since its question was put, by their names; undefined: there is
 * no such record. Empty at first.
 */
export type Loaded = ReadonlyMap<string, Json | undefined>;

export type RuleVerdict =
  /** The rule is undefined where there are no rules. */
  | { readonly kind: "permitted"; readonly rule: RuleReference | undefined }
  /** The rule answered something else than exactly `true`; undefined: none is about this. */
  | { readonly kind: "denied"; readonly rule: RuleReference | undefined }
  /** Answering failed, which denies. `reason` is for the administrator, and may tell what was sent. */
  | { readonly kind: "failed"; readonly rule: RuleReference; readonly reason: string }
  /**
   * The rule refers to this record: load it, put it into `Loaded` and ask again. It may be any text,
   * also one that no record can be called; such a record does not exist.
   */
  | { readonly kind: "needs"; readonly name: string };

/** Which rule it was, as its author wrote it. */
export interface RuleReference {
  readonly section: RuleSection;
  readonly pattern: string;
  readonly action: RuleAction;
  readonly text: string;
}

/** What answering a question may take, known before it is asked: all false where the answer is the same for any data. */
export interface RuleNeeds {
  readonly data: boolean;
  readonly oldData: boolean;
  /** Whether the answer may depend on other records. */
  readonly records: boolean;
}

export interface Rules {
  /** Which rule is about a name is remembered, within bounds. */
  needs(section: RuleSection, action: RuleAction, name: string | undefined): RuleNeeds;
  /**
   * Synchronous, and changes nothing. Answers "needs" only for records that are not in `loaded`, and
   * fails where a rule needs more of them than it may, so that asking again ends.
   */
  decide(question: RuleQuestion, loaded: Loaded): RuleVerdict;
}
