/** Starts the servers that are compared: ours, and bare ones of Bun. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Child, Workbench } from "./workbench.ts";

const EXECUTABLE = join(import.meta.dir, "../../dist/millrace");
const BARE = new URL("./bare-server.ts", import.meta.url).pathname;

export const CACHE = "bench";
/** Of WebSockets, whose clients here send none: the longest that ours allows. */
export const HEARTBEAT_MS = 600_000;

/** What a bare server does with a request. */
export type BareKind = "answers" | "reads" | "checks" | "holds";

export interface BenchServer {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it said that it is ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** A directory in which ours can be started. */
export interface DataDirectory {
  readonly path: string;
  /** For every topic of the cache. */
  readonly token: string;
}

/** The executable if it was built, else the source. */
export function millraceCommand(): readonly string[] {
  return existsSync(EXECUTABLE) ? [EXECUTABLE] : [process.execPath, "src/main.ts"];
}

/** Makes the cache, the keys and a token. */
export async function prepareData(bench: Workbench, path: string): Promise<DataDirectory> {
  const data = ["--data", path];
  await bench.run([...millraceCommand(), "cache", "create", CACHE, ...data]);
  const grant = ["--cache", CACHE, "--topic", "*", "--role", "both"];
  const token = await bench.run([...millraceCommand(), "token", "create", ...grant, ...data]);
  return { path, token };
}

/** With retention off, so that it does not trim what is being measured, and without heartbeats. */
export async function startMillrace(
  bench: Workbench,
  data: DataDirectory,
  durability: "full" | "normal" = "full",
  rules?: object,
): Promise<BenchServer> {
  const config = join(data.path, `bench-${durability}.toml`);
  const permissions = rules === undefined ? "" : "rules.json";
  if (rules !== undefined) await Bun.write(join(data.path, permissions), JSON.stringify(rules));
  await Bun.write(
    config,
    `[storage]
durability = "${durability}"
[caches]
retention_seconds = 0
retention_bytes = 0
[deepstream]
permissions = "${permissions}"
[deepstream.connection]
heartbeat_ms = ${HEARTBEAT_MS}
[log]
level = "error"
`,
  );
  const flags = ["--port", "0", "--data", data.path, "--config", config];
  return startServer(bench, [...millraceCommand(), "serve", ...flags]);
}

/** One that answers or reads does so with `json`, or with 204 where there is none. */
export function startBare(bench: Workbench, kind: BareKind, json?: string): Promise<BenchServer> {
  const answer = json === undefined ? [] : [json];
  return startServer(bench, [process.execPath, BARE, kind, ...answer]);
}

async function startServer(bench: Workbench, command: readonly string[]): Promise<BenchServer> {
  const started = performance.now();
  const child = bench.start(command);
  const url = /listens on (\S+)/.exec(await firstLine(child))?.[1];
  if (url === undefined) throw new Error(`${command.join(" ")} did not become ready`);
  const readyMs = performance.now() - started;
  return { url, pid: child.pid, readyMs, stop: () => bench.stop(child) };
}

async function firstLine(child: Child): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text;
}
