/** What a server does in a while, and what that costs it and the process that puts it under load. */
import type { Load } from "./load.ts";
import { cpuMicros, ownMicros } from "./machine.ts";

/** `answered` says how much the server has answered until now. */
export async function measureLoad(
  { pid, seconds }: { readonly pid: number; readonly seconds: number },
  answered: () => number,
): Promise<Load> {
  const before = {
    at: performance.now(),
    count: answered(),
    server: cpuMicros(pid),
    own: ownMicros(),
  };
  await Bun.sleep(seconds * 1000);
  const count = answered() - before.count;
  const elapsedSeconds = (performance.now() - before.at) / 1000;
  return {
    perSecond: count / elapsedSeconds,
    serverMicros: (cpuMicros(pid) - before.server) / count,
    generatorMicros: (ownMicros() - before.own) / count,
  };
}
