// Runs the command line: in this process, or from source as a process of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { readPassword } from "../../src/cli/password-input.ts";
import { until } from "../support/until.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const READY = /^Millrace \S+ \(\S+\) listens on (https?:\/\/\S+)$/m;

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** In this process not for tests that run at once: they would share it. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in; nothing unless given. */
  readonly stdin?: string;
}

/** Runs a command to its end in this process, which is all of it but what main.ts does. */
export async function millrace(
  words: readonly string[],
  { cwd, env = {}, stdin = "" }: Surroundings = {},
): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  using _directory = workingDirectory(cwd);
  const exitCode = await runCommandLine(words, env, {
    print(text) {
      stdout += `${text}\n`;
    },
    complain(text) {
      stderr += `${text}\n`;
    },
    async writeBytes(bytes) {
      stdout += Buffer.from(bytes).toString();
    },
    async *readBytes() {
      yield Buffer.from(stdin);
    },
    isTerminal: false,
    executable: undefined,
    readPassword: () =>
      readPassword(piped(stdin), (text) => {
        stderr += text;
      }),
    catchStop: () => new AbortController().signal,
    catchReload: () => {},
  });
  return { exitCode, stdout, stderr };
}

/** As `millrace`, from source as a process of its own. */
export async function millraceProcess(
  words: readonly string[],
  surroundings: Surroundings = {},
): Promise<Ended> {
  const child = spawn(words, surroundings);
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

/** What a command prints that must not fail, without its last line end. */
export function printed(...words: readonly string[]): Promise<string> {
  return printedAfter({}, ...words);
}

/** As `printed`, for commands that read what is piped in. */
export async function printedAfter(
  surroundings: Surroundings,
  ...words: readonly string[]
): Promise<string> {
  const { exitCode, stdout, stderr } = await millrace(words, surroundings);
  if (exitCode !== 0 || stderr !== "") throw new Error(`${words.join(" ")} failed: ${stderr}`);
  return stdout.trimEnd();
}

export interface Serving extends AsyncDisposable {
  readonly url: string;
  /** What it has printed until now. */
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended and closed its output. */
  readonly ended: Promise<Ended>;
}

/** Resolves when `millrace serve` with these flags, as a process of its own, has said that it is ready. */
export function serving(...flags: readonly string[]): Promise<Serving> {
  return servingIn({}, ...flags);
}

export async function servingIn(
  surroundings: Surroundings,
  ...flags: readonly string[]
): Promise<Serving> {
  const child = spawn(["serve", "--port", "0", ...flags], surroundings);
  const ready = Promise.withResolvers<string>();
  let stdout = "";
  let stderr = "";
  const drained = Promise.all([
    each(child.stdout, (text) => {
      stdout += text;
      const [, url] = READY.exec(stdout) ?? [];
      if (url !== undefined) ready.resolve(url);
    }),
    each(child.stderr, (text) => {
      stderr += text;
    }),
  ]);
  const ended = Promise.all([child.exited, drained]).then(([exitCode]) => {
    ready.reject(new Error(`millrace serve did not start: ${stderr}`));
    return { exitCode, stdout, stderr };
  });
  return {
    url: await ready.promise,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** A poll for the topic `t` of the cache `c`. */
export function poll(server: Serving, token: string): Promise<Response> {
  return fetch(`${server.url}/topics/c/t`, { headers: { authorization: token } });
}

/** Resolves when as many polls wait on the only cache. */
export async function waiters(data: string, expected: number): Promise<void> {
  await until(`${expected} waiters`, async () => {
    const { caches } = JSON.parse(await printed("cache", "list", "--json", "--data", data));
    return caches[0].waiters === expected;
  });
}

export interface TemporaryDirectory extends Disposable {
  readonly path: string;
}

export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), "millrace-cli-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The claims of a token, in either form. */
export function claimsOf(token: string): Record<string, unknown> {
  const jwt = token.includes(".") ? token : keyOf(token).api_key;
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}

export function keyOf(token: string): { endpoint: string; api_key: string } {
  return JSON.parse(Buffer.from(token, "base64").toString());
}

function workingDirectory(path: string | undefined): Disposable {
  const before = process.cwd();
  if (path !== undefined) process.chdir(path);
  return { [Symbol.dispose]: () => process.chdir(before) };
}

async function* piped(text: string): AsyncGenerator<string> {
  yield text;
}

async function each(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (text: string) => void,
): Promise<void> {
  for await (const text of output.pipeThrough(new TextDecoderStream())) take(text);
}

function spawn(words: readonly string[], { cwd, env, stdin }: Surroundings) {
  const inherited = Object.entries(Bun.env).filter(([name]) => !name.startsWith("MILLRACE_"));
  return Bun.spawn([process.execPath, MAIN, ...words], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...Object.fromEntries(inherited), ...env },
    stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
}
