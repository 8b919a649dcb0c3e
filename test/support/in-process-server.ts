// A server in this process, from source, on a directory of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flagOptions } from "../../src/config/flags.ts";
import { loadSettings } from "../../src/config/load.ts";
import { startServer } from "../../src/serve.ts";
import type { Route } from "../../src/server/surface.ts";
import { type Overrides, type RestartableTarget, startedWith } from "../conformance/target.ts";
import { adminToken } from "./admin-token.ts";
import { flagsOf } from "./flags.ts";

export interface InProcess extends RestartableTarget {
  /** The data directory. */
  readonly data: string;
  restart(): Promise<InProcess>;
  routes(): readonly Route[];
}

export async function openInProcess(settings: Overrides = {}): Promise<InProcess> {
  const data = await mkdtemp(join(tmpdir(), "millrace-source-"));
  return await openOn(data, settings);
}

async function openOn(data: string, settings: Overrides): Promise<InProcess> {
  const server = await startServer({ settings: settingsOf(data, settings) });
  return {
    url: server.url,
    data,
    adminToken: await adminToken(data, server.endpoint),
    startedWith: startedWith(settings),
    routes: server.routes,
    async restart() {
      await server[Symbol.asyncDispose]();
      return await openOn(data, settings);
    },
    async close() {
      await server[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

/** As the command line puts them together, which also finds a name that is no setting's. */
function settingsOf(data: string, overrides: Overrides) {
  const flags = { ...flagsOf(overrides), port: "0", data };
  const unknown = Object.keys(flags).filter((name) => !(name in flagOptions()));
  if (unknown.length > 0) throw new Error(`no settings: ${unknown.join(", ")}`);
  const loaded = loadSettings({ environment: {}, flags });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}
