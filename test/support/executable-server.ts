// The compiled executable as a process of its own, told what to do on its command line.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Overrides, type RestartableTarget, startedWith } from "../conformance/target.ts";
import { flagsOf } from "./flags.ts";

const EXECUTABLE = Bun.env.MILLRACE_EXECUTABLE ?? join(import.meta.dir, "../../dist/millrace");
const READY = /^Millrace \S+ \(\S+\) listens on (http:\/\/\S+)$/m;

export async function openExecutable(settings: Overrides = {}): Promise<RestartableTarget> {
  if (!(await Bun.file(EXECUTABLE).exists())) {
    throw new Error(`${EXECUTABLE} is missing: make it with "bun run build"`);
  }
  const data = await mkdtemp(join(tmpdir(), "millrace-executable-"));
  return await openOn(data, settings);
}

async function openOn(data: string, settings: Overrides): Promise<RestartableTarget> {
  const server = await serve(data, settings);
  return {
    url: server.url,
    adminToken: await run("token", "create", "--admin", "--data", data),
    startedWith: startedWith(settings),
    async restart() {
      await server.stop();
      return await openOn(data, settings);
    },
    async close() {
      await server.stop();
      await rm(data, { recursive: true });
    },
  };
}

type Served = { readonly url: string; stop(): Promise<void> };

async function serve(data: string, settings: Overrides): Promise<Served> {
  const flags = Object.entries(flagsOf(settings)).flatMap(([name, value]) => [`--${name}`, value]);
  const command = [EXECUTABLE, "serve", "--port", "0", "--data", data, ...flags];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const log = child.stderr.text();
  const url = await readyLine(child.stdout);
  if (url === undefined) throw new Error(`${command.join(" ")} did not start:\n${await log}`);
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      const code = await child.exited;
      if (code !== 0) throw new Error(`millrace serve ended with ${code}:\n${await log}`);
    },
  };
}

/** The address that the ready line tells; undefined when the output ended without one. */
async function readyLine(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string | undefined> {
  const reader = output.pipeThrough(new TextDecoderStream()).getReader();
  for (let printed = ""; ; ) {
    const { value, done } = await reader.read();
    printed += value ?? "";
    const [, url] = READY.exec(printed) ?? [];
    if (url !== undefined || done) return url;
  }
}

/** What the command prints, which for a token is the token and nothing else. */
async function run(...command: readonly string[]): Promise<string> {
  const child = Bun.spawn([EXECUTABLE, ...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, log] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`millrace ${command.join(" ")} failed:\n${log}`);
  return output.trim();
}
