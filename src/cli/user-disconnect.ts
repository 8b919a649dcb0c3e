// millrace user disconnect: ends the WebSocket connections of a user.

import { isUserId, USER_ID_RULE } from "../core/access/user.ts";
import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { shown, UsageError } from "./failures.ts";
import { DATA_SETTING } from "./settings.ts";

export const userDisconnect: Command = {
  name: "user disconnect",
  summary: "Ends the WebSocket connections of a user.",
  notes: [
    "The user's programs connect again at once and log in as before, where they still can: to keep a user out, end the tokens as well, by millrace token revoke user:ID, or remove the user.",
  ],
  operand: {
    name: "ID",
    description: `The id of the user, as millrace user list shows it or as the user logged in (${USER_ID_RULE}).`,
  },
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace user disconnect alice"],
  async run({ operand: id, loadSettings }, terminal) {
    if (!isUserId(id)) {
      throw new UsageError(`${shown(id)} cannot be the id of a user (allowed: ${USER_ID_RULE}).`);
    }
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const count = await administration.disconnectUser(id);
    terminal.print(sentence(count, id));
  },
};

function sentence(count: number, id: string): string {
  if (count === 0) return `The user ${id} has no connection.`;
  return count === 1
    ? `1 connection of the user ${id} was ended.`
    : `${count} connections of the user ${id} were ended.`;
}
