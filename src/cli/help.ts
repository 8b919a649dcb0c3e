// What --help prints: for the program, for a group of commands and for one command.

import { settingsHelp } from "../config/render.ts";
import { version } from "../version.ts";
import { CONFIG_FLAG } from "./arguments.ts";
import type { Command, Flag } from "./command.ts";
import { EXIT_CONFIGURATION, EXIT_FAILED, EXIT_USAGE } from "./failures.ts";

const WIDTH = 80;

export const ON_EVERY_COMMAND =
  "Every command takes --data DIR (the data directory) and --config FILE (the configuration file). Those on caches, users, tokens and keys work while the server runs, which heeds them at once, and while it does not.";
export const ON_EXIT_STATUS = `0 when all is well, ${EXIT_FAILED} when the work could not be done, ${EXIT_USAGE} when the command line is wrong, ${EXIT_CONFIGURATION} when the configuration is; each with its reason on standard error.`;

export function programHelp(commands: readonly Command[]): string {
  return join([
    `Millrace ${version}: durable topics over HTTP in one executable.`,
    "Usage: millrace COMMAND [FLAGS]",
    `Commands:\n${summaries([
      ...commands,
      { name: "help COMMAND", summary: "Tells how a command is used; so does --help after it." },
    ])}`,
    wrap(ON_EVERY_COMMAND),
    examples([
      "millrace serve --dev",
      "millrace cache create my-cache",
      "millrace token create --cache my-cache --topic '*' --role both",
      "millrace help serve",
    ]),
    wrap(`Exit status: ${ON_EXIT_STATUS}`),
  ]);
}

export function groupHelp(group: string, commands: readonly Command[]): string {
  return join([
    commands.map((command) => `Usage: ${hang(usageParts(command))}`).join("\n"),
    `Commands:\n${summaries(commands)}`,
    `millrace help ${group} COMMAND tells more.`,
    examples(commands.flatMap((command) => command.examples.slice(0, 1))),
  ]);
}

export function commandHelp(command: Command): string {
  const { operand, content, flags, settings } = command;
  return join([
    wrap(command.summary),
    `Usage: ${hang(usageParts(command))}`,
    ...command.notes.map((note) => wrap(note)),
    ...[operand, content].flatMap((one) =>
      one === undefined ? [] : [`${one.name}\n${wrap(one.description, "      ")}`],
    ),
    `Flags:\n${[...flags, CONFIG_FLAG, HELP_FLAG].map(describeFlag).join("\n")}`,
    ...(settings.length === 0 ? [] : [settingsHelp(settings).trimEnd()]),
    examples(command.examples),
  ]);
}

const HELP_FLAG: Flag = { name: "help, -h", description: "Prints this." };

/** The command line with all that it may have, apart from the long names of settings. */
export function usageParts(command: Command): readonly string[] {
  const operand = [command.operand, command.content].map((one) => {
    if (one === undefined) return "";
    return one.isOptional === true ? ` [${one.name}]` : ` ${one.name}`;
  });
  const own = command.flags.map(({ name, value }) => `[--${name}${value ? ` ${value}` : ""}]`);
  const short = command.settings.flatMap(({ path, flag, alias }) => {
    const name = alias ?? (path.length === 1 ? flag : undefined);
    return name === undefined
      ? []
      : [`[--${name} ${name === "data" ? "DIR" : name.toUpperCase()}]`];
  });
  return [`millrace ${command.name}${operand.join("")}`, ...own, ...short, "[--config FILE]"];
}

function describeFlag({ name, value, description }: Flag): string {
  return `  --${name}${value === undefined ? "" : ` ${value}`}\n${wrap(description, "      ")}`;
}

function summaries(
  entries: readonly { readonly name: string; readonly summary: string }[],
): string {
  const column = Math.max(...entries.map(({ name }) => name.length)) + 4;
  return entries
    .map(({ name, summary }) => {
      const text = wrap(summary, " ".repeat(column));
      return `  ${name.padEnd(column - 2)}${text.trimStart()}`;
    })
    .join("\n");
}

function examples(lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

function join(parts: readonly string[]): string {
  return parts.join("\n\n");
}

/** Breaks a usage line between its parts. */
function hang(parts: readonly string[]): string {
  const lines = [parts[0] ?? ""];
  for (const part of parts.slice(1)) {
    const line = lines.at(-1) ?? "";
    if (line.length + part.length + "Usage: ".length < WIDTH)
      lines[lines.length - 1] = `${line} ${part}`;
    else lines.push(`      ${part}`);
  }
  return lines.join("\n");
}

function wrap(text: string, margin = ""): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && margin.length + line.length + word.length < WIDTH) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.map((line) => margin + line).join("\n");
}
