// Writes what follows from the source: README.md's table of settings, and the unit for packagers.

import { join } from "node:path";
import { settingsTable } from "../src/config/render.ts";
import { PACKAGED, renderUnit } from "../src/systemd/unit.ts";

const root = join(import.meta.dir, "..");
const readme = join(root, "README.md");
await Bun.write(readme, withSettings(await Bun.file(readme).text()));
await Bun.write(join(root, "scripts/systemd/millrace.service"), renderUnit(PACKAGED));

function withSettings(text: string): string {
  const section = /(<!-- settings:[^\n]*-->\n)[\s\S]*?(<!-- \/settings -->)/;
  return text.replace(section, (_, begin: string, end: string) => {
    return `${begin}${settingsTable().trim()}\n${end}`;
  });
}
