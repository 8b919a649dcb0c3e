// Makes sure that one process at a time writes to a data directory, even after a kill -9.

import { Database } from "bun:sqlite";
import { join } from "node:path";
import { asStoreError, hasCode, ownerOnly } from "./directory.ts";
import { requireLocal } from "./network-mount.ts";

/**
 * Holds the directory until disposed or until the process ends, however it ends: the operating
 * system keeps the lock. Waits up to `waitMs` for another holder; undefined when that one stays.
 * Throws `StoreError`.
 */
export function lockDirectory(directory: string, waitMs: number): Disposable | undefined {
  const file = join(directory, "lock.db");
  requireLocal(directory);
  ownerOnly(file);
  const database = new Database(file, { readwrite: true });
  try {
    database.run(`PRAGMA busy_timeout = ${waitMs}`);
    database.run("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (hasCode(cause, "SQLITE_BUSY")) return undefined;
    throw asStoreError("The data directory cannot be locked", cause, directory);
  }
  return { [Symbol.dispose]: () => database.close() };
}
