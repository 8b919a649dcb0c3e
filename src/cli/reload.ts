// millrace reload: has the running server take up what may change while it runs.

import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { CommandError } from "./failures.ts";
import { reloadRemote } from "./remote-administration.ts";
import { DATA_SETTING } from "./settings.ts";

export const reload: Command = {
  name: "reload",
  summary: "Has the running server read anew what may change while it runs.",
  notes: [
    "That is the log level, the certificate and its key, the users of a file, the permission rules, and the token of the metrics, by the configuration file, environment and flags that the server was started with. What cannot be used stays as it was, and the command fails and says why. No connection ends by it and no poll. SIGHUP does the same, with the outcome in the server's log only.",
  ],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace reload"],
  async run({ loadSettings }, terminal) {
    const directory = loadSettings().storage.data;
    requireDirectory(directory);
    const answer = await reloadRemote(directory);
    if (answer === undefined) {
      throw new CommandError(`No server is running on the data directory ${directory}.`);
    }
    const { reloaded, failed, restart } = answer;
    if (reloaded.length > 0) terminal.print(`Reloaded: ${reloaded.join(", ")}.`);
    if (restart.length > 0) {
      terminal.print(`These have changed and take effect after a restart: ${restart.join(", ")}.`);
    }
    if (failed.length === 0) return;
    const reasons = failed.map(({ name, reason }) => `${name}: ${reason}`);
    throw new CommandError(`The old stay in force. ${reasons.join(" ")}`);
  },
};
