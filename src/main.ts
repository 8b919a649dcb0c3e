// The process: its arguments and environment, its signals, its output and its exit code.

import { constants } from "node:os";
import type { Terminal } from "./cli/command.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { describeUnexpected } from "./cli/failures.ts";

/** How long a process that is told to end waits for whoever reads its output. */
const FLUSH_MS_MAX = 1000;

const terminal: Terminal = {
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  catchStop,
};

// Whoever read the output may have gone, as `head` does; the work goes on.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});
process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);

const exitCode = await runCommandLine(process.argv.slice(2), process.env, terminal);
await flushed();
process.exit(exitCode);

function catchStop(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop.abort();
      // A reader that has stopped reading must not keep it.
    });
  }
  return stop.signal;
}

function crash(cause: unknown): void {
  terminal.complain(`millrace: ${describeUnexpected(cause)}`);
  setTimeout(() => process.exit(1), FLUSH_MS_MAX);
  void flushed().then(() => process.exit(1));
}

/** What was written is in the pipe or the file: the end of the process would lose it otherwise. */
async function flushed(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(
    streams.map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))),
  );
}
