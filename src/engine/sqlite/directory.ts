// The data directory and the files in it: for their owner only.

import { chmodSync, closeSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { StoreError } from "./store-error.ts";

/** Throws `StoreError` in the administrator's words. */
export function makeDirectory(directory: string): void {
  try {
    if (mkdirSync(directory, { recursive: true }) !== undefined) chmodSync(directory, 0o700);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`The data directory ${directory} cannot be made: ${reason}.`, { cause });
  }
}

/** Makes the file if it is not there. What SQLite makes beside a database gets the same mode. */
export function ownerOnly(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`The data directory cannot be written to: ${reason}.`, { cause });
  }
}

/** What an ordinary user may still write to the disk of the directory. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
