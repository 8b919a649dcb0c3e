// What there is to say of a store or of a backup: whether it is sound, and what it holds.

import { Database } from "bun:sqlite";
import { isBackup, noBackup, readLabel, requireWhole } from "./backup-file.ts";
import { asStoreError } from "./directory.ts";
import { KeyFile, parseKeys } from "./key-file.ts";
import { schemaOf } from "./migrations.ts";
import { openStore } from "./open-database.ts";
import { findProblems } from "./soundness.ts";
import { StoreError } from "./store-error.ts";

export interface Inspection {
  /** A sentence each; none: it is sound. */
  readonly problems: readonly string[];
  /** What it holds, in words. */
  readonly contents: string;
}

/** Changes nothing, and holds nobody up. Throws `StoreError` when it is no store of this version or an older one. */
export function inspectStore(directory: string): Inspection {
  using database = openStore(directory);
  return inspect(database, () => new KeyFile(directory, Date.now).find());
}

/** Throws `StoreError` when it is no whole backup of this version or an older one. */
export function inspectBackup(file: string): Inspection {
  try {
    requireWhole(file, file);
    using database = new Database(file, { readonly: true });
    if (!isBackup(file, database)) throw noBackup(file);
    const { keys } = readLabel(database);
    return inspect(database, () => keys !== "" && parseKeys(keys));
  } catch (cause) {
    throw asStoreError(`${file} cannot be read`, cause);
  }
}

function inspect(database: Database, lookAtKeys: () => unknown): Inspection {
  const problems = [...findProblems(database)];
  try {
    lookAtKeys();
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    problems.push(cause.message);
  }
  return { problems, contents: problems.length > 0 ? "" : contentsOf(database) };
}

function contentsOf(database: Database): string {
  const schema = schemaOf(database);
  const tables: [string, string, number][] = [
    ["caches", "caches", 1],
    ["topics", "topics", 1],
    ["items", "messages", 1],
    ["records", "records", 2],
    ["users", "users", 3],
  ];
  const counts = tables
    .filter(([, , since]) => since <= schema)
    .map(([table, name]) => {
      const row = database.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM ${table}`);
      return `${row.get()?.rows ?? 0} ${name}`;
    });
  return `${counts.join(", ")} (schema ${schema})`;
}
