// What a command of the command line is, and what it is given.

import type { Environment } from "../config/environment.ts";
import type { FlagValues } from "../config/flags.ts";
import type { Settings } from "../config/schema.ts";
import type { Setting } from "../config/setting.ts";

export interface Command {
  /** The words after `millrace`, such as `cache create`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What one has to know beside the flags, in paragraphs. */
  readonly notes: readonly string[];
  /** The one argument that is not a flag. */
  readonly operand?: Operand;
  /** What follows it. */
  readonly content?: Operand;
  readonly flags: readonly Flag[];
  /** The settings that are flags of this command. All of them count, wherever else they are set. */
  readonly settings: readonly Setting[];
  /** Whether its settings are those that a server is to listen with. */
  readonly isAboutListening?: boolean;
  /** Command lines as one types them. */
  readonly examples: readonly string[];
  /** Throws what is wrong as one of the errors of `failures.ts`. */
  run(invocation: Invocation, terminal: Terminal): Promise<void>;
}

export interface Operand {
  readonly name: string;
  readonly isOptional?: boolean;
  readonly description: string;
}

export interface Flag {
  readonly name: string;
  /** What the help calls its value; a flag without one is a switch. */
  readonly value?: string;
  readonly description: string;
}

export interface Invocation {
  /** Empty where the command has none. */
  readonly operand: string;
  readonly content: string;
  readonly flags: FlagValues;
  readonly environment: Environment;
  /** Throws `ConfigurationError` that names all that is wrong. */
  loadSettings(): Settings;
}

export interface Terminal {
  /** The path of the executable that runs; undefined when it is the source that does. */
  readonly executable: string | undefined;
  /** Writes lines to standard output. */
  print(text: string): void;
  /** Writes lines to standard error. */
  complain(text: string): void;
  /** Writes to standard output; resolves when more may come. Throws when nobody reads it any more. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** What is piped in. Throws `UsageError` on a terminal, where nobody could type it. */
  readBytes(): AsyncIterable<Uint8Array>;
  /** Whether standard output is a terminal, on which bytes make no sense. */
  readonly isTerminal: boolean;
  /** One line of standard input, or typed twice on a terminal, unseen. Throws when there is none. */
  readPassword(): Promise<string>;
  /** From the first call on, a signal to end the process aborts this instead. */
  catchStop(): AbortSignal;
  /** From now on a hangup signal runs this, unless the terminal itself has gone: that is a stop. */
  catchReload(reload: () => void): void;
}

/** The text of a flag that is no setting; undefined when it was not given. */
export function textOf(flags: FlagValues, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}
