// From the words that were typed to the command that does them, and from what it throws to an exit code.

import type { Environment } from "../config/environment.ts";
import { nearMiss } from "../config/near-miss.ts";
import { version } from "../version.ts";
import { asksForHelp, parseArguments } from "./arguments.ts";
import type { Command, Terminal } from "./command.ts";
import { commands } from "./commands.ts";
import { failureOf, shown, UsageError } from "./failures.ts";
import { commandHelp, groupHelp, programHelp } from "./help.ts";
import { readSettings } from "./settings.ts";

/** Resolves to the exit code, when all that is to be printed has been handed to the terminal. */
export async function runCommandLine(
  words: readonly string[],
  environment: Environment,
  terminal: Terminal,
): Promise<number> {
  try {
    await dispatch(words, environment, terminal);
    return 0;
  } catch (cause) {
    const { exitCode, sentences } = failureOf(cause);
    for (const sentence of sentences) terminal.complain(`millrace: ${sentence}`);
    return exitCode;
  }
}

async function dispatch(
  words: readonly string[],
  environment: Environment,
  terminal: Terminal,
): Promise<void> {
  const [first] = words;
  if (first === undefined || first === "--help" || first === "-h") {
    return terminal.print(programHelp(commands));
  }
  if (first === "--version") return terminal.print(`Millrace ${version}`);
  if (first === "help") return terminal.print(helpOn(words.slice(1)));
  if (first.startsWith("-")) {
    throw new UsageError(
      `The command comes before its flags, and ${shown(first)} is none: as in millrace serve --port 7070.`,
    );
  }
  const command = commandOf(words);
  const rest = words.slice(command?.name.split(" ").length ?? 1);
  if (asksForHelp(rest)) return terminal.print(helpOn(words));
  if (command === undefined) throw unknownCommand(words);
  const given = parseArguments(command, rest);
  await command.run(
    {
      ...given,
      environment,
      loadSettings: () => readSettings(given.flags, environment, command.isAboutListening),
    },
    terminal,
  );
}

function helpOn(words: readonly string[]): string {
  const [first] = words;
  if (first === undefined || first.startsWith("-")) return programHelp(commands);
  const command = commandOf(words);
  if (command !== undefined) return commandHelp(command);
  const group = groupOf(first);
  const [, second] = words;
  const isWholeGroup = second === undefined || second.startsWith("-");
  if (group.length > 0 && isWholeGroup) return groupHelp(first, group);
  throw unknownCommand(words);
}

function commandOf(words: readonly string[]): Command | undefined {
  return commands.find(({ name }) => name.split(" ").every((word, place) => words[place] === word));
}

function groupOf(word: string): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
}

function unknownCommand(words: readonly string[]): UsageError {
  const [first = "", second] = words;
  const group = groupOf(first).map(({ name }) => name);
  if (group.length > 0 && (second === undefined || second.startsWith("-"))) {
    return new UsageError(`millrace ${first} is no whole command; known: ${group.join(", ")}.`);
  }
  const written = group.length > 0 ? `${first} ${second}` : first;
  const known = group.length > 0 ? group : [...commands.map(({ name }) => name), "help"];
  const near = nearMiss(written, known.concat(group.length > 0 ? [] : groupWords()));
  const hint =
    near === undefined ? `known: ${known.join(", ")}.` : `did you mean millrace ${near}?`;
  return new UsageError(`There is no command ${shown(written)}; ${hint}`);
}

function groupWords(): string[] {
  return commands.flatMap(({ name }) => (name.includes(" ") ? name.split(" ", 1) : []));
}
