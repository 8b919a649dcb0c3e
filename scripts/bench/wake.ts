/** What it costs to have many requests wait, and to wake them all. */
import { Crowd, type Woken } from "./crowd.ts";
import { decimals, median, quotients, type Report } from "./figures.ts";
import { type Holder, startHolding, startOurs } from "./holders.ts";
import { requireOpenFiles } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import type { Workbench } from "./workbench.ts";

/** A server's own files, beside one connection for each waiter. */
const OTHER_FILES = 200;
/** For the servers to get warm. */
const WAKES_NOT_COUNTED = 3;
/** The clock of CPU time is coarse; a round is long enough for it. */
const WAKES_A_ROUND = 3;

interface Side {
  readonly start: () => Promise<Holder>;
  /** Of each round. */
  readonly bytesPerWaiter: number[];
  readonly serverMicros: number[];
  /** Of each wake. */
  readonly wakes: Woken[];
}

export async function benchWake(bench: Workbench, options: BenchOptions): Promise<Report> {
  requireOpenFiles(options.waiters + OTHER_FILES);
  const ours = sideOf(() => startOurs(bench));
  const bare = sideOf(() => startHolding(bench));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const side of [ours, bare]) await measureMemory(bench, options.waiters, side);
  }
  await measureWakes(bench, options, [ours, bare]);
  return reportOf(decimals(options.waiters, 0), ours, bare);
}

function sideOf(start: () => Promise<Holder>): Side {
  return { start, bytesPerWaiter: [], serverMicros: [], wakes: [] };
}

/** Memory that was once used is not given back, so every round needs a new server. */
async function measureMemory(bench: Workbench, waiters: number, side: Side): Promise<void> {
  const crowd = await Crowd.gather(bench, await side.start(), waiters);
  side.bytesPerWaiter.push(crowd.bytesPerWaiter);
  await crowd.stop();
}

async function measureWakes(
  bench: Workbench,
  { rounds, waiters }: BenchOptions,
  sides: readonly Side[],
): Promise<void> {
  const crowds = new Map<Side, Crowd>();
  for (const side of sides) {
    const crowd = await Crowd.gather(bench, await side.start(), waiters);
    for (let wake = 0; wake < WAKES_NOT_COUNTED; wake += 1) await crowd.wake();
    crowds.set(side, crowd);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [side, crowd] of crowds) await measureRound(side, crowd);
  }
  for (const crowd of crowds.values()) await crowd.stop();
}

async function measureRound({ wakes, serverMicros }: Side, crowd: Crowd): Promise<void> {
  let micros = 0;
  for (let wake = 0; wake < WAKES_A_ROUND; wake += 1) {
    const woken = await crowd.wake();
    wakes.push(woken);
    micros += woken.serverMicros;
  }
  serverMicros.push(micros / WAKES_A_ROUND);
}

function reportOf(waiters: string, ours: Side, bare: Side): Report {
  return {
    title: `Wake of ${waiters} waiters`,
    ratios: [
      {
        what: `server CPU per delivery to ${waiters} waiters: ours / bare`,
        rounds: quotients(ours.serverMicros, bare.serverMicros),
        target: "≤ 1.3",
      },
      {
        what: `memory a waiter, of ${waiters}: ours / bare`,
        rounds: quotients(ours.bytesPerWaiter, bare.bytesPerWaiter),
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
      rows: [rowOf("ours, full", ours), rowOf("bare, holds and resolves", bare)],
    },
    notes: [
      `Everybody polls one topic with sequence_number, and one publish wakes them all: ${WAKES_A_ROUND} times in a round, after ${WAKES_NOT_COUNTED} that do not count.`,
      "CPU is of all threads of the server, from when everybody waits until everybody was answered; joining is not in it. Everybody must get the same bytes.",
      "Memory is the growth of a new server's resident memory from ready until everybody has waited for two seconds, connections included.",
    ],
  };
}

function rowOf(name: string, { serverMicros, bytesPerWaiter, wakes }: Side): string[] {
  return [
    name,
    decimals(median(serverMicros), 1),
    decimals(median(wakes.map(({ firstMs }) => firstMs)), 0),
    decimals(median(wakes.map(({ lastMs }) => lastMs)), 0),
    decimals(median(wakes.map(({ answerBytes }) => answerBytes)), 0),
    decimals(median(bytesPerWaiter) / 1024, 1),
  ];
}
