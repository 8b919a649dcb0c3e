// What crosses to the writer thread and back: data, never functions.

import type { CacheOverrides, CacheSettings } from "../../core/caches/cache.ts";
import type { ErrorCode, LimitCause } from "../../core/errors.ts";
import type { ImportLine, ImportOutcome } from "../../core/imports/import-store.ts";
import type { RecordCommand } from "../../core/records/command.ts";
import type { Append, Appended, TopicName } from "../../core/topics/topic-log.ts";
import type { Checkpoint, Durability } from "./open-database.ts";
import type { RecordResult, RecordStoreLimits } from "./record-writer.ts";
import type { Upgrade } from "./upgrade.ts";

export interface WriterOptions {
  readonly directory: string;
  readonly durability: Durability;
  readonly checkpoint: Checkpoint;
  /** Whether a store of an older schema is copied before it is brought up to date. */
  readonly upgradeCopy: boolean;
  readonly bytesMax: number;
  /** What is left of the disk for deleting, revoking and retention. */
  readonly reserveBytes: number;
  /** What caches without overrides of their own follow. */
  readonly defaults: CacheSettings;
  readonly cachesMax: number;
  readonly idempotencyWindowMs: number;
  readonly idempotencyKeysMax: number;
  readonly records: RecordStoreLimits;
  readonly usersMax: number;
}

export type Command =
  | ({ readonly kind: "append" } & Append)
  | { readonly kind: "delete-topic"; readonly cache: string; readonly topic: string }
  | { readonly kind: "put-cache"; readonly name: string; readonly overrides: CacheOverrides }
  | { readonly kind: "delete-cache"; readonly name: string }
  | { readonly kind: "revoke"; readonly id: string }
  | { readonly kind: "import"; readonly id: string; readonly lines: readonly ImportLine[] }
  | { readonly kind: "end-import"; readonly id: string }
  | RecordCommand
  | { readonly kind: "add-user"; readonly user: UserColumns }
  | { readonly kind: "remove-user"; readonly email: string }
  | { readonly kind: "set-password"; readonly email: string; readonly passwordHash: string };

/** What a command that writes answers, by kind. */
export interface Results {
  readonly append: Appended;
  readonly "delete-topic": { readonly deleted: boolean };
  readonly "put-cache": { readonly cache: CacheRow; readonly created: boolean };
  readonly "delete-cache": { readonly deleted: boolean };
  readonly revoke: Revocation;
  readonly import: {
    readonly outcomes: readonly ImportOutcome[];
    /** Those that are new. */
    readonly caches: readonly CacheRow[];
    /** Those that are complete now. */
    readonly topics: readonly TopicName[];
  };
  /** Whether there is more of it to delete. */
  readonly "end-import": { readonly more: boolean };
  readonly "create-record": RecordResult;
  readonly "set-record": RecordResult;
  readonly "patch-record": RecordResult;
  readonly "delete-record": RecordResult;
  readonly "replace-record": RecordResult;
  readonly "add-user": { readonly added: boolean };
  readonly "remove-user": EndedTokens;
  readonly "set-password": EndedTokens;
}

/** Of all tokens of the id that were issued until then, in milliseconds since the Unix epoch. */
export interface Revocation {
  readonly id: string;
  readonly until: number;
}

export interface EndedTokens {
  /** Null: there is no such user. */
  readonly revocation: Revocation | null;
}

export interface UserColumns {
  readonly email: string;
  readonly id: string;
  readonly passwordHash: string;
  /** JSON; null: none. */
  readonly clientData: string | null;
  readonly serverData: string | null;
}

export interface CacheRow {
  readonly id: number;
  readonly name: string;
  readonly createdAt: number;
  readonly overrides: CacheOverrides;
}

export interface Refusal {
  readonly kind: "refused";
  readonly code: ErrorCode;
  readonly message: string;
  readonly limit: LimitCause | undefined;
}

/** A fault of the program or the disk, to be logged; what the caller is told is beside it. */
export interface Fault {
  readonly kind: "fault";
  readonly code: "storage_full" | "outcome_unknown" | "bug";
  readonly message: string;
}

/** A command that is durable now. */
export interface Committed {
  readonly command: Command;
  readonly result: Results[keyof Results];
}

export type Outcome = Results[keyof Results] | Refusal | Fault;

export function isFailure(outcome: Outcome): outcome is Refusal | Fault {
  return "kind" in outcome && (outcome.kind === "refused" || outcome.kind === "fault");
}

/** What retention has done since it was last told. */
export interface RetentionWork {
  readonly items: number;
  /** As they count towards what is stored. */
  readonly bytes: number;
  /** That it took the writer. */
  readonly seconds: number;
}

export type ToWriter =
  | { readonly kind: "open"; readonly options: WriterOptions }
  | { readonly kind: "group"; readonly commands: readonly Command[] }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "close" };

export type FromWriter =
  | { readonly kind: "opened"; readonly upgrade?: Upgrade | undefined }
  | {
      readonly kind: "refused-to-open";
      readonly message: string;
      readonly forAdministrator: boolean;
    }
  | {
      readonly kind: "done";
      readonly outcomes: readonly Outcome[];
      /** That the writer took for the group. */
      readonly seconds: number;
    }
  | { readonly kind: "alive" }
  | { readonly kind: "retained"; readonly work: RetentionWork }
  | { readonly kind: "retention-failed"; readonly message: string }
  | { readonly kind: "retention-recovered" }
  | { readonly kind: "closed" };
