// The compiled executable: its commands, run to their end, and its server as a process to look at and to kill.

import { join } from "node:path";
import { type StartedWith, startedWith, type Target } from "../conformance/target.ts";
import { adminToken } from "./admin-token.ts";
import { until } from "./until.ts";

export const EXECUTABLE =
  Bun.env.MILLRACE_EXECUTABLE ?? join(import.meta.dir, "../../dist/millrace");

const READY = /^Millrace \S+ \(\S+\) listens on (https?:\/\/\S+)\n/;

export type Ended = {
  /** 128 and the signal's number for a process that a signal ended. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type Surroundings = {
  readonly env?: Readonly<Record<string, string>>;
  /** What runs the executable, such as a tracer; it is given the command line at its end. */
  readonly under?: readonly string[];
};

/** Runs a command to its end. */
export async function millrace(...words: readonly string[]): Promise<Ended> {
  return await run(words);
}

/** What a command prints that must not fail, without its last line end. */
export async function printed(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(words);
  if (exitCode !== 0 || stderr !== "") throw new Error(`${words.join(" ")} failed: ${stderr}`);
  return stdout.trimEnd();
}

/** A target of the conformance suites' client that is a process of its own. Disposing kills it. */
export type ServerProcess = Target &
  AsyncDisposable & {
    readonly data: string;
    readonly pid: number;
    /** What it has printed until now. */
    stdout(): string;
    stderr(): string;
    kill(signal: NodeJS.Signals): void;
    /** Resolves when it has ended and its output is complete. */
    readonly ended: Promise<Ended>;
  };

/** Starts `millrace serve` on a directory and a port of its own; resolves when it says that it is ready. */
export async function serve(
  data: string,
  flags: readonly string[] = [],
  surroundings: Surroundings = {},
): Promise<ServerProcess> {
  const words = ["serve", "--data", data, "--port", "0", ...flags];
  const child = spawn(words, surroundings);
  let stdout = "";
  let stderr = "";
  const complete = Promise.all([
    each(child.stdout, (text) => (stdout += text)),
    each(child.stderr, (text) => (stderr += text)),
  ]);
  let hasEnded = false;
  const ended = Promise.all([child.exited, complete]).then(([exitCode]) => {
    hasEnded = true;
    return { exitCode, stdout, stderr };
  });
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const [, url = ""] = await until("the ready line", () => {
      if (hasEnded) throw new Error(`millrace ${words.join(" ")} did not start:\n${stderr}`);
      return READY.exec(stdout);
    });
    return {
      url,
      adminToken: await adminToken(data, url),
      startedWith: startedWith() satisfies StartedWith,
      data,
      pid: child.pid,
      stdout: () => stdout,
      stderr: () => stderr,
      kill: (signal) => child.kill(signal),
      ended,
      close: stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

const FIGURES = {
  waiters: "millrace_waiters",
  connections: "millrace_connections",
  subscriptions: "millrace_connection_subscriptions",
  eventSubscriptions: "millrace_event_subscriptions",
  recordSubscriptions: "millrace_record_subscriptions",
  patterns: "millrace_listened_patterns",
  rpcCalls: "millrace_rpc_calls",
  descriptors: "process_open_fds",
  residentBytes: "process_resident_memory_bytes",
} as const;

export type Measured = Readonly<Record<keyof typeof FIGURES, number>>;

/** What the server says about itself at /metrics. */
export async function measure(server: Target): Promise<Measured> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const figure = (name: string) => {
    const [, value] = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "m").exec(text) ?? [];
    if (value === undefined) throw new Error(`/metrics has no ${name}`);
    return Number(value);
  };
  const figures = Object.entries(FIGURES).map(([key, name]) => [key, figure(name)]);
  return Object.fromEntries(figures) as Measured;
}

export function untilWaiting(server: Target, count: number): Promise<unknown> {
  return until(`${count} waiters`, async () => (await measure(server)).waiters === count);
}

async function run(words: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const child = spawn(words, surroundings);
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

function spawn(words: readonly string[], { env, under = [] }: Surroundings) {
  const inherited = Object.entries(Bun.env).filter(([name]) => !name.startsWith("MILLRACE_"));
  return Bun.spawn([...under, EXECUTABLE, ...words], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function each(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (text: string) => void,
): Promise<void> {
  for await (const text of output.pipeThrough(new TextDecoderStream())) take(text);
}
