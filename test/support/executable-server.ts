// The compiled executable as a target of the conformance suites, stopped in order by SIGTERM.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Overrides, type RestartableTarget, startedWith } from "../conformance/target.ts";
import { EXECUTABLE, serve } from "./executable.ts";
import { argumentsOf } from "./flags.ts";

export async function openExecutable(settings: Overrides = {}): Promise<RestartableTarget> {
  if (!(await Bun.file(EXECUTABLE).exists())) {
    throw new Error(`${EXECUTABLE} is missing: make it with "bun run build"`);
  }
  const data = await mkdtemp(join(tmpdir(), "millrace-executable-"));
  return await openOn(data, settings);
}

async function openOn(data: string, settings: Overrides): Promise<RestartableTarget> {
  const server = await serve(data, argumentsOf(settings));
  const stop = async () => {
    server.kill("SIGTERM");
    const { exitCode, stderr } = await server.ended;
    if (exitCode !== 0) throw new Error(`millrace serve ended with ${exitCode}:\n${stderr}`);
  };
  return {
    url: server.url,
    adminToken: server.adminToken,
    startedWith: startedWith(settings),
    async restart() {
      await stop();
      return await openOn(data, settings);
    },
    async close() {
      await stop();
      await rm(data, { recursive: true });
    },
  };
}
