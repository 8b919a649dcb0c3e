// Opens the database file, for the one who writes and for those who read.

import { Database } from "bun:sqlite";
import { join } from "node:path";
import { asStoreError, ownerOnly } from "./directory.ts";
import { migrate, requireKnown } from "./migrations.ts";

export type Durability = "full" | "normal";

const UNUSABLE = "The database in the data directory cannot be opened";
const PAGE_BYTES = 4096;
const BUSY_MS = 10_000;
const WRITER_CACHE_KIB = 65_536;
const READER_CACHE_KIB = 32_768;
/** The messages of one topic lie in many pages: mapped, each costs no system call. As much as SQLite maps. */
const MAPPED_BYTES = 2_147_418_112;
/** 16 MiB: pages that are written again and again meanwhile are copied into the database once. */
const CHECKPOINT_PAGES = 4096;
const WAL_BYTES_KEPT = 67_108_864;

function databaseFile(directory: string): string {
  return join(directory, "millrace.db");
}

/** The only connection that writes. `bytesMax` 0: no bound but the disk. */
export function openWriter(directory: string, durability: Durability, bytesMax: number): Database {
  ownerOnly(databaseFile(directory));
  const database = open(directory, { readwrite: true, create: true });
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    requireKnown(database);
    // Works only before the first table is made.
    database.run("PRAGMA auto_vacuum = INCREMENTAL");
    database.run("PRAGMA journal_mode = WAL");
    database.run(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    database.run(`PRAGMA cache_size = -${WRITER_CACHE_KIB}`);
    database.run(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`);
    database.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.run(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
    migrate(database);
    // Afterwards, because a full database must be brought up to date as well.
    if (bytesMax > 0) {
      database.run(`PRAGMA max_page_count = ${Math.max(1, Math.floor(bytesMax / PAGE_BYTES))}`);
    }
    return database;
  } catch (cause) {
    database.close();
    throw asStoreError(UNUSABLE, directory, cause);
  }
}

/** The file must exist. */
export function openReader(directory: string): Database {
  const database = open(directory, { readonly: true });
  database.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
  database.run(`PRAGMA cache_size = -${READER_CACHE_KIB}`);
  database.run(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
  return database;
}

function open(
  directory: string,
  options: { readonly?: boolean; readwrite?: boolean; create?: boolean },
): Database {
  try {
    return new Database(databaseFile(directory), { ...options, strict: true });
  } catch (cause) {
    throw asStoreError(UNUSABLE, directory, cause);
  }
}
