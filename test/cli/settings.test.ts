// Where the files are that belong to the configuration.

import { afterAll, expect, test } from "bun:test";
import { join, relative } from "node:path";
import { readSettings } from "../../src/cli/settings.ts";
import { temporaryDirectory } from "./millrace.ts";

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const rows: [string, string, Record<string, string>, Record<string, string>, string][] = [
  ["the file's directory, by default", "", {}, {}, join(directory.path, "users.yml")],
  ["the file's directory", "path = 'a/b.yml'", {}, {}, join(directory.path, "a/b.yml")],
  ["above the file's directory", "path = '../b.yml'", {}, {}, join(directory.path, "../b.yml")],
  ["where an absolute path says", "path = '/b.yml'", {}, {}, "/b.yml"],
  [
    "the working directory, from the environment",
    "path = 'b.yml'",
    { MILLRACE_DEEPSTREAM_FILE_PATH: "c.yml" },
    {},
    "c.yml",
  ],
  [
    "the working directory, from a flag",
    "path = 'b.yml'",
    {},
    { "deepstream-file-path": "d.yml" },
    "d.yml",
  ],
];

test.each(rows)("the users file lies in %s", async (_, line, environment, flags, path) => {
  const file = join(directory.path, "millrace.toml");
  await Bun.write(file, `[deepstream.file]\n${line}\n`);
  const read = (config: string) => readSettings({ ...flags, config }, environment);
  expect(read(file).deepstream.file.path).toBe(path);
  expect(read(relative("", file)).deepstream.file.path).toBe(path);
});

test("without a file, the users file lies in the working directory", () => {
  expect(readSettings({}, {}).deepstream.file.path).toBe("users.yml");
});

test("other paths stay relative to the working directory", async () => {
  const config = join(directory.path, "data.toml");
  await Bun.write(config, "[storage]\ndata = 'd'\n");
  const { storage, deepstream } = readSettings({ config }, {});
  expect(storage.data).toBe("d");
  expect(deepstream.permissions).toBe("");
});
