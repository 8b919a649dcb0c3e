// Makes backups: one SQLite file with all that a data directory remembers, the signing keys included.

import { Database } from "bun:sqlite";
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { putLabel } from "./backup-file.ts";
import { asStoreError, hasCode, syncDirectory, syncFile } from "./directory.ts";
import { KeyFile, renderKeys } from "./key-file.ts";
import { openStore } from "./open-database.ts";
import { findProblems } from "./soundness.ts";
import { StoreError } from "./store-error.ts";

/** A file that goes when it is disposed, and what SQLite has put beside it. */
export interface PartialFile extends Disposable {
  readonly path: string;
}

/**
 * Makes a backup of the data directory in the file `destination`, which must not exist, whether a
 * server runs on the directory or not. `version` is that of this Millrace. When it returns, the file is
 * complete, checked and on disk; it has its name only then. Throws `StoreError`, with nothing left.
 */
export function makeBackup(directory: string, destination: string, version: string): void {
  if (existsSync(destination)) throw alreadyThere(destination);
  using partial = writeBackup(directory, partialPath(destination), version);
  try {
    putInPlace(partial.path, destination);
    syncDirectory(dirname(destination));
  } catch (cause) {
    throw asStoreError("The backup could not be made", cause);
  }
}

/** As `makeBackup`, in a file of this new path that the caller owns. */
export function writeBackup(directory: string, path: string, version: string): PartialFile {
  using opened = new DisposableStack();
  try {
    const partial = opened.use(openPartial(path));
    copyStore(directory, path);
    // After the copy: then a key may be one too many, but none that is needed is missing.
    const keys = new KeyFile(directory, Date.now).find();
    const label = { keys: keys === undefined ? "" : renderKeys(keys), version };
    finish(path, { ...label, madeAt: new Date().toISOString() });
    opened.move();
    return partial;
  } catch (cause) {
    throw asStoreError("The backup could not be made", cause);
  }
}

/** Makes an empty file for its owner only, which must not exist. */
export function openPartial(path: string): PartialFile {
  closeSync(openSync(path, "wx", 0o600));
  const remove = () => {
    for (const ending of ["", "-journal", "-wal", "-shm"]) rmSync(path + ending, { force: true });
  };
  return { path, [Symbol.dispose]: remove };
}

/** Where a file is made before it gets its name; unlike any that was there before. */
export function partialPath(path: string): string {
  return `${path}.${crypto.randomUUID().slice(0, 8)}.partial`;
}

/**
 * Copies the database of the directory as it is at this moment into the file, which must be empty. A
 * server that writes meanwhile is not held up; only its log grows until the copy is done.
 */
function copyStore(directory: string, path: string): void {
  using database = openStore(directory);
  database.run("VACUUM INTO ?", [path]);
}

function finish(path: string, label: Parameters<typeof putLabel>[1]): void {
  using database = new Database(path, { readwrite: true });
  // Nobody reads it yet, and it is thrown away when this fails.
  database.run("PRAGMA journal_mode = OFF");
  database.run("PRAGMA synchronous = OFF");
  putLabel(database, label);
  const [problem] = findProblems(database);
  if (problem !== undefined) {
    throw new StoreError(
      `No backup was kept, because the store is not sound: ${problem} All that is wrong is told by millrace verify.`,
    );
  }
  database.close(true);
  syncFile(path);
}

/** Unlike a rename, a link does not replace what another process made in the meantime. */
function putInPlace(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (cause) {
    if (hasCode(cause, "EEXIST") || existsSync(to)) throw alreadyThere(to);
    // Some file systems have no links, as on a memory stick.
    renameSync(from, to);
  }
}

function alreadyThere(path: string): StoreError {
  return new StoreError(`There is ${path} already: name a new file for the backup.`);
}
