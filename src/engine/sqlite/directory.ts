// The data directory and the files in it: for their owner only.

import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statfsSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { StoreError } from "./store-error.ts";

/** Leaves one that is there as it is. Throws `StoreError` in the administrator's words. */
export function makeDirectory(directory: string): void {
  try {
    if (mkdirSync(directory, { recursive: true }) !== undefined) chmodSync(directory, 0o700);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`The data directory ${directory} cannot be made: ${reason}.`, { cause });
  }
  isDirectory(directory);
}

/** Whether there is such a directory. Throws `StoreError` when it is not for this user to look into. */
export function isDirectory(directory: string): boolean {
  try {
    // What is in it is found only by who may look into it.
    return statSync(`${directory}/.`, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    if (hasCode(cause, "ENOTDIR")) return false;
    if (!hasCode(cause, "EACCES")) throw cause;
    throw new StoreError(
      `The data directory ${directory} is closed to this user: run the command as its owner, as with sudo -u millrace.`,
      { cause },
    );
  }
}

/**
 * Throws `StoreError` when the user, if the system has such ids, is not whose keys are in the directory:
 * what root makes in it, the server of its owner could not read, nor can anybody else work in it.
 */
export function requireOwner(directory: string, userId: number): void {
  const keys = statSync(join(directory, "keys.json"), { throwIfNoEntry: false });
  const owner = (keys ?? statSync(directory)).uid;
  if (userId < 0 || userId === owner || (userId !== 0 && keys === undefined)) return;
  throw new StoreError(
    `The data directory ${directory} belongs to the user with the id ${owner}: run the command as that user, as with sudo -u '#${owner}'.`,
  );
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

/** Returns when what was written to the file is on disk. */
export function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes a new or renamed name in the directory durable. Windows cannot open directories and needs not. */
export function syncDirectory(directory: string): void {
  let file: number;
  try {
    file = openSync(directory, "r");
  } catch (cause) {
    if (hasCode(cause, "EISDIR") || hasCode(cause, "EPERM") || hasCode(cause, "EACCES")) return;
    throw cause;
  }
  try {
    fsyncSync(file);
  } catch (cause) {
    if (!hasCode(cause, "EPERM")) throw cause;
  } finally {
    closeSync(file);
  }
}

/** Whether it is what the operating system calls by that code. */
export function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && "code" in cause && cause.code === code;
}

/**
 * What the operating system or SQLite says, as a sentence that begins with `what`; anything else as it
 * is. With a directory, what fails for its disk says how much room there is on it.
 */
export function asStoreError(what: string, cause: unknown, directory?: string): unknown {
  if (cause instanceof StoreError || !(cause instanceof Error) || !("code" in cause)) return cause;
  const isOfDisk = directory !== undefined && /^SQLITE_(FULL|IOERR)/.test(String(cause.code));
  const room = isOfDisk ? `, with ${freeBytes(directory)} bytes of its disk free` : "";
  return new StoreError(`${what}: ${cause.message}${room}.`, { cause });
}
