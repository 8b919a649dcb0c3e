/** Puts one server under load from a process of its own, and says what it did and what that cost. */
import type { RequestParts } from "./http-bytes.ts";
import type { BenchServer } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const GENERATOR = new URL("./load-generator.ts", import.meta.url).pathname;

export interface LoadPlan {
  readonly url: string;
  readonly pid: number;
  readonly connections: number;
  readonly seconds: number;
  /** Before the clock starts. */
  readonly warmSeconds: number;
  /** Each connection has one request in flight, for a name that is drawn anew each time. */
  readonly names: readonly string[];
  /** `target` and `body` with the places of the name marked `{name}`. */
  readonly request: Omit<RequestParts, "host">;
  /** Every other status is a failure. */
  readonly status: number;
  /** Every answer without this text is a failure. */
  readonly expects?: string;
}

export interface Load {
  readonly perSecond: number;
  /** Of all threads of the server. */
  readonly serverMicros: number;
  readonly generatorMicros: number;
}

/** Throws when any request failed. */
export async function putUnderLoad(
  bench: Workbench,
  { url, pid }: BenchServer,
  plan: Omit<LoadPlan, "url" | "pid">,
): Promise<Load> {
  const input = JSON.stringify({ ...plan, url, pid } satisfies LoadPlan);
  return JSON.parse(await bench.run([process.execPath, GENERATOR], { input })) as Load;
}
