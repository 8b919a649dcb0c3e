// millrace service remove: takes the service away.

import type { Command } from "./command.ts";
import { thisMachine } from "./machine.ts";
import { removeService } from "./service.ts";
import { DATA_SETTING } from "./settings.ts";

export const serviceRemove: Command = {
  name: "service remove",
  summary: "Stops the service, and takes its unit away.",
  notes: ["The data and the user stay. Needs root."],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace service remove"],
  async run(_, terminal) {
    removeService(thisMachine);
    terminal.print("The service is gone; its data and its user are still there.");
  },
};
