// Writes what follows from the source into README.md: the table of settings.

import { join } from "node:path";
import { settingsTable } from "../src/config/render.ts";

const readme = join(import.meta.dir, "..", "README.md");
await Bun.write(readme, withSettings(await Bun.file(readme).text()));

function withSettings(text: string): string {
  const section = /(<!-- settings:[^\n]*-->\n)[\s\S]*?(<!-- \/settings -->)/;
  return text.replace(section, (_, begin: string, end: string) => {
    return `${begin}${settingsTable().trim()}\n${end}`;
  });
}
