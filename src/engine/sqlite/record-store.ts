// Records: changed through the writer thread, read beside it.

import type { Database, Statement } from "bun:sqlite";
import type { RecordCommand, RecordOutcome, StoredRecord } from "../../core/records/command.ts";
import type { RecordChange, RecordStore, RecordSummary } from "../../core/records/record-store.ts";
import { Listeners } from "./listeners.ts";
import type { WriterClient } from "./writer-client.ts";

export class SqliteRecordStore implements RecordStore {
  readonly #writer: WriterClient;
  readonly #changes = new Listeners<RecordChange>();
  readonly #record: Statement<StoredRecord, [string]>;
  readonly #version: Statement<{ version: number }, [string]>;
  readonly #from: Statement<RecordSummary, [string, string, number]>;

  constructor(writer: WriterClient, database: Database) {
    this.#writer = writer;
    this.#record = database.prepare("SELECT version, data FROM records WHERE name = ?");
    this.#version = database.prepare("SELECT version FROM records WHERE name = ?");
    this.#from = database.prepare(
      "SELECT name, version, octet_length(data) AS bytes FROM records WHERE name >= ? AND name > ? ORDER BY name LIMIT ?",
    );
  }

  async read(name: string): Promise<StoredRecord | undefined> {
    return this.#record.get(name) ?? undefined;
  }

  async head(name: string): Promise<number | undefined> {
    return this.#version.get(name)?.version;
  }

  apply(command: RecordCommand): Promise<RecordOutcome> {
    return this.#writer.write(command);
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
  noteOutcome(command: RecordCommand, outcome: RecordOutcome): void {
    if (outcome.kind === "written") this.#changes.tell({ command, version: outcome.version });
    if (outcome.kind === "deleted" && outcome.existed) {
      this.#changes.tell({ command, version: undefined });
    }
  }
}
