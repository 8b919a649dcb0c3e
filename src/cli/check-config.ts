// millrace check-config: says whether the server would start with these settings.

import { readUsers } from "../server/logins.ts";
import { readToken } from "../server/metrics-access.ts";
import type { Command } from "./command.ts";
import { everySetting } from "./settings.ts";

export const checkConfig: Command = {
  name: "check-config",
  summary: "Says everything that is wrong with the configuration, and starts nothing.",
  notes: ["It reads what millrace serve would with the same flags, environment and file."],
  flags: [],
  settings: everySetting(),
  isAboutListening: true,
  examples: ["millrace check-config --config /etc/millrace.toml"],
  async run({ loadSettings }, terminal) {
    const { deepstream, metrics } = loadSettings();
    if (deepstream.auth.includes("file")) readUsers(deepstream.file.path);
    if (metrics.token_file !== "") readToken(metrics.token_file);
    terminal.print("The configuration is good.");
  },
};
