/** How fast deepstream's commands are over HTTP, against bare servers and against deepstream itself. */
import { decimals, median, quotients, type Ratio, type Report } from "./figures.ts";
import { type Load, putUnderLoad } from "./load.ts";
import type { BenchOptions } from "./options.ts";
import { startPeer } from "./peer.ts";
import { type BenchServer, prepareData, startBare, startMillrace } from "./servers.ts";
import type { Workbench } from "./workbench.ts";

const CONNECTIONS = 50;
const RECORDS = 10_000;
const RECORDS_A_REQUEST = 1000;
const EMITS_A_BATCH = 100;
const DATA = { firstname: "Ada", lastname: "Lovelace", visits: 12 };

const emit = { topic: "event", action: "emit", eventName: "{name}", data: DATA };
const read = { topic: "record", action: "read", recordName: "{name}" };
const write = { topic: "record", action: "write", recordName: "{name}", data: DATA };

/** Each command is permitted by a rule that looks at who asks and what it writes. */
const RULE = "user.id === 'bench' && data.visits > 10";
const RULES = {
  record: { "*": { create: true }, "record-$n": { read: "user.id === 'bench'", write: RULE } },
  event: { "*": { publish: false }, "record-$n": { publish: RULE } },
  rpc: { "*": { request: false } },
  presence: { "*": { allow: false } },
};

const OPERATIONS: readonly Operation[] = [
  { what: "event emit", command: emit, target: "≥ 0.6" },
  { what: "record read", command: read, target: "≥ 0.5" },
  { what: "durable record write", command: write, target: "≥ 0.35" },
];

const RULED = "ours, with rules";

interface Operation {
  readonly what: string;
  readonly command: object;
  /** Against a server that only answers. */
  readonly target: string;
}

interface Servers {
  readonly ours: BenchServer;
  readonly ruled: BenchServer;
  readonly peer: BenchServer | undefined;
}

interface Side {
  readonly name: string;
  readonly server: BenchServer;
  readonly body: string;
  /** One for each round. */
  readonly loads: Load[];
}

export async function benchDeepstream(bench: Workbench, options: BenchOptions): Promise<Report> {
  const ours = await startMillrace(bench, await prepareData(bench, await bench.directory()));
  const peer = await startPeer(bench).catch((cause: Error) => cause.message);
  if (typeof peer === "string") console.error(`bench: without deepstream: ${peer}`);
  const token = await tokenFrom(ours);
  const ruledData = await prepareData(bench, await bench.directory());
  const ruled = await startMillrace(bench, ruledData, "full", RULES);
  const servers = { ours, ruled, peer: typeof peer === "string" ? undefined : peer };
  const ruledToken = await tokenFrom(ruled);
  for (const server of [ours, servers.peer]) if (server) await writeRecords(server, token);
  await writeRecords(ruled, ruledToken);
  const ratios: Ratio[] = [];
  const rows: string[][] = [];
  for (const operation of OPERATIONS) {
    const sides = await compare(bench, options, servers, { token, ruledToken }, operation);
    ratios.push(...ratiosOf(operation, sides));
    rows.push(...sides.map((side) => rowOf(operation.what, side)));
  }
  const batches = await compareBatches(bench, options, ours, token);
  ratios.push(batches.ratio);
  rows.push(...batches.sides.map((side) => rowOf("event emit", side)));
  await Promise.all([ours.stop(), ruled.stop(), servers.peer?.stop()]);
  return {
    title: "deepstream's HTTP API",
    ratios,
    figures: {
      headers: [
        "what",
        "server",
        "requests/s",
        "server CPU µs/request",
        "generator CPU µs/request",
      ],
      rows,
    },
    notes: [
      `POST of one command with a token, ${CONNECTIONS} connections, one request in flight on each; every answer must be 200 and a success. Durability is full.`,
      `Each request is for one of ${decimals(RECORDS, 0)} names drawn by lot. A bare server gets the same requests and gives answers of the same length.`,
      `With rules: ${RULE} decides on each write and emit, and who asks on each read.`,
      typeof peer === "string"
        ? `deepstream is missing: ${peer}.`
        : "deepstream: the open-source server 7.0.2 under Node.js, no login, no permissions, in memory only.",
    ],
  };
}

/** That of a user who logs in as anybody may here. */
async function tokenFrom({ url }: BenchServer): Promise<string> {
  const response = await post(`${url}/api/auth`, JSON.stringify({ username: "bench" }));
  return (JSON.parse(response) as { token: string }).token;
}

