// What is written down about the settings, and that it is complete.

import { expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { flagOptions } from "../../src/config/flags.ts";
import { loadSettings } from "../../src/config/load.ts";
import { exampleFile, settingsHelp, settingsTable } from "../../src/config/render.ts";
import { Settings } from "../../src/config/schema.ts";
import { listSettings } from "../../src/config/setting.ts";
import { faults } from "../../src/config/value.ts";

const settings = listSettings(Settings);
const defaults = loadSettings({ environment: {}, flags: {} });

test("every setting has a description, a default that it allows, and integers have bounds", () => {
  for (const { schema, key, description } of settings) {
    expect([key, description]).toEqual([key, expect.stringMatching(/^.{10,}\.$/)]);
    expect([key, faults(schema, schema.default)]).toEqual([key, []]);
    if (schema.type === "integer") {
      expect([key, schema.minimum, schema.maximum]).toEqual([
        key,
        expect.any(Number),
        expect.any(Number),
      ]);
    }
  }
});

test("no two settings share a variable or a flag", () => {
  const variables = settings.map((setting) => setting.environment);
  expect(new Set(variables).size).toBe(settings.length);
  const aliases = settings.filter((setting) => setting.alias !== undefined);
  expect(Object.keys(flagOptions()).length).toBe(settings.length + aliases.length);
});

test("the names that people type often have short flags", () => {
  expect(Object.keys(flagOptions())).toEqual(
    expect.arrayContaining(["host", "port", "region", "data"]),
  );
});

test("the example file changes nothing as it is, nor with every line of it in effect", () => {
  const example = exampleFile();
  expect(loadSettings({ fileText: example, environment: {}, flags: {} })).toEqual(defaults);
  const inEffect = example.replaceAll(/^#(?=\w)/gm, "");
  expect(loadSettings({ fileText: inEffect, environment: {}, flags: {} })).toEqual(defaults);
  const given = inEffect.match(/^\w+ = /gm) ?? [];
  expect(given.length).toBe(settings.length);
});

test("the example file fits into 80 columns", () => {
  expect(
    exampleFile()
      .split("\n")
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

test("the help and the table name every setting, variable, flag and default", () => {
  const help = settingsHelp();
  const rows = settingsTable().trim().split("\n");
  expect(rows.length).toBe(settings.length + 2);
  settings.forEach((setting, index) => {
    const row = rows[index + 2] ?? "";
    for (const part of [
      setting.key,
      setting.environment,
      `--${setting.flag}`,
      JSON.stringify(setting.schema.default),
    ]) {
      expect(row).toContain(`\`${part}\``);
    }
    expect(row.split("|").length).toBe(7);
    const value = setting.schema.type === "boolean" ? "" : " VALUE";
    expect(help).toContain(`--${setting.flag}${value}\n`);
    expect(help).toContain(setting.environment);
  });
});

test("sections in sections and switches are written down as well", () => {
  const on = Type.Boolean({ default: true, description: "Whether it is on." });
  const http = Type.Object({ on }, { description: "Deep." });
  const schema = Type.Object({ deepstream: Type.Object({ http, on }) });
  expect(exampleFile(schema)).toEndWith(
    [
      "",
      "[deepstream]",
      "",
      "# Whether it is on. Allowed: true or false.",
      "#on = true",
      "",
      "# Deep.",
      "[deepstream.http]",
      "",
      "# Whether it is on. Allowed: true or false.",
      "#on = true",
      "",
    ].join("\n"),
  );
  expect(settingsHelp(listSettings(schema))).toContain("  --deepstream-http-on\n");
});
