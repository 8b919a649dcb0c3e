// millrace version: says which version this is.

import { commit, version as number } from "../version.ts";
import type { Command } from "./command.ts";
import { DATA_SETTING } from "./settings.ts";

export const version: Command = {
  name: "version",
  summary: "Prints the version of Millrace, the commit it was built from, and the version of Bun.",
  notes: [],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace version"],
  async run(_, terminal) {
    terminal.print(`Millrace ${number} (${commit}, Bun ${Bun.version})`);
  },
};
