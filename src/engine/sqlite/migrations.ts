// Brings a database to the newest schema, and refuses one that it does not know.

import type { Database } from "bun:sqlite";
import topics from "./migrations/0001-topics.sql" with { type: "text" };
import records from "./migrations/0002-records.sql" with { type: "text" };
import users from "./migrations/0003-users.sql" with { type: "text" };
import recordCommits from "./migrations/0004-record-commits.sql" with { type: "text" };
import recordRevisions from "./migrations/0005-record-revisions.sql" with { type: "text" };
import { StoreError } from "./store-error.ts";

/** In order; the schema version of a database is the number of migrations applied to it. */
const MIGRATIONS: readonly string[] = [topics, records, users, recordCommits, recordRevisions];

/** What this version writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Marks a SQLite file as a store of ours: "mlrc". */
export const STORE_ID = 0x6d6c7263;
/** Marks one as a backup, on which no server may run as it is: "mlrb". */
export const BACKUP_ID = 0x6d6c7262;

/** Throws `StoreError` when the file is another program's or a newer version's. Changes nothing. */
export function requireKnown(database: Database): void {
  const isEmpty = database.query("SELECT 1 FROM sqlite_schema").get() === null;
  const application = applicationOf(database);
  if (application === BACKUP_ID) {
    throw new StoreError(
      "The file millrace.db in the data directory is a backup: move it elsewhere, and millrace restore puts it in place.",
    );
  }
  if (application !== STORE_ID && !isEmpty) {
    throw new StoreError("The file millrace.db in the data directory is not a Millrace database.");
  }
  const version = schemaOf(database);
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      `The database was written by a newer Millrace (schema ${version}, this one knows up to ${SCHEMA_VERSION}): use that version, or another data directory.`,
    );
  }
}

/** Each migration is one transaction. */
export function migrate(database: Database): void {
  for (let next = schemaOf(database); next < SCHEMA_VERSION; next += 1) {
    database.transaction(() => {
      database.run(MIGRATIONS[next] ?? "");
      database.run(`PRAGMA application_id = ${STORE_ID}`);
      database.run(`PRAGMA user_version = ${next + 1}`);
    })();
  }
}

/** How many migrations have been applied to the database. */
export function schemaOf(database: Database): number {
  return pragma(database, "user_version");
}

/** What the file says about the program that it belongs to. */
export function applicationOf(database: Database): number {
  return pragma(database, "application_id");
}

function pragma(database: Database, name: string): number {
  const row = database.query<Record<string, number>, []>(`PRAGMA ${name}`).get();
  return row?.[name] ?? 0;
}
