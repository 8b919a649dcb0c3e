// millrace key rotate: makes a new key to sign tokens with.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { DATA_SETTING } from "./settings.ts";

export const keyRotate: Command = {
  name: "key rotate",
  summary: "Makes a new key, with which tokens are signed from now on.",
  notes: ["Tokens that older keys have signed stay good until they expire, unless --revoke-old."],
  flags: [
    {
      name: "revoke-old",
      description:
        "Forgets the older keys, which ends every token made until now; polls that wait on one end with 401.",
    },
  ],
  settings: DATA_SETTING,
  examples: ["millrace key rotate", "millrace key rotate --revoke-old"],
  async run({ flags, loadSettings }, terminal) {
    const settings = loadSettings();
    const revokeOld = flags["revoke-old"] === true;
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const keyId = await administration.rotateKeys(revokeOld);
    const old = revokeOld ? "every token made until now has ended" : "older tokens stay good";
    terminal.print(`Tokens are signed with the key ${keyId} from now on; ${old}.`);
  },
};
