// What tells a backup from any other file: its signature, its length, its mark and its label.

import type { Database } from "bun:sqlite";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { applicationOf, BACKUP_ID, SCHEMA_VERSION, STORE_ID, schemaOf } from "./migrations.ts";
import { StoreError } from "./store-error.ts";

/** What a backup has beside the tables of the store, in a table of names and values. */
export interface BackupLabel {
  /** The text of `keys.json`; empty: there was none. */
  readonly keys: string;
  /** Of the Millrace that made it. */
  readonly version: string;
  /** Milliseconds since the Unix epoch. */
  readonly madeAt: string;
}

const SIGNATURE = "SQLite format 3\0";
/** With which gzip, zstd, xz and bzip2 begin. */
const COMPRESSED = ["\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd7zXZ", "BZh"];
export const HEADER_BYTES = 100;

/** Throws `StoreError` when no backup begins like that. `source` is what messages call it. */
export function requireSignature(source: string, beginning: Uint8Array): void {
  const start = Buffer.from(beginning).toString("latin1");
  if (start === "") throw new StoreError(`${source} is empty.`);
  if (COMPRESSED.some((signature) => start.startsWith(signature))) {
    throw new StoreError(`${source} is compressed: unpack it first, as with gunzip.`);
  }
  if (!start.startsWith(SIGNATURE)) throw noBackup(source);
}

/**
 * The header says how many pages there are, of what size; a transfer that was cut short has fewer.
 * Throws `StoreError`, also when the file is no database at all.
 */
export function requireWhole(source: string, path: string): void {
  const header = new Uint8Array(HEADER_BYTES);
  const file = openSync(path, "r");
  try {
    requireSignature(source, header.subarray(0, readSync(file, header)));
  } finally {
    closeSync(file);
  }
  const field = new DataView(header.buffer);
  const pageBytes = field.getUint16(16) === 1 ? 65_536 : field.getUint16(16);
  // Only where the two counters agree, the number of pages is to be trusted.
  const isCounted = field.getUint32(24) === field.getUint32(92);
  const expected = isCounted ? pageBytes * field.getUint32(28) : HEADER_BYTES;
  const { size } = statSync(path);
  if (size >= expected) return;
  throw new StoreError(`${source} is cut short: it has ${size} of ${expected} bytes.`);
}

/**
 * Returns whether it is a backup; else it is the copy of a store, without label and keys. Throws
 * `StoreError` when it is neither, or of a newer version.
 */
export function isBackup(source: string, database: Database): boolean {
  const application = applicationOf(database);
  if (application !== BACKUP_ID && application !== STORE_ID) throw noBackup(source);
  const schema = schemaOf(database);
  if (schema <= SCHEMA_VERSION) return application === BACKUP_ID;
  throw new StoreError(
    `${source} was made by a newer Millrace (schema ${schema}, this one knows up to ${SCHEMA_VERSION}): use that version.`,
  );
}

/** Makes a backup of the copy of a store. */
export function putLabel(database: Database, label: BackupLabel): void {
  database.run("CREATE TABLE backup (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT");
  for (const [name, value] of Object.entries(label)) {
    database.run("INSERT INTO backup (name, value) VALUES (?, ?)", [name, value]);
  }
  database.run(`PRAGMA application_id = ${BACKUP_ID}`);
}

export function readLabel(database: Database): BackupLabel {
  const rows = database.query<{ name: string; value: string }, []>(
    "SELECT name, value FROM backup",
  );
  const found = Object.fromEntries(rows.all().map(({ name, value }) => [name, value]));
  return { keys: found.keys ?? "", version: found.version ?? "", madeAt: found.madeAt ?? "" };
}

/** Makes the copy of a store of the backup again; of such a copy nothing else. */
export function removeLabel(database: Database): void {
  // The keys are not to be left in the pages that they lay in.
  database.run("PRAGMA secure_delete = ON");
  database.run("DROP TABLE IF EXISTS backup");
  database.run(`PRAGMA application_id = ${STORE_ID}`);
}

export function noBackup(source: string): StoreError {
  return new StoreError(`${source} is no backup of Millrace.`);
}
