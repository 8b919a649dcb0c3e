// Puts a backup in place: received beside where it is to lie, verified, and only then given its name.

import { Database } from "bun:sqlite";
import { appendFileSync, lstatSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { StoredKey } from "../../core/access/signing-key.ts";
import { openPartial, type PartialFile, partialPath } from "./backup.ts";
import {
  type BackupLabel,
  HEADER_BYTES,
  isBackup,
  readLabel,
  removeLabel,
  requireSignature,
  requireWhole,
} from "./backup-file.ts";
import { asStoreError, syncDirectory, syncFile } from "./directory.ts";
import { KeyFile, parseKeys, renderKeys } from "./key-file.ts";
import { findProblems } from "./soundness.ts";
import { StoreError } from "./store-error.ts";

const DATABASE = "millrace.db";
/**
 * How far the pages of restored topics lie beyond all that the backup and the clock know of: after it
 * was made, as many topics may have come into being within a moment, each with a page of its own. By
 * lot, so that two servers restored from one backup do not give the same pages.
 */
const PAGES_SKIPPED = { min: 1_048_576, max: 2_097_152 };

/** Throws `StoreError` when the directory has data already, which is for nobody to overwrite. */
export function requireEmpty(directory: string): void {
  const found = ["", "-wal", "-shm", "-journal"]
    .map((ending) => DATABASE + ending)
    // Also where it leads to a disk that is not mounted.
    .find((name) => lstatSync(join(directory, name), { throwIfNoEntry: false }) !== undefined);
  if (found === undefined) return;
  throw new StoreError(
    `The data directory ${directory} holds data already (${found}), and nothing is overwritten: move its files away, or name another directory.`,
  );
}

/**
 * Writes what comes into a new file in the directory, and ends as soon as it cannot be a backup.
 * `source` is what messages call it. Throws `StoreError`, with the file gone.
 */
export async function receiveBackup(
  directory: string,
  source: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<PartialFile> {
  using opened = new DisposableStack();
  try {
    const partial = opened.use(openPartial(partialPath(join(directory, "restore"))));
    let bytes = 0;
    for await (const chunk of chunks) {
      // A pipe may bring less at first; then it is looked at when it is complete.
      if (bytes === 0 && chunk.byteLength >= HEADER_BYTES) requireSignature(source, chunk);
      bytes += chunk.byteLength;
      appendFileSync(partial.path, chunk);
    }
    requireWhole(source, partial.path);
    opened.move();
    return partial;
  } catch (cause) {
    throw asStoreError(`${source} cannot be restored`, cause);
  }
}

/**
 * Verifies the file that was received, and makes it the store of the directory. The caller holds the
 * lock of the directory, which has passed `requireEmpty`. All is on disk when this returns; a crash
 * before that leaves a directory without a store, to which a restore can be tried again. Throws
 * `StoreError`, with nothing put in place.
 */
export function putInPlace(directory: string, source: string, { path }: PartialFile): void {
  try {
    const label = makeStore(source, path);
    const keyFile = new KeyFile(directory, Date.now);
    const keys = keysToPut(directory, source, keyFile, label);
    syncFile(path);
    if (keys !== undefined) keyFile.save(keys);
    renameSync(path, join(directory, DATABASE));
    syncDirectory(directory);
  } catch (cause) {
    throw asStoreError(`${source} cannot be restored`, cause);
  }
}

/** Returns the label of the backup; undefined: it was the copy of a store. */
function makeStore(source: string, path: string): BackupLabel | undefined {
  using database = new Database(path, { readwrite: true });
  const label = isBackup(source, database) ? readLabel(database) : undefined;
  // A copy is in the mode of a store, in which a log would be left beside it.
  database.run("PRAGMA journal_mode = DELETE");
  database.run("PRAGMA synchronous = OFF");
  const [problem] = findProblems(database);
  if (problem !== undefined) throw new StoreError(`${source} is not sound: ${problem}`);
  removeLabel(database);
  beginPages(database);
  database.close(true);
  return label;
}

/**
 * Subscribers may have numbers that were given after the backup, and will be given again for other
 * messages. The history of every topic was lost where it ends now, and another page says so.
 */
function beginPages(database: Database): void {
  const { min, max } = PAGES_SKIPPED;
  const lot = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const now = Math.floor(Date.now() / 1000);
  database.run("UPDATE counters SET value = max(value, ?) + ? WHERE name = 'last_page'", [
    now,
    min + (lot % (max - min)),
  ]);
  database.run("UPDATE topics SET page = (SELECT value FROM counters WHERE name = 'last_page')");
}

/** Undefined: the directory keeps those it has. */
function keysToPut(
  directory: string,
  source: string,
  file: KeyFile,
  label: BackupLabel | undefined,
): readonly StoredKey[] | undefined {
  const found = file.find();
  if (label === undefined) {
    if (found !== undefined) return undefined;
    throw new StoreError(
      `${source} is the copy of a database, without the keys that sign tokens: put keys.json into the data directory first.`,
    );
  }
  if (label.keys === "") return undefined;
  const keys = parseKeys(label.keys);
  if (found === undefined || renderKeys(found) === renderKeys(keys)) return keys;
  throw new StoreError(
    `The data directory ${directory} has other keys than ${source}: move its keys.json away, which ends the tokens that those signed.`,
  );
}
