// Gives all free pages of a database back to the disk, by writing it anew.

import { Database } from "bun:sqlite";
import { existsSync, renameSync, statSync } from "node:fs";
import { openPartial, partialPath } from "./backup.ts";
import { asStoreError, hasCode, syncDirectory, syncFile } from "./directory.ts";
import { requireKnown } from "./migrations.ts";
import { databaseFile } from "./open-database.ts";
import { findProblems } from "./soundness.ts";
import { StoreError } from "./store-error.ts";

export interface Compaction {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Writes the database into a new file, which takes the place of the old one when it is checked and on
 * disk: until then the disk must have room for both. The caller holds the lock of the directory. Throws
 * `StoreError`, with the database as it was.
 */
export function compactStore(directory: string): Compaction {
  const file = databaseFile(directory);
  if (!existsSync(file)) throw new StoreError(`There is no database in ${directory}.`);
  try {
    using partial = openPartial(partialPath(file));
    const bytesBefore = copyInto(partial.path, file);
    requireSound(partial.path);
    syncFile(partial.path);
    renameSync(partial.path, file);
    syncDirectory(directory);
    return { bytesBefore, bytesAfter: statSync(file).size };
  } catch (cause) {
    throw asStoreError("The database could not be compacted", cause);
  }
}

/** Returns how large the file was, with what its log had for it. */
function copyInto(path: string, file: string): number {
  using database = new Database(file, { readwrite: true });
  requireKnown(database);
  foldLog(database);
  const bytesBefore = statSync(file).size;
  database.run("VACUUM INTO ?", [path]);
  return bytesBefore;
}

/** A log that stayed beside the file would be taken for that of the new one. */
function foldLog(database: Database): void {
  try {
    database.run("PRAGMA journal_mode = DELETE");
  } catch (cause) {
    if (!hasCode(cause, "SQLITE_BUSY")) throw cause;
    throw new StoreError(
      "The database is open in another program, such as a backup that is being made: try again when that has ended.",
      { cause },
    );
  }
}

function requireSound(path: string): void {
  using database = new Database(path, { readonly: true });
  const [problem] = findProblems(database);
  if (problem === undefined) return;
  throw new StoreError(
    `The database is as it was, because it is not sound: ${problem} All that is wrong is told by millrace verify.`,
  );
}
