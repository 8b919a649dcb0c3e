// Reads what follows a command's name, and says in one sentence what is wrong with it.

import { parseArgs } from "node:util";
import { type FlagOptions, type FlagValues, flagOptions, namesOf } from "../config/flags.ts";
import { nearMiss } from "../config/near-miss.ts";
import type { Command, Flag } from "./command.ts";
import { shown, UsageError } from "./failures.ts";

export interface Arguments {
  readonly operand: string;
  readonly content: string;
  readonly flags: FlagValues;
}

/** A flag of every command, as is the setting for the data directory. */
export const CONFIG_FLAG: Flag = {
  name: "config",
  value: "FILE",
  description: "The configuration file, in TOML. millrace config-example prints one.",
};

/** Throws `UsageError`. */
export function parseArguments(command: Command, texts: readonly string[]): Arguments {
  const options = optionsOf(command);
  // Not strict: what is wrong is found by codes and said in our words below.
  const { values, positionals, tokens } = parseArgs({
    args: [...texts],
    options,
    strict: false,
    allowNegative: true,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "option") requireGood(command, options, token);
  }
  return { ...operandsOf(command, positionals), flags: values };
}

/** Whether the help is asked for, anywhere before a `--`. */
export function asksForHelp(texts: readonly string[]): boolean {
  const end = texts.indexOf("--");
  const before = end < 0 ? texts : texts.slice(0, end);
  return before.includes("--help") || before.includes("-h");
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function optionsOf(command: Command): FlagOptions {
  const own = [...command.flags, CONFIG_FLAG].map(({ name, value }) => {
    return [name, { type: value === undefined ? "boolean" : "string", multiple: false }] as const;
  });
  return { ...Object.fromEntries(own), ...flagOptions(command.settings) };
}

function requireGood(command: Command, options: FlagOptions, token: OptionToken): void {
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
  const flag = `--${token.name}`;
  if (option === undefined || !token.rawName.startsWith("--")) throw unknown(command, token);
  if (option.type === "boolean") {
    if (token.value !== undefined) throw new UsageError(`${flag} is a switch; it takes no value.`);
    return;
  }
  if (token.rawName !== flag) throw unknown(command, token);
  if (token.value === undefined) throw new UsageError(`${flag} needs a value.`);
  if (!token.inlineValue && /^-./.test(token.value)) {
    throw new UsageError(
      `${flag} needs a value before ${shown(token.value)}; a value that begins with a dash is given as ${flag}=VALUE.`,
    );
  }
}

function unknown(command: Command, token: OptionToken): UsageError {
  const names = [...command.flags, CONFIG_FLAG].map(({ name }) => name);
  const known = [...names, ...command.settings.flatMap(namesOf), "help"];
  const near = nearMiss(token.name, known);
  const written = /^--?[\w-]+$/.test(token.rawName) ? token.rawName : shown(token.rawName);
  const hint =
    near === undefined
      ? `millrace ${command.name} --help lists its flags.`
      : `did you mean --${near}?`;
  return new UsageError(`${written} is no flag of millrace ${command.name}; ${hint}`);
}

function operandsOf(
  command: Command,
  positionals: readonly string[],
): { operand: string; content: string } {
  const [operand = "", content = ""] = positionals;
  const known = [command.operand, command.content].filter((one) => one !== undefined);
  const missing = known[positionals.length];
  if (missing !== undefined && missing.isOptional !== true) {
    throw new UsageError(
      `${command.name} needs its ${missing.name}, as in: ${command.examples[0]}`,
    );
  }
  const extra = positionals[known.length];
  if (extra === undefined) return { operand, content };
  const takesPattern = command.flags.some(({ value }) => value?.includes("*"));
  const hint = takesPattern
    ? ": if it came from a * that the shell expanded, quote that, as '*'"
    : "";
  const names = known.map(({ name }) => name).join(" and one ");
  const number = names === "" ? "no argument" : `one ${names} only, not also`;
  throw new UsageError(`${command.name} takes ${number} ${shown(extra)}${hint}.`);
}
