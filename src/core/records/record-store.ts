// The port to where records are kept.

import type { RecordCommand, RecordOutcome, StoredRecord } from "./command.ts";

/** A command that is durable now, and what it made of the record. */
export interface RecordChange {
  readonly command: RecordCommand;
  /** The version of the record now; undefined: it is gone. */
  readonly version: number | undefined;
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
  /** The version alone; undefined: there is no such record. */
  head(name: string): Promise<number | undefined>;
  /**
   * Resolves when the outcome is durable. Commands are applied one by one in the order of the calls,
   * each by `applyCommand`, which is asked again whenever another writer came in between. Rejects with
   * `invalid_argument` (what `applyCommand` throws), `limit_exceeded` (records, bytes, record size),
   * `storage_full`, each with nothing changed, or `outcome_unknown`.
   */
  apply(command: RecordCommand): Promise<RecordOutcome>;
  /** Records whose name starts with `prefix`, after the name `after`, in bytewise order, at most `limit`. */
  list(prefix: string, after: string, limit: number): Promise<readonly RecordSummary[]>;
  /** Calls `listener` synchronously for every change in commit order, after it is durable and readable. */
  onChange(listener: (change: RecordChange) => void): Disposable;
}
