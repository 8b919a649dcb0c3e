// Why a command ends without having done its work, and what the process and its user are told then.

import { ServiceError } from "../core/errors.ts";
import { StoreError } from "../engine/sqlite/store-error.ts";
import { RulesError } from "../server/rules-error.ts";
import { StartError } from "../server/start-error.ts";

/** What was typed makes no sense. */
export class UsageError extends Error {}

/** The command has answered, and its answer is no. */
export class NegativeAnswer extends Error {}

/** The command was understood but could not be done. */
export class CommandError extends Error {}

export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

export interface Failure {
  readonly exitCode: number;
  /** One line each. */
  readonly sentences: readonly string[];
}

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** EX_CONFIG of sysexits.h, by which a service manager knows that starting again is of no use. */
export const EXIT_CONFIGURATION = 78;

export function failureOf(cause: unknown): Failure {
  if (cause instanceof NegativeAnswer) return { exitCode: EXIT_FAILED, sentences: [] };
  if (cause instanceof ConfigurationError || cause instanceof RulesError) {
    return { exitCode: EXIT_CONFIGURATION, sentences: cause.problems.map(asLine) };
  }
  if (cause instanceof UsageError) {
    return { exitCode: EXIT_USAGE, sentences: [asLine(cause.message)] };
  }
  const isForUser =
    cause instanceof CommandError ||
    cause instanceof StartError ||
    cause instanceof StoreError ||
    cause instanceof ServiceError;
  const sentence = isForUser ? asLine(cause.message) : describeUnexpected(cause);
  return { exitCode: EXIT_FAILED, sentences: [sentence] };
}

/** One line about an error that nobody foresaw, with the place where it arose. */
export function describeUnexpected(cause: unknown): string {
  if (!(cause instanceof Error)) return asLine(`Unexpected failure: ${String(cause)}`);
  const place = /^ *at .*$/m.exec(cause.stack ?? "")?.[0].trim();
  return asLine(`Unexpected failure: ${cause.message}${place ? ` (${place})` : ""}`);
}

/** Text of users as it may be shown in a line. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function asLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, " ").replaceAll(/\p{Cc}/gu, "�");
}
