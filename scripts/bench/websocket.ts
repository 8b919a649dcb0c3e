/** How fast deepstream's messages are over WebSockets, beside deepstream itself. */
import { Audience, type Subject, type Told } from "./audience.ts";
import { putUnderCalls } from "./calls.ts";
import { decimals, median, quotients, type Ratio, type Report } from "./figures.ts";
import type { Load } from "./load.ts";
import { requireOpenFiles } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { startPeer } from "./peer.ts";
import { type BenchServer, startMillrace } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

/** A server's own files, beside one connection for each client. */
const OTHER_FILES = 200;
const CALLERS = 50;
const PROVIDERS = 5;

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

/** What each of the two did, one for each round. */
interface Rounds<Measured> {
  readonly ours: Measured[];
  readonly deepstream: Measured[];
}

interface Outcome {
  readonly ratios: readonly Ratio[];
  readonly rows: readonly (readonly string[])[];
}

export async function benchWebSocket(bench: Workbench, options: BenchOptions): Promise<Report> {
  requireOpenFiles(Math.max(options.waiters, ...FAN_OUTS.map(({ count }) => count)) + OTHER_FILES);
  const missing = await whyNoPeer(bench);
  if (missing !== undefined) return reportOf(options, [], `deepstream is missing: ${missing}.`);
  const outcomes: Outcome[] = [];
  for (const fanOut of FAN_OUTS) outcomes.push(await compareFanOut(bench, options, fanOut));
  outcomes.push(await compareCalls(bench, options));
  outcomes.push(await compareMemory(bench, options));
  return reportOf(
    options,
    outcomes,
    "deepstream: the open-source server 7.0.2 under Node.js with its default WebSockets (ws), no login, no permissions, in memory only.",
  );
}

/** Undefined: it can be started here. */
async function whyNoPeer(bench: Workbench): Promise<string | undefined> {
  try {
    await (await startPeer(bench)).stop();
    return undefined;
  } catch (cause) {
    if (bench.isClosed || !(cause instanceof Error)) throw cause;
    console.error(`bench: without deepstream: ${cause.message}`);
    return cause.message;
  }
}

function reportOf({ waiters }: BenchOptions, outcomes: readonly Outcome[], peer: string): Report {
  return {
    title: "deepstream's WebSockets",
    ratios: outcomes.flatMap(({ ratios }) => ratios),
    figures: {
      headers: [
        "what",
        "server",
        "server CPU µs",
        "generator CPU µs",
        "last has it after ms",
        "calls/s",
        "KiB a connection",
      ],
      rows: outcomes.flatMap(({ rows }) => rows),
    },
    notes: [
      "Raw sockets in a process of their own speak the binary protocol; subscribers only count frames. CPU is of all threads, for each delivery or call.",
      "An event or an update is sent when everybody has got the one before. Ours has an update on disk before it tells anybody.",
      `Calls come from ${CALLERS} connections, one in flight on each, and go to ${PROVIDERS} others, which accept and answer at once.`,
      `Memory is the growth of a new server's resident memory from ready until ${decimals(waiters, 0)} clients were logged in for two seconds.`,
      peer,
    ],
  };
}

async function compareFanOut(
  bench: Workbench,
  { rounds, seconds }: BenchOptions,
  { what, subject, count }: FanOut,
): Promise<Outcome> {
  const gather = async (server: BenchServer) => {
    const audience = await Audience.gather(bench, server, count, subject);
    return { server, audience };
  };
  const sides = {
    ours: await gather(await startOurs(bench)),
    deepstream: await gather(await startPeer(bench)),
  };
  const told = await takeTurns<Told>({ rounds }, (side) => sides[side].audience.tell({ seconds }));
  for (const { server, audience } of Object.values(sides)) {
    await audience.leave();
    await server.stop();
  }
  return {
    ratios: [
      ratioOf(`${what}, server CPU`, told, ({ serverMicros }) => serverMicros, "< 1"),
      ratioOf(`${what}, until the last has it`, told, ({ lastMs }) => lastMs, "< 1"),
    ],
    rows: rowsOf(what, told, (side) => [
      decimals(median(side.map(({ serverMicros }) => serverMicros)), 1),
      decimals(median(side.map(({ generatorMicros }) => generatorMicros)), 1),
      decimals(median(side.map(({ lastMs }) => lastMs)), 1),
      "",
      "",
    ]),
  };
}

async function compareCalls(bench: Workbench, { rounds, seconds }: BenchOptions): Promise<Outcome> {
  const what = "remote procedure call";
  const plan = { callers: CALLERS, providers: PROVIDERS, seconds, warmSeconds: 0.5 };
  const servers = { ours: await startOurs(bench), deepstream: await startPeer(bench) };
  const loads = await takeTurns<Load>({ rounds }, (side) =>
    putUnderCalls(bench, servers[side], plan),
  );
  for (const server of Object.values(servers)) await server.stop();
  return {
    ratios: [
      ratioOf(`${what}s, rate`, loads, ({ perSecond }) => perSecond, "> 1"),
      ratioOf(`${what}s, server CPU`, loads, ({ serverMicros }) => serverMicros, "< 1"),
    ],
    rows: rowsOf(what, loads, (side) => [
      decimals(median(side.map(({ serverMicros }) => serverMicros)), 1),
      decimals(median(side.map(({ generatorMicros }) => generatorMicros)), 1),
      "",
      decimals(median(side.map(({ perSecond }) => perSecond)), 0),
      "",
    ]),
  };
}

/** Memory that was once used is not given back, so every round needs a new server. */
async function compareMemory(
  bench: Workbench,
  { rounds, waiters }: BenchOptions,
): Promise<Outcome> {
  const what = "idle connection";
  const bytes = await takeTurns<number>({ rounds, warmRounds: 0 }, async (side) => {
    const server = side === "ours" ? await startOurs(bench) : await startPeer(bench);
    const audience = await Audience.gather(bench, server, waiters, "nothing");
    await audience.leave();
    await server.stop();
    return audience.bytesPerMember;
  });
  return {
    ratios: [ratioOf(`memory of an ${what}`, bytes, (each) => each, "< 1")],
    rows: rowsOf(what, bytes, (side) => ["", "", "", "", decimals(median(side) / 1024, 1)]),
  };
}

async function startOurs(bench: Workbench): Promise<BenchServer> {
  return startMillrace(bench, { path: await bench.directory(), token: "" });
}

async function takeTurns<Measured>(
  { rounds, warmRounds = 1 }: { readonly rounds: number; readonly warmRounds?: number },
  measure: (side: "ours" | "deepstream") => Promise<Measured>,
): Promise<Rounds<Measured>> {
  const sides = ["ours", "deepstream"] as const;
  const measured: Rounds<Measured> = { ours: [], deepstream: [] };
  for (let round = -warmRounds; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const one = await measure(side);
      if (round >= 0) measured[side].push(one);
    }
  }
  return measured;
}

function ratioOf<Measured>(
  what: string,
  { ours, deepstream }: Rounds<Measured>,
  numberOf: (measured: Measured) => number,
  target: string,
): Ratio {
  const rounds = quotients(ours.map(numberOf), deepstream.map(numberOf));
  return { what: `${what}: ours / deepstream`, rounds, target };
}

function rowsOf<Measured>(
  what: string,
  { ours, deepstream }: Rounds<Measured>,
  cellsOf: (side: readonly Measured[]) => readonly string[],
): readonly (readonly string[])[] {
  return [
    [what, "ours", ...cellsOf(ours)],
    [what, "deepstream", ...cellsOf(deepstream)],
  ];
}
