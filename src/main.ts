// The process: its arguments and environment, its signals, its output and its exit code.

import { constants } from "node:os";
import { isatty } from "node:tty";
import type { Terminal } from "./cli/command.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { describeUnexpected } from "./cli/failures.ts";
import { Output } from "./cli/output.ts";
import { readPassword } from "./cli/password-input.ts";
import { readPiped } from "./cli/piped-input.ts";
import { commit } from "./version.ts";

/** How long a process that was told to end, or must, waits for whoever reads its output. */
const FLUSH_MS_MAX = 500;

const stop = new AbortController();
const output = new Output(process.stdout);
const errors = new Output(process.stderr);
const terminal: Terminal = {
  executable: commit === "source" ? undefined : process.execPath,
  print: (text) => output.writeLines(text),
  complain: (text) => errors.writeLines(text),
  writeBytes: (bytes) => output.writeBytes(bytes),
  readBytes: () => readPiped(process.stdin),
  isTerminal: process.stdout.isTTY,
  readPassword: () => readPassword(process.stdin, (text) => process.stderr.write(text)),
  catchStop,
  catchReload,
};

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
await end(await runCommandLine(process.argv.slice(2), process.env, terminal));

function catchStop(): AbortSignal {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop.abort();
    });
  }
  return stop.signal;
}

function catchReload(reload: () => void): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on("SIGHUP", () => {
    // Whoever closes a terminal means to end what runs in it, and it is one no more then.
    if (terminals.every((descriptor) => isatty(descriptor))) reload();
    else stop.abort();
  });
}

function crash(cause: unknown): void {
  terminal.complain(`millrace: ${describeUnexpected(cause)}`);
  stop.abort();
  void end(1);
}

async function end(exitCode: number): Promise<never> {
  const flushed = Promise.all([output.flushed(), errors.flushed()]);
  await (stop.signal.aborted ? Promise.race([flushed, Bun.sleep(FLUSH_MS_MAX)]) : flushed);
  process.exit(exitCode);
}
