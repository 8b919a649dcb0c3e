// The port to where records are kept.

import type { RecordCommand, RecordOutcome, StoredRecord } from "./command.ts";

/** A command that is durable now, and what it made of the record. */
export interface RecordChange {
  readonly command: RecordCommand;
  /** The version of the record now; undefined: it is gone. */
  readonly version: number | undefined;
  /** All that the record holds now, of several patches at once. */
  readonly data?: string;
  readonly commit: Commit;
}

/**
 * A number for what became durable together. A change of a record has a greater one than the changes
 * of it before, or the same: then nobody has read the record as it was in between.
 */
export type Commit = number;

/** What a read saw: everything up to `commit`, and nothing beyond it. */
export interface Seen<Found> {
  readonly commit: Commit;
  /** In the order of the names that were asked for; undefined: there is no such record. */
  readonly found: readonly (Found | undefined)[];
}

/** Another number after every change of a record, also after it was deleted and made anew; 0: there is none. */
export type Revision = number;

export interface RevisedRecord {
  readonly name: string;
  /** Undefined: there is no such record. */
  readonly record: StoredRecord | undefined;
  readonly revision: Revision;
}

export interface RecordSummary {
  readonly name: string;
  readonly version: number;
  /** Of the text of its data. */
  readonly bytes: number;
}

export interface RecordStore {
  /** Undefined: there is no such record. Sees every command whose `apply` has resolved. */
  read(name: string): Promise<StoredRecord | undefined>;
  /** As `read`, for who is to decide something on it: see `basis` of a command. */
  readRevised(name: string): Promise<RevisedRecord>;
  /** What `read` would find, where the store knows without waiting; undefined: it does not, ask `read`. */
  recall(name: string): StoredRecord | undefined;
  /** The version alone; undefined: there is no such record. */
  head(name: string): Promise<number | undefined>;
  /**
   * Many records at one moment, in one read, of which it sees as much as `read`. It ends after the
   * first record with which the data have `bytesMax` characters or more: then there are fewer than names.
   */
  readAll(names: readonly string[], bytesMax: number): Promise<Seen<StoredRecord>>;
  /** The versions alone, of all of them. */
  headAll(names: readonly string[]): Promise<Seen<number>>;
  /**
   * Resolves when the outcome is durable. Commands are applied one by one in the order of the calls,
   * each by `applyCommand`, which is asked again whenever another writer came in between; or it is
   * `moved`, when a record of the command's basis is another at that moment. Rejects with
   * `invalid_argument` (what `applyCommand` throws), `limit_exceeded` (records, bytes, record size,
   * versions), `storage_full`, each with nothing changed, or `outcome_unknown`.
   */
  apply(command: RecordCommand): Promise<RecordOutcome>;
  /** Records whose name starts with `prefix`, after the name `after`, in bytewise order, at most `limit`. */
  list(prefix: string, after: string, limit: number): Promise<readonly RecordSummary[]>;
  /**
   * Calls `listener` synchronously for every change in commit order, after it is durable and readable,
   * and before its `apply` resolves; with the very object that `apply` was handed as its command. Not
   * for those of `replace-record`, which are nobody's news.
   */
  onChange(listener: (change: RecordChange) => void): Disposable;
}

/** What is to be told of a command that is durable now; undefined: nothing. */
export function changeOf(
  command: RecordCommand,
  outcome: RecordOutcome,
  commit: Commit,
): RecordChange | undefined {
  if (command.kind === "replace-record") return undefined;
  if (outcome.kind === "written") {
    const { version, data } = outcome;
    return data === undefined ? { command, version, commit } : { command, version, data, commit };
  }
  const isGone = outcome.kind === "deleted" && outcome.existed;
  return isGone ? { command, version: undefined, commit } : undefined;
}
