// README.md tells of the settings that there are.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { settingsTable } from "../../src/config/render.ts";

test("README.md has the table of settings as it is now (bun scripts/generate.ts writes it)", async () => {
  const readme = await Bun.file(join(import.meta.dir, "../../README.md")).text();
  expect(readme).toContain(settingsTable().trim());
});
