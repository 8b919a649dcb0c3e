// millrace record delete: takes a record away, without telling anybody.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { RECORD_NAME } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

export const recordDelete: Command = {
  name: "record delete",
  summary: "Takes a record away, and tells nobody of it.",
  notes: ["Programs that have the record learn of it when millrace record notify tells them."],
  operand: RECORD_NAME,
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace record delete users/123"],
  async run({ operand, loadSettings }, terminal) {
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    await administration.removeRecord(operand);
    terminal.print(`The record ${operand} was deleted.`);
  },
};
