// The SQLite engine on a directory of its own, with a way to look at the tables behind its back.

import { Database } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Checkpoint, Durability } from "../../src/engine/sqlite/open-database.ts";
import { findProblems } from "../../src/engine/sqlite/soundness.ts";
import { SqliteEngine } from "../../src/engine/sqlite/sqlite-engine.ts";
import { type EngineSettings, type OpenEngine, ROOMY } from "./open-engine.ts";

export interface SqliteSettings extends EngineSettings {
  readonly durability: Durability;
  readonly checkpoint: Checkpoint;
  readonly upgradeCopy: boolean;
  readonly bytesMax: number;
  readonly reserveBytes: number;
  readonly groupCommandsMax: number;
  readonly queueBytesMax: number;
}

const SQLITE_ROOMY: SqliteSettings = {
  ...ROOMY,
  durability: "normal",
  checkpoint: "server",
  upgradeCopy: true,
  bytesMax: 0,
  reserveBytes: 0,
  groupCommandsMax: 1024,
  queueBytesMax: 67_108_864,
};

/** What who watches the engine was told. */
interface Watched {
  /** How many commands each group had. */
  readonly groups: number[];
  readonly retained: { items: number; bytes: number };
}

export class SqliteStore implements OpenEngine {
  readonly directory: string;
  /** What the administrator was told. */
  readonly told: string[];
  readonly watched: Watched;
  readonly #engine: SqliteEngine;
  readonly #settings: SqliteSettings;
  #closing: Promise<void> | undefined;
  #isReopened = false;

  private constructor(
    engine: SqliteEngine,
    directory: string,
    settings: SqliteSettings,
    told: string[],
    watched: Watched,
  ) {
    this.#engine = engine;
    this.directory = directory;
    this.#settings = settings;
    this.told = told;
    this.watched = watched;
  }

  static async open(settings: Partial<SqliteSettings> = {}): Promise<SqliteStore> {
    return SqliteStore.openOn(await mkdtemp(join(tmpdir(), "millrace-engine-")), settings);
  }

  static async openOn(directory: string, settings: Partial<SqliteSettings>): Promise<SqliteStore> {
    const merged = { ...SQLITE_ROOMY, ...settings };
    const { groupCommandsMax, queueBytesMax, ...writer } = merged;
    const told: string[] = [];
    const watched: Watched = { groups: [], retained: { items: 0, bytes: 0 } };
    const engine = await SqliteEngine.open({
      writer: { ...writer, directory },
      client: {
        groupCommandsMax,
        queueBytesMax,
        onFault: (work, message) => told.push(`${work}: ${message}`),
        onRecovery: (work) => told.push(`${work} recovered`),
        onDeath: (cause) => told.push(`died: ${cause.message}`),
        onGroup: (commands) => watched.groups.push(commands),
        onRetained: ({ items, bytes }) => {
          watched.retained.items += items;
          watched.retained.bytes += bytes;
        },
      },
    });
    return new SqliteStore(engine, directory, merged, told, watched);
  }

  get writing() {
    return this.#engine.writing;
  }

  figures() {
    return this.#engine.figures();
  }

  get topicLog() {
    return this.#engine.topicLog;
  }

  get cacheStore() {
    return this.#engine.cacheStore;
  }

  get revocations() {
    return this.#engine.revocations;
  }

  get importStore() {
    return this.#engine.importStore;
  }

  get recordStore() {
    return this.#engine.recordStore;
  }

  get userStore() {
    return this.#engine.userStore;
  }

  get keys() {
    return this.#engine.keys;
  }

  /** `edit` gets the database while nobody else has it. */
  async reopen(
    settings: Partial<SqliteSettings> = {},
    edit?: (database: Database) => void,
  ): Promise<SqliteStore> {
    this.#isReopened = true;
    await this.close();
    if (edit !== undefined) editDatabase(this.directory, edit);
    return SqliteStore.openOn(this.directory, { ...this.#settings, ...settings });
  }

  close(): Promise<void> {
    this.#closing ??= this.#engine[Symbol.asyncDispose]();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    if (!this.#isReopened) await rm(this.directory, { recursive: true });
  }

  /** What a connection that knows nothing of the engine finds committed. */
  rows<Row>(sql: string): Row[] {
    using database = new Database(databaseFile(this.directory), { readonly: true });
    return database.query<Row, []>(sql).all();
  }

  count(sql: string): number {
    return Object.values(this.rows<Record<string, number>>(sql)[0] ?? {})[0] ?? 0;
  }

  /** What is not as it must always be. */
  problems(): readonly string[] {
    using database = new Database(databaseFile(this.directory), { readonly: true });
    return findProblems(database);
  }

  get fileBytes(): number {
    return Bun.file(databaseFile(this.directory)).size;
  }
}

export function editDatabase(directory: string, edit: (database: Database) => void): void {
  using database = new Database(databaseFile(directory), { create: true });
  // The engine's connections let go of the file a moment after they are closed.
  database.run("PRAGMA busy_timeout = 10000");
  edit(database);
}

function databaseFile(directory: string): string {
  return join(directory, "millrace.db");
}
