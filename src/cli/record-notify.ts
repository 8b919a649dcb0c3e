// millrace record notify: tells the subscribers of a record what it holds now.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { RECORD_NAME } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

export const recordNotify: Command = {
  name: "record notify",
  summary: "Tells the programs that have a record what it holds now, or that it is gone.",
  notes: ["Without a running server there is nobody to tell, and nothing happens."],
  operand: RECORD_NAME,
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace record notify users/123"],
  async run({ operand, loadSettings }, terminal) {
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    await administration.notifyRecord(operand);
    terminal.print(`Who subscribes to the record ${operand} is told what it is now.`);
  },
};
