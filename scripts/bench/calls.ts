/** Puts one server under remote procedure calls from a process of its own. */
import type { Load } from "./load.ts";
import type { BenchServer } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const GENERATOR = new URL("./call-generator.ts", import.meta.url).pathname;

export interface CallPlan {
  readonly url: string;
  readonly pid: number;
  /** Each has one call in flight. */
  readonly callers: number;
  readonly providers: number;
  readonly seconds: number;
  /** Before the clock starts. */
  readonly warmSeconds: number;
}

/** Throws when any call failed. */
export async function putUnderCalls(
  bench: Workbench,
  { url, pid }: BenchServer,
  plan: Omit<CallPlan, "url" | "pid">,
): Promise<Load> {
  const input = JSON.stringify({ ...plan, url, pid } satisfies CallPlan);
  return JSON.parse(await bench.run([process.execPath, GENERATOR], { input })) as Load;
}
