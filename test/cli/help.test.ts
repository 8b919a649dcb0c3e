// The help is everywhere, and what it says works.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { parseArguments } from "../../src/cli/arguments.ts";
import { commands } from "../../src/cli/commands.ts";
import { millrace, millraceProcess, printed, temporaryDirectory } from "./millrace.ts";

describe("help is printed, and nothing else is done", () => {
  const rows: [string[], RegExp][] = [
    [[], /Usage: millrace COMMAND/],
    [["--help"], /Usage: millrace COMMAND/],
    [["-h"], /Usage: millrace COMMAND/],
    [["help"], /Usage: millrace COMMAND/],
    [["help", "--help"], /Usage: millrace COMMAND/],
    [["cache", "--help"], /Usage: millrace cache create NAME[\s\S]*Usage: millrace cache delete/],
    [["help", "token"], /Usage: millrace token create/],
    [["help", "cache", "create"], /Usage: millrace cache create NAME \[--retention-seconds/],
    [["cache", "create", "my-cache", "-h"], /Usage: millrace cache create NAME/],
    [["serve", "--port", "0", "--help"], /--http-port VALUE[\s\S]*MILLRACE_HTTP_PORT/],
    ...commands.map(({ name }): [string[], RegExp] => [
      [...name.split(" "), "--help"],
      new RegExp(`Usage: millrace ${name}[\\s\\S]*--config FILE[\\s\\S]*Examples:\n  .*millrace`),
    ]),
  ];
  test.each(rows)("%p", async (words, text) => {
    const { exitCode, stdout, stderr } = await millrace(words);
    expect(stdout).toMatch(text);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const prose = stdout.split("\n").filter((line) => !/ millrace /.test(line));
    expect(prose.filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("every command", () => {
  const examples = commands.flatMap((command) =>
    command.examples.map((example) => [example, command] as const),
  );
  test.each(examples)("can be used as its example says: %s", (example, command) => {
    const words = wordsOf(example);
    const start = words.indexOf("millrace") + 1;
    const end = words.findIndex((word, place) => place > start && /^[<>|]$/.test(word));
    const typed = words.slice(start, end < 0 ? undefined : end);
    const name = command.name.split(" ");
    expect(typed.slice(0, name.length)).toEqual(name);
    parseArguments(command, typed.slice(name.length));
  });

  test.each(commands)("$name takes --data and --config", (command) => {
    const operands = [command.operand, command.content].flatMap((one) => (one ? ["x"] : []));
    const { flags } = parseArguments(command, [...operands, "--data", "d", "--config", "f"]);
    expect({ ...flags }).toEqual({ data: "d", config: "f" });
  });

  test.each(commands)("$name has no flag that is a setting's as well", (command) => {
    const settings = command.settings.flatMap(({ flag, alias }) => [flag, alias ?? flag]);
    expect(command.flags.filter(({ name }) => settings.includes(name))).toEqual([]);
  });
});

test("the version is printed", async () => {
  expect(await printed("--version")).toBe(`Millrace ${packageJson.version}`);
  const whole = `Millrace ${packageJson.version} (source, Bun ${Bun.version})`;
  expect(await printed("version")).toBe(whole);
  const ended = await millraceProcess(["version"]);
  expect(ended).toEqual({ exitCode: 0, stdout: `${whole}\n`, stderr: "" });
});

test("the example file is a good configuration", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "example.toml");
  await Bun.write(file, await printed("config-example"));
  expect(await printed("check-config", "--config", file)).toBe("The configuration is good.");
});

function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? "");
}