async function writeRecords({ url }: BenchServer, token: string): Promise<void> {
  const names = recordNames();
  for (let first = 0; first < names.length; first += RECORDS_A_REQUEST) {
    const some = names.slice(first, first + RECORDS_A_REQUEST);
    const commands = some.map((recordName) => ({ ...write, recordName }));
    await post(`${url}/api`, bodyOf(token, commands));
  }
}

async function compare(
  bench: Workbench,
  options: BenchOptions,
  { ours, ruled, peer }: Servers,
  { token, ruledToken }: { readonly token: string; readonly ruledToken: string },
  { command }: Operation,
): Promise<readonly Side[]> {
  const body = bodyOf(token, [command]);
  const [name = ""] = recordNames();
  const answer = await post(`${ours.url}/api`, body.replaceAll("{name}", name));
  const answers = await startBare(bench, "answers", answer);
  const reads = await startBare(bench, "reads", answer);
  const sides: Side[] = [
    { name: "bare, only answers", server: answers, body, loads: [] },
    { name: "ours", server: ours, body, loads: [] },
    { name: RULED, server: ruled, body: bodyOf(ruledToken, [command]), loads: [] },
    { name: "bare, reads the body", server: reads, body, loads: [] },
  ];
  if (peer !== undefined) sides.push({ name: "deepstream", server: peer, body, loads: [] });
  await measure(bench, options, sides);
  await Promise.all([answers.stop(), reads.stop()]);
  return sides;
}

async function compareBatches(
  bench: Workbench,
  options: BenchOptions,
  server: BenchServer,
  token: string,
): Promise<{ readonly ratio: Ratio; readonly sides: readonly Side[] }> {
  const batch = bodyOf(token, new Array(EMITS_A_BATCH).fill(emit));
  const batches: Side = { name: `ours, ${EMITS_A_BATCH} at once`, server, body: batch, loads: [] };
  const single = bodyOf(token, [emit]);
  const singles: Side = { name: "ours, 1 at a time", server, body: single, loads: [] };
  await measure(bench, options, [batches, singles]);
  const rates = ratesOf(batches).map((rate) => rate * EMITS_A_BATCH);
  const ratio = {
    what: `event emit, commands/s: ${EMITS_A_BATCH} at once / 1 at a time`,
    rounds: quotients(rates, ratesOf(singles)),
    target: "≥ 30",
  };
  return { ratio, sides: [batches, singles] };
}

async function measure(
  bench: Workbench,
  { rounds, seconds }: BenchOptions,
  sides: readonly Side[],
): Promise<void> {
  const names = recordNames();
  // The first round is for the servers to get warm.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { server, body, loads } of round % 2 === 0 ? sides : sides.toReversed()) {
      const load = await putUnderLoad(bench, server, {
        connections: CONNECTIONS,
        seconds,
        warmSeconds: 0.5,
        names,
        request: {
          method: "POST",
          target: "/api",
          token: "",
          body,
          contentType: "application/json",
        },
        status: 200,
        expects: SUCCESS,
      });
      if (round > 0) loads.push(load);
    }
  }
}

function ratiosOf({ what, target }: Operation, sides: readonly Side[]): readonly Ratio[] {
  const targets: Record<string, string> = { "bare, only answers": target, deepstream: "> 1" };
  const ours = sides.find(({ name }) => name === "ours");
  if (ours === undefined) throw new Error("ours was not measured");
  return sides
    .filter((side) => side !== ours)
    .map((side) =>
      side.name === RULED
        ? {
            what: `${what}: ${RULED} / ours`,
            rounds: quotients(ratesOf(side), ratesOf(ours)),
            target: "≥ 0.9",
          }
        : {
            what: `${what}: ours / ${side.name}`,
            rounds: quotients(ratesOf(ours), ratesOf(side)),
            target: targets[side.name] ?? "",
          },
    );
}

function rowOf(what: string, { name, loads }: Side): string[] {
  return [
    what,
    name,
    decimals(median(loads.map(({ perSecond }) => perSecond)), 0),
    decimals(median(loads.map(({ serverMicros }) => serverMicros)), 1),
    decimals(median(loads.map(({ generatorMicros }) => generatorMicros)), 1),
  ];
}

function ratesOf({ loads }: Side): readonly number[] {
  return loads.map(({ perSecond }) => perSecond);
}

function recordNames(): readonly string[] {
  return Array.from({ length: RECORDS }, (_, index) => `record-${String(index).padStart(5, "0")}`);
}

function bodyOf(token: string, commands: readonly object[]): string {
  return JSON.stringify({ token, body: commands });
}

const SUCCESS = '{"result":"SUCCESS"';

/** The answer's body, which must be of status 200. */
async function post(url: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body });
  const text = await response.text();
  if (response.status === 200) return text;
  throw new Error(`${url} answered ${response.status} ${text.slice(0, 1000)}`);
}
