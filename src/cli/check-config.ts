// millrace check-config: says whether the server would start with these settings.

import { doubtOf, readCertificate } from "../server/certificate-file.ts";
import { readUsers } from "../server/logins.ts";
import { readToken } from "../server/metrics-access.ts";
import { readRules } from "../server/rules.ts";
import { systemClock } from "../server/system-clock.ts";
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
    const settings = loadSettings();
    const { deepstream, http, metrics } = settings;
    if (deepstream.auth.includes("file")) readUsers(deepstream.file.path);
    if (metrics.token_file !== "") readToken(metrics.token_file);
    const doubts: string[] = [];
    if (http.tls.certificate !== "") {
      const doubt = doubtOf(readCertificate(http.tls), http.tls.certificate, systemClock.now());
      if (doubt !== undefined) doubts.push(doubt);
    }
    const { warnings } = await readRules(settings, systemClock);
    for (const warning of [...doubts, ...warnings]) {
      terminal.complain(`millrace: warning: ${warning}`);
    }
    terminal.print("The configuration is good.");
  },
};
