/** Says how big the machine is that the figures come from. */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { availableParallelism, cpus, release, type as systemName, totalmem } from "node:os";
import { join } from "node:path";
import { decimals, median } from "./figures.ts";

const SYNCS = 100;

export function describeMachine(directory: string): string {
  const model = cpus()[0]?.model ?? "an unknown CPU";
  const memory = `${decimals(totalmem() / 1024 ** 3, 0)} GiB of memory`;
  const sync = `${decimals(syncMs(directory), 2)} ms for a write of 4 KiB and its fdatasync`;
  const cores = `${availableParallelism()} cores`;
  return `${model}, ${cores}, ${memory}, ${systemName()} ${release()}, Bun ${Bun.version}; ${sync} (median).`;
}

/** Throws an `Error` that says what to do. `files` is how many a process of the benchmark has open at most. */
export function requireOpenFiles(files: number): void {
  const { stdout } = Bun.spawnSync(["sh", "-c", "ulimit -Hn"]);
  const limit = stdout.toString().trim();
  if (limit === "unlimited" || Number(limit) >= files) return;
  throw new Error(
    `This needs processes with ${files} open files each, but the hard limit here is ${limit}: raise it (ulimit -Hn, or nofile in limits.conf), or use --quick.`,
  );
}

/** CPU time of all threads in microseconds; NaN where the system does not say. */
export function cpuMicros(pid: number): number {
  const stat = readProcess(pid, "stat");
  // The name of the program, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN);
  return ticks * 10_000;
}

/** CPU time of all threads of this process in microseconds. */
export function ownMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Resident memory; NaN where the system does not say. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readProcess(pid, "status"))?.[1];
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024;
}

function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function syncMs(directory: string): number {
  const file = openSync(join(directory, "sync"), "w");
  const block = new Uint8Array(4096);
  const times = Array.from({ length: SYNCS }, () => {
    const started = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  return median(times);
}
