/** What it costs to wake everybody who waits for one topic. */
import { decimals, median, quotients, type Report } from "./figures.ts";
import { type Holder, startHolding, startOurs } from "./holders.ts";
import { cpuMicros, requireOpenFiles, residentBytes } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { type Awakening, Waiters } from "./waiters.ts";
import type { Workbench } from "./workbench.ts";

/** A server's own files, beside one connection for each waiter. */
const OTHER_FILES = 200;
const WAKES = 5;
const SETTLE_MS = 300;
const SETTLE_CHECKS_MAX = 40;
const MEMORY_SETTLE_MS = 2000;

interface Measured {
  readonly bytesPerWaiter: number;
  /** Of each wake, and for each delivery. */
  readonly micros: readonly number[];
  readonly awakenings: readonly Awakening[];
}

export async function benchWake(bench: Workbench, options: BenchOptions): Promise<Report> {
  requireOpenFiles(options.waiters + OTHER_FILES);
  const ours: Measured[] = [];
  const bare: Measured[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const holder = await startOurs(bench);
    ours.push(await measure(bench, options.waiters, holder));
    bare.push(await measure(bench, options.waiters, await startHolding(bench, holder.token)));
  }
  return reportOf(decimals(options.waiters, 0), ours, bare);
}

async function measure(bench: Workbench, count: number, holder: Holder): Promise<Measured> {
  const { server, token } = holder;
  let newest = 1;
  await holder.wake(newest);
  await holder.held();
  const emptyBytes = residentBytes(server.pid);
  const waiters = new Waiters(bench, { url: server.url, token, count });
  const micros: number[] = [];
  const awakenings: Awakening[] = [];
  let bytesPerWaiter = Number.NaN;
  for (; newest <= 1 + WAKES; newest += 1) {
    await waiters.poll(holder.target(newest));
    await everybodyWaits(holder, count);
    if (newest === 1) {
      await Bun.sleep(MEMORY_SETTLE_MS);
      bytesPerWaiter = (residentBytes(server.pid) - emptyBytes) / count;
    }
    const before = cpuMicros(server.pid);
    const awakening = await waiters.awaken(() => holder.wake(newest + 1));
    await settle(server.pid);
    // The first wake is for the server to get warm.
    if (newest === 1) continue;
    micros.push((cpuMicros(server.pid) - before) / count);
    awakenings.push(awakening);
  }
  await waiters.stop();
  await server.stop();
  return { bytesPerWaiter, micros, awakenings };
}

async function everybodyWaits(holder: Holder, count: number): Promise<void> {
  while ((await holder.held()) < count) await Bun.sleep(100);
  await settle(holder.server.pid);
}

/** Until the server has nothing to do any more. */
async function settle(pid: number): Promise<void> {
  for (let check = 0; check < SETTLE_CHECKS_MAX; check += 1) {
    const before = cpuMicros(pid);
    await Bun.sleep(SETTLE_MS);
    // One tick of the clock may be anything.
    if (!(cpuMicros(pid) - before > 10_000)) return;
  }
}

function reportOf(waiters: string, ours: readonly Measured[], bare: readonly Measured[]): Report {
  return {
    title: `Wake of ${waiters} waiters`,
    ratios: [
      {
        what: `server CPU per delivery to ${waiters} waiters: ours / bare`,
        rounds: quotients(ours.map(microsOf), bare.map(microsOf)),
        target: "≤ 1.3",
      },
      {
        what: `memory a waiter, of ${waiters}: ours / bare`,
        rounds: quotients(ours.map(memoryOf), bare.map(memoryOf)),
        target: "≤ 2.5",
      },
    ],
    figures: {
      headers: [
        "server",
        "server CPU µs/delivery",
        "first answer after ms",
        "last answer after ms",
        "bytes of an answer",
        "KiB a waiter",
      ],
      rows: [rowOf("ours, full", ours), rowOf("bare", bare)],
    },
    notes: [
      `Everybody polls one topic with sequence_number and is woken by one publish: ${WAKES} times in a round, after once that does not count. Each round starts the servers anew.`,
      "CPU is of all threads of the server, from when everybody waits until everybody was answered. Everybody must get the same bytes.",
      `Memory is the growth of resident memory from ready until everybody waits and ${MEMORY_SETTLE_MS / 1000} seconds have passed, connections included.`,
    ],
  };
}

function microsOf({ micros }: Measured): number {
  return micros.reduce((sum, value) => sum + value, 0) / micros.length;
}

function memoryOf({ bytesPerWaiter }: Measured): number {
  return bytesPerWaiter;
}

function rowOf(name: string, measured: readonly Measured[]): string[] {
  const awakenings = measured.flatMap((round) => round.awakenings);
  return [
    name,
    decimals(median(measured.map(microsOf)), 1),
    decimals(median(awakenings.map(({ firstMs }) => firstMs)), 0),
    decimals(median(awakenings.map(({ lastMs }) => lastMs)), 0),
    decimals(median(awakenings.map(({ answerBytes }) => answerBytes)), 0),
    decimals(median(measured.map(memoryOf)) / 1024, 1),
  ];
}
