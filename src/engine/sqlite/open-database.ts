// Opens the database file, for the one who writes and for those who read.

import { Database } from "bun:sqlite";
import { join } from "node:path";
import { asStoreError, ownerOnly } from "./directory.ts";
import { migrate, requireKnown } from "./migrations.ts";

export type Durability = "full" | "normal";
/** Who copies the write-ahead log into the database: this server, or a program beside it. */
export type Checkpoint = "server" | "external";

const PAGE_BYTES = 4096;
const BUSY_MS = 10_000;
const WRITER_CACHE_KIB = 65_536;
const READER_CACHE_KIB = 32_768;
/** The messages of one topic lie in many pages: mapped, each costs no system call. As much as SQLite maps. */
const MAPPED_BYTES = 2_147_418_112;
/** 16 MiB: pages that are written again and again meanwhile are copied into the database once. */
const CHECKPOINT_PAGES = 4096;
const WAL_BYTES_KEPT = 67_108_864;
const UNOPENED = "The database in the data directory cannot be opened";

export function databaseFile(directory: string): string {
  return join(directory, "millrace.db");
}

/** The only connection that writes. `bytesMax` 0: no bound but the disk. */
export function openWriter(
  directory: string,
  durability: Durability,
  bytesMax: number,
  checkpoint: Checkpoint = "server",
): Database {
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
    const pages = checkpoint === "server" ? CHECKPOINT_PAGES : 0;
    database.run(`PRAGMA wal_autocheckpoint = ${pages}`);
    database.run(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
    migrate(database);
    // Afterwards, because a full database must be brought up to date as well.
    if (bytesMax > 0) {
      database.run(`PRAGMA max_page_count = ${Math.max(1, Math.floor(bytesMax / PAGE_BYTES))}`);
    }
    return database;
  } catch (cause) {
    database.close();
    throw asStoreError(UNOPENED, cause, directory);
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

/** Opens the store to look at it, beside whoever else does. Throws `StoreError`, also when this version does not know it. */
export function openStore(directory: string): Database {
  using opened = new DisposableStack();
  try {
    const database = opened.use(openReader(directory));
    requireKnown(database);
    opened.move();
    return database;
  } catch (cause) {
    throw asStoreError(UNOPENED, cause, directory);
  }
}

function open(
  directory: string,
  options: { readonly?: boolean; readwrite?: boolean; create?: boolean },
): Database {
  try {
    return new Database(databaseFile(directory), { ...options, strict: true });
  } catch (cause) {
    throw asStoreError(UNOPENED, cause, directory);
  }
}
