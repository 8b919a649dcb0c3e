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
const WAKES_A_ROUND = 4;

interface Side {
  readonly start: () => Promise<Holder>;
  /** Of each new server. */
  readonly bytesPerWaiter: number[];
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
  return { start, bytesPerWaiter: [], wakes: [] };
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
  for (let wake = 0; wake < rounds * WAKES_A_ROUND; wake += 1) {
    for (const [side, crowd] of crowds) side.wakes.push(await crowd.wake());
  }
  for (const crowd of crowds.values()) await crowd.stop();
}

/** The mean of each round. */
function microsOf({ wakes }: Side): readonly number[] {
  const means: number[] = [];
  for (let first = 0; first < wakes.length; first += WAKES_A_ROUND) {
    const round = wakes.slice(first, first + WAKES_A_ROUND);
    means.push(round.reduce((sum, { serverMicros }) => sum + serverMicros, 0) / round.length);
  }
  return means;
}

function reportOf(waiters: string, ours: Side, bare: Side): Report {
  return {
    title: `Wake of ${waiters} waiters`,
    ratios: [
      {
        what: `server CPU per delivery to ${waiters} waiters: ours / bare`,
        rounds: quotients(microsOf(ours), microsOf(bare)),
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

function rowOf(name: string, side: Side): string[] {
  const { wakes, bytesPerWaiter } = side;
  return [
    name,
    decimals(median(microsOf(side)), 1),
    decimals(median(wakes.map(({ firstMs }) => firstMs)), 0),
    decimals(median(wakes.map(({ lastMs }) => lastMs)), 0),
    decimals(median(wakes.map(({ answerBytes }) => answerBytes)), 0),
    decimals(median(bytesPerWaiter) / 1024, 1),
  ];
}
