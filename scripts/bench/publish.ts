/** How fast a message becomes durable, against a server that only answers. */
import { decimals, median, quotients, type Ratio, type Report } from "./figures.ts";
import { type Load, putUnderLoad } from "./load.ts";
import type { BenchOptions } from "./options.ts";
import { type BenchServer, CACHE, prepareData, startBare, startMillrace } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const CONNECTIONS = [64, 256];
const MESSAGE = "hello world!";

const NAMES = {
  full: "ours, full",
  normal: "ours, normal",
  answers: "bare, only answers",
  reads: "bare, reads the body",
  checks: "bare, reads and checks",
};
type Name = keyof typeof NAMES;

const RATIOS: readonly { ours: Name; bare: Name; targets: Record<number, string> }[] = [
  { ours: "full", bare: "answers", targets: { 64: "≥ 0.5", 256: "≥ 0.65" } },
  { ours: "full", bare: "reads", targets: {} },
  { ours: "full", bare: "checks", targets: {} },
  { ours: "normal", bare: "answers", targets: { 64: "≥ 0.7" } },
  { ours: "normal", bare: "reads", targets: {} },
  { ours: "normal", bare: "checks", targets: {} },
];

export async function benchPublish(bench: Workbench, options: BenchOptions): Promise<Report> {
  const full = await prepareData(bench, await bench.directory());
  const normal = await prepareData(bench, await bench.directory());
  const servers = {
    answers: { server: await startBare(bench, "answers"), token: full.token },
    full: { server: await startMillrace(bench, full, "full"), token: full.token },
    reads: { server: await startBare(bench, "reads"), token: full.token },
    checks: { server: await startBare(bench, "checks"), token: full.token },
    normal: { server: await startMillrace(bench, normal, "normal"), token: normal.token },
  };
  const ratios: Ratio[] = [];
  const rows: string[][] = [];
  for (const connections of CONNECTIONS) {
    const loads = await measure(bench, options, servers, connections);
    ratios.push(...ratiosOf(loads, connections));
    rows.push(...rowsOf(loads, connections));
  }
  await Promise.all(Object.values(servers).map(({ server }) => server.stop()));
  return {
    title: "Publish",
    ratios,
    figures: {
      headers: [
        "server",
        "connections",
        "requests/s",
        "server CPU µs/request",
        "generator CPU µs/request",
      ],
      rows,
    },
    notes: [
      `POST of ${MESSAGE.length} bytes as text/plain to one topic, token verified, keep-alive, one request in flight on each connection; every answer must be 204.`,
      "Servers and the load generator are processes of their own, and share the machine. CPU is of all threads of the server.",
      "Reads and checks: what the HTTP of a publish cannot do without. It reads the body, looks at six headers, waits for the event loop's next turn and answers with two headers of its own.",
      "Retention is off.",
    ],
  };
}

type Servers = Record<Name, { readonly server: BenchServer; readonly token: string }>;
type Loads = Record<Name, Load[]>;

async function measure(
  bench: Workbench,
  { rounds, seconds }: BenchOptions,
  servers: Servers,
  connections: number,
): Promise<Loads> {
  const loads: Loads = { answers: [], full: [], reads: [], checks: [], normal: [] };
  const names = Object.keys(servers) as Name[];
  // The first round is for the servers to get warm.
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { server, token } = servers[name];
      const load = await putUnderLoad(bench, server, {
        connections,
        seconds,
        warmSeconds: 0.5,
        names: ["topic"],
        request: { method: "POST", target: `/topics/${CACHE}/{name}`, token, body: MESSAGE },
        status: 204,
      });
      if (round > 0) loads[name].push(load);
    }
  }
  return loads;
}

function ratiosOf(loads: Loads, connections: number): Ratio[] {
  return RATIOS.map(({ ours, bare, targets }) => ({
    what: `publish at ${connections} connections: ${NAMES[ours]} / ${NAMES[bare]}`,
    rounds: quotients(rates(loads[ours]), rates(loads[bare])),
    target: targets[connections] ?? "",
  }));
}

function rates(loads: readonly Load[]): readonly number[] {
  return loads.map(({ perSecond }) => perSecond);
}

function rowsOf(loads: Loads, connections: number): string[][] {
  return (Object.keys(NAMES) as Name[]).map((name) => [
    NAMES[name],
    String(connections),
    decimals(median(rates(loads[name])), 0),
    decimals(median(loads[name].map(({ serverMicros }) => serverMicros)), 1),
    decimals(median(loads[name].map(({ generatorMicros }) => generatorMicros)), 1),
  ]);
}
