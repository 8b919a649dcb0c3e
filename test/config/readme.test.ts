// README.md tells of the settings that there are.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import { settingsTable } from "../../src/config/render.ts";

const readme = await Bun.file(join(import.meta.dir, "../../README.md")).text();

test("README.md has the table of settings as it is now (bun scripts/generate.ts writes it)", () => {
  expect(readme).toContain(settingsTable().trim());
});

test("the configurations shown in README.md are good", () => {
  const examples = Array.from(readme.matchAll(/^```toml\n([\s\S]*?)^```/gm), ([, text]) => text);
  expect(examples.length).toBeGreaterThan(0);
  for (const fileText of examples) {
    expect(loadSettings({ fileText, environment: {}, flags: {} })).toHaveProperty("settings");
  }
});
