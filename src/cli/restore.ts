// millrace restore: makes a data directory of a backup.

import { existsSync } from "node:fs";
import { lockDirectory } from "../engine/sqlite/directory-lock.ts";
import { putInPlace, receiveBackup, requireEmpty } from "../engine/sqlite/restore.ts";
import type { Command, Terminal } from "./command.ts";
import { asDirectoryError, needDirectory, requireFile, requireOwner } from "./data-directory.ts";
import { CommandError } from "./failures.ts";
import { DATA_SETTING } from "./settings.ts";

export const restore: Command = {
  name: "restore",
  summary: "Makes a data directory of a backup, in an empty or a new directory.",
  notes: [
    "The backup is verified before anything is put in place, and then all of it is, or nothing. Where there are data already, and over a running server, it refuses.",
    "Tokens stay good; those revoked after the backup was made are good again, unless millrace key rotate --revoke-old ends all. Every topic gets a new sequence page, so that subscribers who have seen more than the backup are told of the discontinuity.",
    "It also takes the copy of a database without its keys, such as litestream makes, or Millrace before an upgrade (millrace.db.before-…): put keys.json into the data directory first.",
  ],
  operand: { name: "SRC", description: "The file; - is standard input." },
  flags: [],
  settings: DATA_SETTING,
  examples: [
    "millrace restore /backups/monday.millrace --data /var/lib/millrace",
    "gunzip < monday.millrace.gz | millrace restore -",
  ],
  async run({ operand, loadSettings }, terminal) {
    const source = operand === "-" ? "Standard input" : operand;
    const chunks = openSource(operand, terminal);
    const directory = loadSettings().storage.data;
    needDirectory(directory);
    requireOwner(directory);
    try {
      using lock = lockDirectory(directory, 0);
      if (lock === undefined) throw inUse(directory);
      requireEmpty(directory);
      using received = await receiveBackup(directory, source, chunks);
      putInPlace(directory, source, received);
    } catch (cause) {
      throw asDirectoryError(directory, cause);
    }
    terminal.print(`The data directory ${directory} has what was in the backup now.`);
  },
};

function openSource(path: string, terminal: Terminal): AsyncIterable<Uint8Array> {
  if (path === "-") return terminal.readBytes();
  requireFile(path);
  if (existsSync(`${path}-wal`)) {
    throw new CommandError(
      `${path} has a log beside it (${path}-wal), so it is a database in use: millrace backup makes a backup of one.`,
    );
  }
  return Bun.file(path).stream();
}

function inUse(directory: string): CommandError {
  return new CommandError(
    `The data directory ${directory} is in use by a running server: stop it first, or restore into another directory.`,
  );
}
