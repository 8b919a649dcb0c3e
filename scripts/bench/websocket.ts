/** How fast deepstream's messages are over WebSockets, beside deepstream itself. */
import { Audience, type Subject, type Told } from "./audience.ts";
import { decimals, median, quotients, type Ratio, type Report } from "./figures.ts";
import { requireOpenFiles } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { startPeer } from "./peer.ts";
import { type BenchServer, startMillrace } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

/** A server's own files, beside one connection for each member of the audience. */
const OTHER_FILES = 200;

const FAN_OUTS: readonly FanOut[] = [
  { what: "event to 1,000 subscribers", subject: "event", count: 1000 },
  { what: "event to 10,000 subscribers", subject: "event", count: 10_000 },
  { what: "record with 1,000 subscribers updated", subject: "record", count: 1000 },
];

interface FanOut {
  readonly what: string;
  readonly subject: Subject;
  readonly count: number;
}

interface Side<Measured> {
  readonly name: string;
  readonly start: () => Promise<BenchServer>;
  /** One for each round. */
  readonly rounds: Measured[];
}

interface Outcome {
  readonly ratios: readonly Ratio[];
  readonly rows: readonly (readonly string[])[];
}

export async function benchWebSocket(bench: Workbench, options: BenchOptions): Promise<Report> {
  requireOpenFiles(Math.max(...FAN_OUTS.map(({ count }) => count)) + OTHER_FILES);
  const outcomes: Outcome[] = [];
  for (const fanOut of FAN_OUTS) outcomes.push(await compareFanOut(bench, options, fanOut));
  return {
    title: "deepstream's WebSockets",
    ratios: outcomes.flatMap(({ ratios }) => ratios),
    figures: {
      headers: ["what", "server", "server CPU µs", "all done after ms", "per second", "KiB"],
      rows: outcomes.flatMap(({ rows }) => rows),
    },
    notes: [
      "Raw sockets in a process of their own speak the binary protocol and only count frames. CPU is of all threads of the server.",
      "An event or an update is sent when everybody has got the one before: CPU is for each delivery, the time until the last has it. Ours has an update on disk before it tells anybody, deepstream keeps it in memory.",
      "deepstream: the open-source server 7.0.2 under Node.js with its own WebSockets (ws), no login, no permissions, in memory only.",
    ],
  };
}

function sidesOf<Measured>(bench: Workbench): readonly [Side<Measured>, Side<Measured>] {
  const startOurs = async () => startMillrace(bench, { path: await bench.directory(), token: "" });
  return [
    { name: "ours", start: startOurs, rounds: [] },
    { name: "deepstream", start: () => startPeer(bench), rounds: [] },
  ];
}

async function compareFanOut(
  bench: Workbench,
  { rounds, seconds }: BenchOptions,
  { what, subject, count }: FanOut,
): Promise<Outcome> {
  const [ours, peer] = sidesOf<Told>(bench);
  const gathered: { side: Side<Told>; server: BenchServer; audience: Audience }[] = [];
  for (const side of [ours, peer]) {
    const server = await side.start();
    gathered.push({ side, server, audience: await Audience.gather(bench, server, count, subject) });
  }
  // The first round is for the servers to get warm.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { side, audience } of round % 2 === 0 ? gathered : gathered.toReversed()) {
      const told = await audience.tell({ seconds });
      if (round > 0) side.rounds.push(told);
    }
  }
  for (const { server, audience } of gathered) {
    await audience.leave();
    await server.stop();
  }
  return {
    ratios: [
      {
        what: `${what}, server CPU: ours / deepstream`,
        rounds: quotients(cpuOf(ours), cpuOf(peer)),
        target: "< 1",
      },
      {
        what: `${what}, until the last has it: ours / deepstream`,
        rounds: quotients(timesOf(ours), timesOf(peer)),
        target: "< 1",
      },
    ],
    rows: [ours, peer].map((side) => [
      what,
      side.name,
      decimals(median(cpuOf(side)), 2),
      decimals(median(timesOf(side)), 1),
      decimals(1000 / median(timesOf(side)), 0),
      "",
    ]),
  };
}

function cpuOf({ rounds }: Side<Told>): readonly number[] {
  return rounds.map(({ serverMicros }) => serverMicros);
}

function timesOf({ rounds }: Side<Told>): readonly number[] {
  return rounds.map(({ lastMs }) => lastMs);
}
