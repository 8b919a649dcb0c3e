/** What it costs to wake everybody who waits for one topic. */
import { decimals, median, quotients, type Report } from "./figures.ts";
import { cpuMicros, requireOpenFiles, residentBytes } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { type BenchServer, CACHE, prepareData, startBare, startMillrace } from "./servers.ts";
import { Waiters, type Woken } from "./waiters.ts";
import type { Workbench } from "./workbench.ts";

const TOPIC = `/topics/${CACHE}/topic`;
const MESSAGE = "hello world!";
/** A server's own files, beside one connection for each waiter. */
const OTHER_FILES = 200;
const WAKES = 4;
const SETTLE_MS = 250;
const SETTLE_CHECKS_MAX = 40;
const MEMORY_SETTLE_MS = 2000;

/** A server that holds requests and can be told to answer them. */
interface Holder {
  readonly server: BenchServer;
  readonly token: string;
  /** How many requests it holds. */
  held(): Promise<number>;
  /** Publishes the message of this number, or has everybody answered as if. */
  wake(number: number): Promise<unknown>;
}

interface Measured {
  readonly bytesPerWaiter: number;
  readonly wakes: readonly (Woken & { readonly cpuMicros: number })[];
}

export async function benchWake(bench: Workbench, options: BenchOptions): Promise<Report> {
  requireOpenFiles(options.waiters + OTHER_FILES);
  const ours: Measured[] = [];
  const bare: Measured[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    ours.push(await measure(bench, options.waiters, await startOurs(bench)));
    bare.push(await measure(bench, options.waiters, await startHolding(bench)));
  }
  const waiters = decimals(options.waiters, 0);
  return {
    title: `Wake of ${waiters} waiters`,
    ratios: [
      {
        what: `server CPU per delivery to ${waiters} waiters: ours / bare`,
        rounds: quotients(ours.map(cpuOf), bare.map(cpuOf)),
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
        "first delivery after ms",
        "last delivery after ms",
        "bytes of an answer",
        "KiB a waiter",
      ],
      rows: [rowOf("ours", ours), rowOf("bare", bare)],
    },
    notes: [
      `Everybody polls one topic with sequence_number and is woken by one publish, ${WAKES} times on each server after one that is not counted; each round starts the servers anew.`,
      "CPU is of all threads of the server, from when everybody waits until everybody was answered. Every waiter must get the same bytes.",
      "Memory is the growth of resident memory from ready to when everybody waits.",
    ],
  };
}

async function startOurs(bench: Workbench): Promise<Holder> {
  const data = await prepareData(bench, await bench.directory());
  const server = await startMillrace(bench, data);
  const headers = { authorization: data.token, "content-type": "text/plain" };
  return {
    server,
    token: data.token,
    async held() {
      const response = await fetch(`${server.url}/topics/${CACHE}`, { headers });
      const { topics } = (await response.json()) as { topics: { waiters: number }[] };
      return topics[0]?.waiters ?? 0;
    },
    wake: () => fetch(server.url + TOPIC, { method: "POST", headers, body: MESSAGE }),
  };
}

async function startHolding(bench: Workbench): Promise<Holder> {
  const server = await startBare(bench, "holds");
  return {
    server,
    token: "none",
    held: async () => Number(await (await fetch(`${server.url}/held`)).text()),
    wake: (number) => fetch(server.url, { method: "POST", body: answerWith(number) }),
  };
}

/** What ours answers to who waited for this message. */
function answerWith(number: number): string {
  return `{"items":[{"item":{"topic_sequence_number":${number},"value":{"text":"${MESSAGE}"}}}]}`;
}
