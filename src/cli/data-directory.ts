// Looks at the data directory before a command works in it, and says in one sentence why it cannot.

import { statSync } from "node:fs";
import { userInfo } from "node:os";
import {
  isDirectory,
  makeDirectory,
  requireOwner as requireOwnerOf,
} from "../engine/sqlite/directory.ts";
import { CommandError } from "./failures.ts";

/** For commands that make what is missing. */
export function needDirectory(directory: string): void {
  makeDirectory(directory);
}

/** For commands that have nothing to do where nothing is: a wrong --data should not go unnoticed. */
export function requireDirectory(directory: string): void {
  if (isDirectory(directory)) return;
  throw new CommandError(
    `There is no data directory ${directory}; --data names it, and millrace serve makes it.`,
  );
}

/** For commands that read a file; a pipe will do as well. */
export function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandError(`There is no file ${path}.`);
  if (found.isDirectory()) throw new CommandError(`${path} is a directory; a file is needed.`);
}

/** Throws `StoreError` when the directory is another user's. */
export function requireOwner(directory: string): void {
  requireOwnerOf(directory, userInfo().uid);
}

/** Turns what the operating system or SQLite says into a sentence about the directory. */
export function asDirectoryError(directory: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !("code" in cause)) return cause;
  return new CommandError(`The data directory ${directory} cannot be used: ${cause.message}.`, {
    cause,
  });
}
