// Records: changed through the writer thread, read beside it.

import type { Database, Statement } from "bun:sqlite";
import type { RecordCommand, RecordOutcome, StoredRecord } from "../../core/records/command.ts";
import {
  changeOf,
  type RecordChange,
  type RecordStore,
  type RecordSummary,
  type RevisedRecord,
  type Seen,
} from "../../core/records/record-store.ts";
import { Listeners } from "./listeners.ts";
import type { RecordResult } from "./record-writer.ts";
import { RememberedRecords } from "./remembered-records.ts";
import type { WriterClient } from "./writer-client.ts";

/** Null: there is no such record. */
interface FoundRow {
  readonly version: number | null;
  readonly data: string | null;
}

export class SqliteRecordStore implements RecordStore {
  readonly #writer: WriterClient;
  readonly #database: Database;
  readonly #changes = new Listeners<RecordChange>();
  readonly #remembered = new RememberedRecords();
  readonly #record: Statement<StoredRecord, [string]>;
  readonly #revised: Statement<StoredRecord & { readonly revision: number }, [string]>;
  readonly #version: Statement<{ version: number }, [string]>;
  readonly #records: Statement<FoundRow, [string]>;
  readonly #versions: Statement<Omit<FoundRow, "data">, [string]>;
  readonly #commit: Statement<{ value: number }, []>;
  readonly #from: Statement<RecordSummary, [string, string, number]>;

  constructor(writer: WriterClient, database: Database) {
    this.#writer = writer;
    this.#database = database;
    this.#record = database.prepare("SELECT version, data FROM records WHERE name = ?");
    this.#revised = database.prepare("SELECT version, data, revision FROM records WHERE name = ?");
    this.#version = database.prepare("SELECT version FROM records WHERE name = ?");
    // The outer loop of a left join goes through the array, which keeps its order.
    const each = "FROM json_each(?) AS names LEFT JOIN records ON records.name = names.value";
    this.#records = database.prepare(`SELECT version, data ${each}`);
    this.#versions = database.prepare(`SELECT version ${each}`);
    this.#commit = database.prepare("SELECT value FROM counters WHERE name = 'record_commits'");
    this.#from = database.prepare(
      "SELECT name, version, octet_length(data) AS bytes FROM records WHERE name >= ? AND name > ? ORDER BY name LIMIT ?",
    );
  }

  recall(name: string): StoredRecord | undefined {
    return this.#remembered.get(name);
  }

  async read(name: string): Promise<StoredRecord | undefined> {
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined) return remembered;
    const record = this.#record.get(name) ?? undefined;
    if (record !== undefined) this.#remembered.put(name, record);
    return record;
  }

  async readRevised(name: string): Promise<RevisedRecord> {
    const row = this.#revised.get(name);
    if (row === null) return { name, record: undefined, revision: 0 };
    const { revision, ...record } = row;
    return { name, record, revision };
  }

  async head(name: string): Promise<number | undefined> {
    return this.#version.get(name)?.version;
  }

  async readAll(names: readonly string[], bytesMax: number): Promise<Seen<StoredRecord>> {
    return this.#see(() => {
      const found: (StoredRecord | undefined)[] = [];
      let bytes = 0;
      for (const { version, data } of this.#records.iterate(JSON.stringify(names))) {
        const isFound = version !== null && data !== null;
        found.push(isFound ? { version, data } : undefined);
        bytes += data?.length ?? 0;
        if (bytes >= bytesMax) break;
      }
      return found;
    });
  }

  async headAll(names: readonly string[]): Promise<Seen<number>> {
    return this.#see(() =>
      this.#versions.all(JSON.stringify(names)).map(({ version }) => version ?? undefined),
    );
  }

  async apply(command: RecordCommand): Promise<RecordOutcome> {
    this.#remembered.commandBegins(command.name);
    try {
      const { outcome } = await this.#writer.write(command);
      return outcome;
    } finally {
      this.#remembered.commandEnds(command.name);
    }
  }

  async list(prefix: string, after: string, limit: number): Promise<readonly RecordSummary[]> {
    // In bytewise order, all that start with the prefix stand together, from the prefix itself on.
    const found = this.#from.all(prefix, after, limit);
    const end = found.findIndex(({ name }) => !name.startsWith(prefix));
    return end === -1 ? found : found.slice(0, end);
  }

  onChange(listener: (change: RecordChange) => void): Disposable {
    return this.#changes.add(listener);
  }

  /** A command is durable. */
  noteOutcome(command: RecordCommand, { outcome, commit }: RecordResult): void {
    const change = changeOf(command, outcome, commit);
    if (change !== undefined) this.#changes.tell(change);
  }

  /** One transaction, so that no commit falls between what it sees. */
  #see<Found>(look: () => (Found | undefined)[]): Seen<Found> {
    return this.#database.transaction(() => {
      return { commit: this.#commit.get()?.value ?? 0, found: look() };
    })();
  }
}
