// millrace compact: gives what the database does not use back to the disk.

import { compactStore } from "../engine/sqlite/compact.ts";
import { lockDirectory } from "../engine/sqlite/directory-lock.ts";
import type { Command } from "./command.ts";
import { asDirectoryError, requireDirectory, requireOwner } from "./data-directory.ts";
import { CommandError } from "./failures.ts";
import { DATA_SETTING } from "./settings.ts";

export const compact: Command = {
  name: "compact",
  summary: "Gives what the database does not use back to the disk, while no server runs.",
  notes: [
    "A running server gives space back by itself when more than a quarter of the file is free, down to a twentieth. This gives back all of it, and puts what belongs together side by side: it writes the database anew, beside the old one until the new one is checked, and so needs room on the disk for both.",
  ],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace compact", "millrace compact --data /var/lib/millrace"],
  async run({ loadSettings }, terminal) {
    const directory = loadSettings().storage.data;
    requireDirectory(directory);
    requireOwner(directory);
    try {
      using lock = lockDirectory(directory, 0);
      if (lock === undefined) throw inUse(directory);
      const { bytesBefore, bytesAfter } = compactStore(directory);
      terminal.print(`The database has ${bytesAfter} bytes now; it had ${bytesBefore}.`);
    } catch (cause) {
      throw asDirectoryError(directory, cause);
    }
  },
};

function inUse(directory: string): CommandError {
  return new CommandError(
    `The data directory ${directory} is in use by a running server, which gives space back by itself: stop it first.`,
  );
}
