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

/** Only what can be reached: what was deleted and is yet to be cleared away does not count. */
export function contentsOf(database: Database): string {
  const schema = schemaOf(database);
  const counts: [string, string, number][] = [
    ["caches", "SELECT count(*) AS count FROM caches", 1],
    ["topics", "SELECT count(*) AS count FROM topics t JOIN caches c ON c.id = t.cache_id", 1],
    [
      "messages",
      "SELECT total(t.newest - t.oldest + 1) AS count FROM topics t JOIN caches c ON c.id = t.cache_id",
      1,
    ],
    ["records", "SELECT count(*) AS count FROM records", 2],
    ["users", "SELECT count(*) AS count FROM users", 3],
  ];
  const known = counts
    .filter(([, , since]) => since <= schema)
    .map(([name, sql]) => {
      const row = database.query<{ count: number }, []>(sql).get();
      return `${row?.count ?? 0} ${name}`;
    });
  return `${known.join(", ")} (schema ${schema})`;
}
