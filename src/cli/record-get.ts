// millrace record get: shows what a record holds.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { RECORD_NAME } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

export const recordGet: Command = {
  name: "record get",
  summary: "Prints the data of a record, as JSON in one line.",
  notes: [],
  operand: RECORD_NAME,
  flags: [{ name: "json", description: 'Prints one object instead, {"version": …, "data": …}.' }],
  settings: DATA_SETTING,
  examples: ["millrace record get users/123", "millrace record get users/123 --json"],
  async run({ operand, flags, loadSettings }, terminal) {
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const { version, data } = await administration.readRecord(operand);
    terminal.print(JSON.stringify(flags.json === true ? { version, data } : data));
  },
};
