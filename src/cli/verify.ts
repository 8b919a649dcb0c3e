// millrace verify: holds the store against all that must be true of it.

import { inspectBackup, inspectStore } from "../engine/sqlite/inspection.ts";
import { type Command, textOf } from "./command.ts";
import { asDirectoryError, requireDirectory, requireFile } from "./data-directory.ts";
import { CommandError } from "./failures.ts";
import { DATA_SETTING } from "./settings.ts";

export const verify: Command = {
  name: "verify",
  summary: "Checks the database, its keys, and that what it holds fits together.",
  notes: [
    "It checks the file itself, that the numbers of every topic are contiguous, pages, versions, counts of messages and bytes, records and users, and lists what is wrong, at most a hundred problems. It reads everything and changes nothing, while the server runs and while it does not.",
  ],
  flags: [
    {
      name: "backup",
      value: "FILE",
      description: "Checks this backup instead of the data directory.",
    },
  ],
  settings: DATA_SETTING,
  examples: ["millrace verify", "millrace verify --backup /backups/monday.millrace"],
  async run({ flags, loadSettings }, terminal) {
    const file = textOf(flags, "backup");
    const settings = loadSettings();
    const { problems, contents } =
      file === undefined ? lookAtStore(settings.storage.data) : lookAtBackup(file);
    const what =
      file === undefined ? `The store in ${settings.storage.data}` : `The backup ${file}`;
    for (const problem of problems) terminal.complain(problem);
    if (problems.length > 0) throw new CommandError(`${what} is not sound.`);
    terminal.print(`${what} is sound: ${contents}.`);
  },
};

function lookAtStore(directory: string) {
  requireDirectory(directory);
  try {
    return inspectStore(directory);
  } catch (cause) {
    throw asDirectoryError(directory, cause);
  }
}

function lookAtBackup(file: string) {
  requireFile(file);
  return inspectBackup(file);
}
