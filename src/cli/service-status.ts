// millrace service status: says whether the service runs.

import type { Command } from "./command.ts";
import { thisMachine } from "./machine.ts";
import { describeService } from "./service.ts";
import { DATA_SETTING } from "./settings.ts";

export const serviceStatus: Command = {
  name: "service status",
  summary: "Says whether the service runs, and what it says of itself.",
  notes: ["Where it does not run, the command fails."],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace service status"],
  async run(_, terminal) {
    terminal.print(describeService(thisMachine));
  },
};
