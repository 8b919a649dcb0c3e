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

/** Marks a SQLite file as ours: "mlrc". */
const APPLICATION_ID = 0x6d6c7263;

/** Throws `StoreError` when the file is another program's or a newer version's. Changes nothing. */
export function requireKnown(database: Database): void {
  const isEmpty = database.query("SELECT 1 FROM sqlite_schema").get() === null;
  if (pragma(database, "application_id") !== APPLICATION_ID && !isEmpty) {
    throw new StoreError("The file millrace.db in the data directory is not a Millrace database.");
  }
  const version = pragma(database, "user_version");
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `The database was written by a newer Millrace (schema ${version}, this one knows up to ${MIGRATIONS.length}): use that version, or another data directory.`,
    );
  }
}

/** Each migration is one transaction. */
export function migrate(database: Database): void {
  const version = pragma(database, "user_version");
  for (let next = version; next < MIGRATIONS.length; next += 1) {
    database.transaction(() => {
      database.run(MIGRATIONS[next] ?? "");
      database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
      database.run(`PRAGMA user_version = ${next + 1}`);
    })();
  }
}

function pragma(database: Database, name: string): number {
  const row = database.query<Record<string, number>, []>(`PRAGMA ${name}`).get();
  return row?.[name] ?? 0;
}
