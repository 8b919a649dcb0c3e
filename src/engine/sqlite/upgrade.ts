// Before a newer version changes the tables of a store, a copy of it is put beside it.

import type { Database } from "bun:sqlite";
import { existsSync, renameSync } from "node:fs";
import { openPartial, partialPath } from "./backup.ts";
import { asStoreError, freeBytes, ownerOnly, syncDirectory, syncFile } from "./directory.ts";
import { SCHEMA_VERSION, schemaOf } from "./migrations.ts";
import { databaseFile, openStore } from "./open-database.ts";
import { StoreError } from "./store-error.ts";

/** A store of another schema than this version's is about to be brought up to date. */
export interface Upgrade {
  readonly from: number;
  readonly to: number;
  /** The file that has the store as it was; null: no copy was wanted. */
  readonly copy: string | null;
}

/**
 * Copies the store of the directory into `millrace.db.before-000N`, N being the first migration that it
 * lacks, and takes the place of an older copy of that name. The copy is on disk when this returns;
 * undefined: the store is up to date, or there is none yet. Throws `StoreError` when the disk has no
 * room for it. The caller holds the lock of the directory.
 */
export function prepareUpgrade(directory: string, wantsCopy: boolean): Upgrade | undefined {
  if (!existsSync(databaseFile(directory))) return undefined;
  // What SQLite makes beside it gets the same mode.
  ownerOnly(databaseFile(directory));
  using database = openStore(directory);
  const from = schemaOf(database);
  if (from === 0 || from === SCHEMA_VERSION) return undefined;
  const copy = wantsCopy ? copyOf(directory, database, from) : null;
  return { from, to: SCHEMA_VERSION, copy };
}

function copyOf(directory: string, database: Database, from: number): string {
  const path = `${databaseFile(directory)}.before-${String(from + 1).padStart(4, "0")}`;
  requireRoom(directory, database, from);
  try {
    using partial = openPartial(partialPath(path));
    database.run("VACUUM INTO ?", [partial.path]);
    syncFile(partial.path);
    renameSync(partial.path, path);
    syncDirectory(directory);
    return path;
  } catch (cause) {
    throw asStoreError("The database could not be copied before it is brought up to date", cause);
  }
}

function requireRoom(directory: string, database: Database, from: number): void {
  const { needed } = database
    .query<{ needed: number }, []>(
      `SELECT (page_count - freelist_count) * page_size AS needed
        FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    )
    .get() ?? { needed: 0 };
  const free = freeBytes(directory);
  if (free >= needed) return;
  throw new StoreError(
    `The database is of schema ${from}, and is copied before it is brought up to date, for which ${needed} bytes must be free on its disk and ${free} are: make room, or make a backup elsewhere with millrace backup and set [storage] upgrade_copy to false.`,
  );
}
