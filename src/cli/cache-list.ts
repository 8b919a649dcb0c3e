// millrace cache list: shows the caches, one a line.

import { openAdministration } from "./administration.ts";
import type { CacheJson } from "./cache-json.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { DATA_SETTING } from "./settings.ts";

export const cacheList: Command = {
  name: "cache list",
  summary: "Shows the caches, one a line, in order of their names.",
  notes: [
    "A line has the name, the topics, the stored bytes, the polls that wait, and when the cache was made. Nothing is printed when there are none.",
  ],
  flags: [
    {
      name: "json",
      description:
        'Prints one object instead, {"caches": […]}, with the retention and limits of each as well, as GET /caches answers.',
    },
  ],
  settings: DATA_SETTING,
  examples: ["millrace cache list", "millrace cache list --json"],
  async run({ flags, loadSettings }, terminal) {
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const caches = await administration.listCaches();
    if (flags.json === true) terminal.print(JSON.stringify({ caches }));
    else if (caches.length > 0) terminal.print(tableOf(caches));
  },
};

function tableOf(caches: readonly CacheJson[]): string {
  const rows = caches.map((cache) => [
    cache.name,
    `${cache.topics} topics`,
    `${cache.bytes} bytes`,
    `${cache.waiters} waiters`,
    `created ${new Date(cache.created_at).toISOString()}`,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Figures end in line, words begin so. */
function pad(cell: string, width: number, column: number): string {
  const space = " ".repeat(width - Bun.stringWidth(cell));
  return column >= 1 && column <= 3 ? space + cell : cell + space;
}
