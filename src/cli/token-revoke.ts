// millrace token revoke: ends the tokens of an id.

import { isTokenId, TOKEN_ID_RULE } from "../core/names.ts";
import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { shown, UsageError } from "./failures.ts";
import { DATA_SETTING } from "./settings.ts";

export const tokenRevoke: Command = {
  name: "token revoke",
  summary: "Ends every token of an id that was made until now, and those minted from them.",
  notes: [
    "Polls that wait on such a token end with 401. A token made later with the same id is good again.",
  ],
  operand: {
    name: "ID",
    description:
      "What millrace token create --id named it; otherwise the claim jti, which is in the middle part of the JWT; of another identity provider's tokens, the claim jti or sub.",
  },
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace token revoke sensor-7"],
  async run({ operand, loadSettings }, terminal) {
    const id = requireIdOperand(operand);
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    await administration.revokeToken(id);
    terminal.print(`Every token with the id ${id} that was made until now is revoked.`);
  },
};

function requireIdOperand(id: string): string {
  if (isTokenId(id)) return id;
  throw new UsageError(`${shown(id)} cannot be the id of a token (allowed: ${TOKEN_ID_RULE}).`);
}
