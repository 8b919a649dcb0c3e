// millrace service install: makes the executable a service of systemd.

import { renderUnit } from "../systemd/unit.ts";
import type { Command } from "./command.ts";
import { thisMachine } from "./machine.ts";
import { installService, planService, requireSeen } from "./service.ts";
import { DATA_SETTING } from "./settings.ts";

export const serviceInstall: Command = {
  name: "service install",
  summary: "Makes this executable a service of systemd, and starts it.",
  notes: [
    "It makes a system user where there is none, writes /etc/systemd/system/millrace.service, and has systemd start it now and whenever the machine does. Data are kept in /var/lib/millrace unless --data or the configuration file says otherwise. Needs root.",
    "The settings of the service are those of the configuration file: the environment of this command is not that of the service. systemctl edit millrace adds to the unit.",
  ],
  flags: [
    {
      name: "user",
      value: "NAME",
      description: "The user that it runs as, millrace unless given; never root.",
    },
    { name: "dry-run", description: "Prints the unit and does nothing, on any machine." },
  ],
  settings: DATA_SETTING,
  isAboutListening: true,
  examples: [
    "millrace service install",
    "millrace service install --config /etc/millrace/millrace.toml",
    "millrace service install --user topics --data /srv/topics --dry-run",
  ],
  async run({ flags }, terminal) {
    const { "dry-run": isDryRun, ...asked } = flags;
    const service = planService(asked, terminal.executable);
    requireSeen(service);
    if (isDryRun === true) return terminal.print(renderUnit(service).trimEnd());
    installService(thisMachine, service);
    terminal.print(
      `The service runs as the user ${service.user}, with its data in ${service.data}.`,
    );
  },
};
