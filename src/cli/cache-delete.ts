// millrace cache delete: deletes a cache with all its topics.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { CACHE_NAME, requireNameOperand } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

export const cacheDelete: Command = {
  name: "cache delete",
  summary: "Deletes a cache with all its topics and messages.",
  notes: ["Polls that wait for its topics end with 404 Cache not found."],
  operand: CACHE_NAME,
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace cache delete my-cache"],
  async run({ operand, loadSettings }, terminal) {
    const name = requireNameOperand("cache", operand);
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    await administration.deleteCache(name);
    terminal.print(`The cache ${name} was deleted.`);
  },
};
