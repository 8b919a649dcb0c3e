// Applies commands to records, within the transaction of a group.

import type { Database, Statement } from "bun:sqlite";
import { limitExceeded } from "../../core/errors.ts";
import {
  applyCommand,
  type RecordCommand,
  type RecordOutcome,
  type StoredRecord,
  stands,
  writtenBy,
} from "../../core/records/command.ts";
import type { Commit, Revision } from "../../core/records/record-store.ts";

export interface RecordStoreLimits {
  readonly recordBytesMax: number;
  /** 0: no limit, of both. */
  readonly recordsMax: number;
  readonly storedBytesMax: number;
}

export interface RecordResult {
  readonly outcome: RecordOutcome;
  /** That of the transaction, if it changes a record. */
  readonly commit: Commit;
}

/** What a record takes of the bytes that may be stored, beside its name and data. */
export const RECORD_OVERHEAD_BYTES = 64;
/** Of what the losers of one group are told: small writes of stale versions must not fetch gigabytes. */
const CONFLICT_BYTES_MAX = 16_777_216;

interface RecordRow {
  readonly id: number;
  readonly version: number;
  /** Of the data, which itself is read only where it is needed: it may be a thousand pages. */
  readonly bytes: number;
}

export class RecordWriter {
  readonly #limits: RecordStoreLimits;
  readonly #select: Statement<RecordRow, [string]>;
  readonly #selectData: Statement<{ data: string }, [number]>;
  readonly #selectRevision: Statement<{ revision: number }, [string]>;
  readonly #insert: Statement<unknown, [string, number, string, Revision]>;
  readonly #update: Statement<unknown, [number, string, Revision, number]>;
  readonly #delete: Statement<unknown, [number]>;
  readonly #selectCounter: Statement<{ value: number }, [string]>;
  readonly #updateCounter: Statement<unknown, [number, string]>;
  #records = 0;
  #bytes = 0;
  #commits = 0;
  #isChanged = false;
  #conflictBytes = 0;

  constructor(database: Database, limits: RecordStoreLimits) {
    this.#limits = limits;
    this.#select = database.prepare(
      "SELECT id, version, octet_length(data) AS bytes FROM records WHERE name = ?",
    );
    this.#selectData = database.prepare("SELECT data FROM records WHERE id = ?");
    this.#insert = database.prepare(
      "INSERT INTO records (name, version, data, revision) VALUES (?, ?, ?, ?)",
    );
    this.#selectRevision = database.prepare("SELECT revision FROM records WHERE name = ?");
    this.#update = database.prepare(
      "UPDATE records SET version = ?, data = ?, revision = ? WHERE id = ?",
    );
    this.#delete = database.prepare("DELETE FROM records WHERE id = ?");
    this.#selectCounter = database.prepare("SELECT value FROM counters WHERE name = ?");
    this.#updateCounter = database.prepare("UPDATE counters SET value = ? WHERE name = ?");
    this.reset();
  }

  /** To be called before the first command of each group. */
  beginGroup(): void {
    this.#conflictBytes = 0;
  }

  /** Throws a `ServiceError` before anything is written, or nothing. */
  apply(command: RecordCommand): RecordResult {
    return { outcome: this.#apply(command), commit: this.#commits + 1 };
  }

  /** Writes what changed; to be called before the commit. */
  flush(): void {
    if (!this.#isChanged) return;
    this.#commits += 1;
    this.#updateCounter.run(this.#records, "records");
    this.#updateCounter.run(this.#bytes, "record_bytes");
    this.#updateCounter.run(this.#commits, "record_commits");
    this.#isChanged = false;
  }

  /** Forgets what a rolled-back transaction changed. */
  reset(): void {
    this.#records = this.#selectCounter.get("records")?.value ?? 0;
    this.#bytes = this.#selectCounter.get("record_bytes")?.value ?? 0;
    this.#commits = this.#selectCounter.get("record_commits")?.value ?? 0;
    this.#isChanged = false;
  }

  has(name: string): boolean {
    return this.#select.get(name) !== null;
  }

  #apply(command: RecordCommand): RecordOutcome {
    if (!stands(command, (name) => this.#revisionOf(name))) return { kind: "moved" };
    const { name } = command;
    const row = this.#select.get(name) ?? undefined;
    const applied = applyCommand(row && this.#recordOf(row), command);
    switch (applied.kind) {
      case "next":
        this.#put(name, row, applied.record);
        return writtenBy(command, applied.record);
      case "gone":
        if (row !== undefined) this.#remove(name, row);
        return { kind: "deleted", existed: row !== undefined };
      case "version_exists":
      case "invalid_version":
        return { ...applied, data: row && this.#told(row) };
      default:
        return applied;
    }
  }

  #put(name: string, row: RecordRow | undefined, next: StoredRecord): void {
    const { version, data } = next;
    const dataBytes = Buffer.byteLength(data);
    const growth = row === undefined ? sizeOf(name, dataBytes) : dataBytes - row.bytes;
    this.#requireRoom(row === undefined, dataBytes, growth);
    const revision = this.#commits + 1;
    if (row === undefined) this.#insert.run(name, version, data, revision);
    else this.#update.run(version, data, revision, row.id);
    this.#count(row === undefined ? 1 : 0, growth);
  }

  /** Of what is written now, nobody has read it: one number for all changes of a transaction will do. */
  #revisionOf(name: string): Revision {
    return this.#selectRevision.get(name)?.revision ?? 0;
  }

  #remove(name: string, row: RecordRow): void {
    this.#delete.run(row.id);
    this.#count(-1, -sizeOf(name, row.bytes));
  }

  /** The first loser is told whatever its record's size. */
  #told(row: RecordRow): string | undefined {
    if (this.#conflictBytes > 0 && this.#conflictBytes + row.bytes > CONFLICT_BYTES_MAX) {
      return undefined;
    }
    this.#conflictBytes += row.bytes;
    return this.#dataOf(row);
  }

  #recordOf(row: RecordRow): StoredRecord {
    const read = () => this.#dataOf(row);
    return {
      version: row.version,
      get data() {
        return read();
      },
    };
  }

  #dataOf({ id }: RecordRow): string {
    return (this.#selectData.get(id) as { data: string }).data;
  }

  #count(records: number, bytes: number): void {
    this.#records += records;
    this.#bytes += bytes;
    this.#isChanged = true;
  }

  #requireRoom(isNew: boolean, dataBytes: number, growth: number): void {
    const { recordBytesMax, recordsMax, storedBytesMax } = this.#limits;
    if (dataBytes > recordBytesMax) {
      throw limitExceeded(
        "record_size_limit_exceeded",
        `The record would be too large: at most ${recordBytesMax} bytes of JSON are allowed.`,
      );
    }
    if (isNew && recordsMax > 0 && this.#records >= recordsMax) {
      throw limitExceeded("records_limit_exceeded", `The server allows ${recordsMax} records.`);
    }
    if (growth > 0 && storedBytesMax > 0 && this.#bytes + growth > storedBytesMax) {
      throw limitExceeded(
        "stored_bytes_limit_exceeded",
        `The records are full: the server allows ${storedBytesMax} stored bytes.`,
      );
    }
  }
}

function sizeOf(name: string, dataBytes: number): number {
  return Buffer.byteLength(name) + dataBytes + RECORD_OVERHEAD_BYTES;
}
