/** The open-source deepstream server, which ours is held against: installed at run time, run by Node.js. */
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchServer, HEARTBEAT_MS } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const VERSION = "7.0.2";
const INSTALLED = join(tmpdir(), `millrace-bench-deepstream-${VERSION}`);
const COMMAND = "node_modules/@deepstream/server/dist/bin/deepstream";
const READY_MS_MAX = 20_000;
const READY_CHECK_MS = 50;

/** Throws an `Error` that says why there is none on this machine. */
export async function startPeer(bench: Workbench): Promise<BenchServer> {
  const node = Bun.which("node");
  if (node === null) throw new Error("there is no Node.js here");
  if (!existsSync(INSTALLED)) await install(bench);
  const port = freePort();
  const config = join(await bench.directory(), "config.json");
  await Bun.write(config, JSON.stringify(configOf(port)));
  const started = performance.now();
  const child = bench.start([node, join(INSTALLED, COMMAND), "start", "--config", config]);
  // So that it never waits for somebody to read what it says.
  void child.stdout.text();
  const url = `http://127.0.0.1:${port}`;
  await ready(`${url}/health-check`);
  const readyMs = performance.now() - started;
  return { url, pid: child.pid, readyMs, stop: () => bench.stop(child) };
}

async function install(bench: Workbench): Promise<void> {
  const npm = Bun.which("npm");
  if (npm === null) throw new Error("there is no npm here");
  console.error(`bench: installing deepstream ${VERSION} into ${INSTALLED}`);
  const directory = await bench.directory();
  // Its native WebSocket server is not on npm; its default is the package ws.
  await mkdir(join(directory, "stub"), { recursive: true });
  await Bun.write(join(directory, "stub/index.js"), "module.exports = {};\n");
  await Bun.write(
    join(directory, "stub/package.json"),
    JSON.stringify({ name: "uWebSockets.js", version: "20.19.0", main: "index.js" }),
  );
  const stub = { "uWebSockets.js": "file:./stub" };
  await Bun.write(
    join(directory, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: { "@deepstream/server": VERSION, ...stub },
      overrides: stub,
    }),
  );
  const flags = ["--prefix", directory, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  await bench.run([npm, "install", ...flags]).catch((cause: unknown) => {
    throw new Error("npm could not install it", { cause });
  });
  await rename(directory, INSTALLED);
}

/** No logins, no permissions, memory only. */
function configOf(port: number) {
  return {
    showLogo: false,
    logLevel: "WARN",
    telemetry: { type: "deepstreamIO", options: { enabled: false } },
    httpServer: { type: "default", options: { host: "127.0.0.1", port } },
    connectionEndpoints: [
      { type: "http", options: { postPath: "/api" } },
      { type: "ws-binary", options: { urlPath: "/deepstream", heartbeatInterval: HEARTBEAT_MS } },
    ],
    auth: [{ type: "none" }],
    permission: { type: "none" },
  };
}

/** It cannot say which one it took, so it has to be told. */
function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  server.stop();
  return server.port;
}

async function ready(url: string): Promise<void> {
  const until = performance.now() + READY_MS_MAX;
  while (performance.now() < until) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await Bun.sleep(READY_CHECK_MS);
  }
  throw new Error("it did not become ready");
}
