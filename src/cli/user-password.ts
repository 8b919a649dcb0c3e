// millrace user password: gives a user another password.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { EMAIL, requireEmailOperand } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

export const userPassword: Command = {
  name: "user password",
  summary: "Gives a user another password and ends every token of that user.",
  notes: ["The password is typed twice, or piped in as one line; it is never an argument."],
  operand: EMAIL,
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace user password alice@example.com"],
  async run({ operand, loadSettings }, terminal) {
    const email = requireEmailOperand(operand);
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    const password = await terminal.readPassword();
    await using administration = await openAdministration(settings);
    await administration.setPassword(email, password);
    terminal.print(`The user ${email} has another password; every token made until now has ended.`);
  },
};
