// millrace config-example: prints a configuration file to begin with.

import { exampleFile } from "../config/render.ts";
import type { Command } from "./command.ts";
import { DATA_SETTING } from "./settings.ts";

export const configExample: Command = {
  name: "config-example",
  summary: "Prints a configuration file with every setting, its default and what it does.",
  notes: ["It changes nothing until the # before a setting is removed."],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace config-example > millrace.toml"],
  async run(_, terminal) {
    terminal.print(exampleFile().trimEnd());
  },
};
