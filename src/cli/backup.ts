// millrace backup: copies all that the data directory remembers into one file.

import { join } from "node:path";
import { makeBackup, partialPath, writeBackup } from "../engine/sqlite/backup.ts";
import { version } from "../version.ts";
import type { Command, Terminal } from "./command.ts";
import { asDirectoryError, requireDirectory } from "./data-directory.ts";
import { CommandError, UsageError } from "./failures.ts";
import { DATA_SETTING } from "./settings.ts";

export const backup: Command = {
  name: "backup",
  summary: "Copies all that the data directory remembers into one file.",
  notes: [
    "It works while the server runs, which goes on writing and is not held up, and while it does not. What it copies is the state of one moment: caches, topics with their messages, records, users, revoked tokens, and the keys that sign tokens. The file holds secrets, and is for its owner only.",
    "The copy is checked before it gets its name, as millrace verify does. millrace restore makes a data directory of it, on any machine. What was interrupted leaves a file that ends in .partial, which can be deleted.",
  ],
  operand: {
    name: "DEST",
    isOptional: true,
    description: "The file to make. It must not exist: nothing is ever overwritten.",
  },
  flags: [
    {
      name: "stdout",
      description:
        "Writes it to standard output instead, for a pipe; until then it takes its space in the data directory.",
    },
  ],
  settings: DATA_SETTING,
  examples: [
    "millrace backup /backups/monday.millrace",
    "millrace backup --stdout | gzip > monday.millrace.gz",
    "millrace backup --stdout | ssh other-machine millrace restore - --data /var/lib/millrace",
  ],
  async run({ operand, flags, loadSettings }, terminal) {
    const toPipe = flags.stdout === true;
    if (toPipe === (operand !== "")) {
      throw new UsageError(
        "backup needs a file to make, or --stdout, as in: millrace backup /backups/monday.millrace",
      );
    }
    const directory = loadSettings().storage.data;
    requireDirectory(directory);
    try {
      if (toPipe) return await pipeBackup(directory, terminal);
      makeBackup(directory, operand, version);
    } catch (cause) {
      throw asDirectoryError(directory, cause);
    }
    terminal.print(`The backup ${operand} is there now, and was checked.`);
  },
};

async function pipeBackup(directory: string, terminal: Terminal): Promise<void> {
  if (terminal.isTerminal) {
    throw new UsageError("Standard output is a terminal: pipe the backup on, or name a file.");
  }
  using made = writeBackup(directory, partialPath(join(directory, "backup")), version);
  try {
    for await (const chunk of Bun.file(made.path).stream()) await terminal.writeBytes(chunk);
  } catch (cause) {
    throw new CommandError("Nobody took the backup to its end.", { cause });
  }
}
