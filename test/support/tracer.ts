// strace on a process that runs.

import { until } from "./until.ts";

/** Resolves when all threads of the process are traced. */
export async function attachTracer(pid: number, flags: readonly string[]): Promise<Bun.Subprocess> {
  const tracer = Bun.spawn(["strace", "-f", "-p", String(pid), ...flags], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  let told = "";
  void (async () => {
    for await (const text of tracer.stderr.pipeThrough(new TextDecoderStream())) told += text;
  })();
  await until("the tracer", () => {
    if (tracer.exitCode !== null) throw new Error(`strace is needed and must be allowed: ${told}`);
    return told.includes("attached");
  });
  return tracer;
}
