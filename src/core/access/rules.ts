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
  /** In the protocol's capitals, such as EMIT or PATCH: rules see its number as `action`. */
  readonly operation: string;
  /** Undefined: asked about no name in particular. */
  readonly name: string | undefined;
  readonly user: User;
  /** What is written or sent; a function, so that nothing is parsed that no rule asks for. What it throws is thrown on. */
  readonly data?: () => Json | undefined;
  /** What the record is now; null: it does not exist. As `data`. */
  readonly oldData?: () => Json;
}

/** What the records hold that a rule refers to, as far as they were loaded; null: there is no such record. */
export type LoadedRecords = ReadonlyMap<string, Json>;

export interface RuleReference {
  readonly section: RuleSection;
  readonly pattern: string;
  readonly action: RuleAction;
  /** As it stands in the file. */
  readonly text: string;
}

export type RuleVerdict =
  | { readonly kind: "permitted"; readonly rule: RuleReference | undefined }
  /** It is not exactly true; undefined: there is no rule for it. */
  | { readonly kind: "denied"; readonly rule: RuleReference | undefined }
  | { readonly kind: "failed"; readonly rule: RuleReference; readonly reason: string }
  /** The rule refers to this record: load it and ask again. */
  | { readonly kind: "needs"; readonly name: string };

/** What answering takes, so that who asks can choose the cheap way. */
export interface RuleNeeds {
  readonly data: boolean;
  readonly oldData: boolean;
  /** Other records. */
  readonly records: boolean;
}

export interface Rules {
  /** What `decide` looks at. None of it where the answer is always the same. */
  needs(section: RuleSection, action: RuleAction, name: string | undefined): RuleNeeds;
  /**
   * Synchronous, and the same for the same arguments but for the time. Only so many records are
   * loaded for one question: after that it fails.
   */
  decide(question: RuleQuestion, loaded: LoadedRecords): RuleVerdict;
}
