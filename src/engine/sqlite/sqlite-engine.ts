// State in one SQLite file: opens it and holds the adapters of every port to where things are remembered.

import type { Database } from "bun:sqlite";
import type { KeyStore, RevocationStore } from "../../core/access/token-ports.ts";
import type { UserStore } from "../../core/access/user-store.ts";
import type { CacheStore } from "../../core/caches/cache-store.ts";
import type { ImportStore } from "../../core/imports/import-store.ts";
import type { RecordCommand } from "../../core/records/command.ts";
import type { RecordStore } from "../../core/records/record-store.ts";
import type { TopicLog, TopicName } from "../../core/topics/topic-log.ts";
import { SqliteCacheStore } from "./cache-store.ts";
import type { Command, Committed, WriterOptions } from "./commands.ts";
import { FigureReader, type StoreFigures } from "./figures.ts";
import { SqliteImportStore } from "./import-store.ts";
import { KeyFile } from "./key-file.ts";
import { openReader } from "./open-database.ts";
import { Reader } from "./reader.ts";
import { SqliteRecordStore } from "./record-store.ts";
import { SqliteRevocationStore } from "./revocation-store.ts";
import { SqliteTopicLog } from "./topic-log.ts";
import type { Upgrade } from "./upgrade.ts";
import { SqliteUserStore } from "./user-store.ts";
import { WriterClient, type WriterClientOptions, type Writing } from "./writer-client.ts";

export interface SqliteEngineOptions {
  readonly writer: WriterOptions;
  readonly client: Omit<WriterClientOptions, "onCommitted">;
}

/** The caller holds the lock of the directory. */
export class SqliteEngine implements AsyncDisposable {
  readonly keys: KeyStore;
  readonly userStore: UserStore;
  readonly #writer: WriterClient;
  readonly #database: Database;
  readonly #topicLog: SqliteTopicLog;
  readonly #cacheStore: SqliteCacheStore;
  readonly #revocations: SqliteRevocationStore;
  readonly #recordStore: SqliteRecordStore;
  readonly #figures: FigureReader;
  readonly #imports: SqliteImportStore;

  private constructor(options: WriterOptions, writer: WriterClient, database: Database) {
    const reader = new Reader(database);
    this.keys = new KeyFile(options.directory, Date.now);
    this.#writer = writer;
    this.#database = database;
    this.#cacheStore = new SqliteCacheStore(writer, reader, database, options.defaults);
    this.#topicLog = new SqliteTopicLog(writer, reader, this.#cacheStore);
    this.#revocations = new SqliteRevocationStore(writer, database);
    this.#imports = new SqliteImportStore(writer);
    this.#recordStore = new SqliteRecordStore(writer, database);
    this.userStore = new SqliteUserStore(writer, database);
    this.#figures = new FigureReader(writer, database, options.directory);
  }

  /** Throws `StoreError` in the administrator's words when the store cannot be opened. */
  static async open(options: SqliteEngineOptions): Promise<SqliteEngine> {
    let engine: SqliteEngine | undefined;
    const writer = await WriterClient.open(options.writer, {
      ...options.client,
      onCommitted: (group) => engine?.announce(group),
    });
    engine = new SqliteEngine(options.writer, writer, openReader(options.writer.directory));
    return engine;
  }

  /** How the store was brought up to date when it was opened; undefined: there was no need. */
  get upgrade(): Upgrade | undefined {
    return this.#writer.upgrade;
  }

  get topicLog(): TopicLog {
    return this.#topicLog;
  }

  get cacheStore(): CacheStore {
    return this.#cacheStore;
  }

  get revocations(): RevocationStore {
    return this.#revocations;
  }

  get recordStore(): RecordStore {
    return this.#recordStore;
  }

  get writing(): Writing {
    return this.#writer.writing;
  }

  figures(): StoreFigures {
    return this.#figures.read();
  }

  get importStore(): ImportStore {
    return this.#imports;
  }

  /** Brings the views in memory up to what is durable now, and tells the listeners, in commit order. */
  announce(group: readonly Committed[]): void {
    const appended = new Map<string, TopicName>();
    for (const { command, result } of group) {
      if (command.kind === "append") {
        // A duplicate wrote nothing: nobody has anything to read.
        if ("duplicate" in result && result.duplicate) continue;
        appended.set(`${command.cache}\n${command.topic}`, command);
      } else if ("cache" in result) {
        this.#cacheStore.noteCache(result.cache);
      } else if (command.kind === "delete-cache") {
        this.#cacheStore.noteDeletion(command.name);
      } else if ("until" in result) {
        this.#revocations.noteRevocation(result);
      } else if ("revocation" in result) {
        if (result.revocation !== null) this.#revocations.noteRevocation(result.revocation);
      } else if ("caches" in result) {
        for (const row of result.caches) this.#cacheStore.noteCache(row);
        for (const name of result.topics) appended.set(`${name.cache}\n${name.topic}`, name);
      } else if (isRecordCommand(command) && "commit" in result) {
        this.#recordStore.noteOutcome(command, result);
      }
    }
    for (const name of appended.values()) this.#topicLog.noteAppend(name);
  }

  /** Resolves when the writer thread has had its turn: never while it hangs, or when it is dead. */
  heartbeat(): Promise<void> {
    return this.#writer.heartbeat();
  }

  /** Settles every write that was accepted, then closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever closes last folds the log into the database, which a reader could not.
    this.#database.close(true);
    await this.#writer.close();
  }
}

function isRecordCommand(command: Command): command is RecordCommand {
  return command.kind.endsWith("-record");
}
