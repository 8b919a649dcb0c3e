// millrace user remove: removes a user, whose tokens end with it.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { EMAIL, requireEmailOperand } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

export const userRemove: Command = {
  name: "user remove",
  summary: "Removes a user and ends every token of that user.",
  notes: [
    "Records that the user has written stay. A user added later with the same address is another, with another id.",
  ],
  operand: EMAIL,
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace user remove alice@example.com"],
  async run({ operand, loadSettings }, terminal) {
    const email = requireEmailOperand(operand);
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    await administration.removeUser(email);
    terminal.print(`The user ${email} was removed; every token of that user has ended.`);
  },
};
