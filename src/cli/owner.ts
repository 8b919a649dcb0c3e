// Whoever can read the keys in the data directory, and so may do everything.

import type { Settings } from "../config/schema.ts";
import { type Audit, COMMAND_LINE } from "../core/access/audit.ts";
import type { Principal } from "../core/access/principal.ts";
import { openAudit } from "../server/audit.ts";
import { systemClock } from "../server/system-clock.ts";
import { CommandError } from "./failures.ts";

export const OWNER: Principal = {
  ids: [COMMAND_LINE],
  keyId: COMMAND_LINE,
  name: undefined,
  admin: true,
  permissions: [],
  expiresAt: undefined,
};

/** Of what a command does by itself: in the file that the settings name, or nowhere. */
export function auditOf(settings: Settings): Audit {
  return openAudit(settings, systemClock, {
    onEntry: () => {},
    onFault: (cause) => {
      throw new CommandError(`It was done, but the audit file does not say so: ${String(cause)}.`);
    },
  });
}
