// millrace user add: makes a user who logs in with an email address.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { needDirectory } from "./data-directory.ts";
import { EMAIL, requireEmailOperand } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";
import { DATA_FLAGS, dataOf } from "./user-json.ts";

export const userAdd: Command = {
  name: "user add",
  summary: "Makes a user who logs in with an email address and a password.",
  notes: [
    'The password is typed twice, or piped in as one line; it is never an argument, which others could see. The server lets these users in where [deepstream] auth names "email".',
  ],
  operand: EMAIL,
  flags: DATA_FLAGS,
  settings: DATA_SETTING,
  examples: [
    "millrace user add alice@example.com",
    `millrace user add alice@example.com --client-data '{"name":"Alice"}' --server-data '{"role":"admin"}'`,
  ],
  async run({ operand, flags, loadSettings }, terminal) {
    const email = requireEmailOperand(operand);
    const data = dataOf(flags);
    const settings = loadSettings();
    const password = await terminal.readPassword();
    needDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const id = await administration.addUser({ email, password, ...data });
    terminal.print(`The user ${email} is there now, with the id ${id}.`);
  },
};
