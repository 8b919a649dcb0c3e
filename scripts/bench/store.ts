/** What publishing and reading cost in a store that is full, against one with next to nothing in it. */
import { decimals, median, quotients, type Ratio, type Report } from "./figures.ts";
import { type Load, putUnderLoad } from "./load.ts";
import type { BenchOptions } from "./options.ts";
import { type BenchServer, CACHE, type DataDirectory, startMillrace } from "./servers.ts";
import { copyOfCachedStore, makeStore, topicNames } from "./stores.ts";
import type { Workbench } from "./workbench.ts";

const CONNECTIONS = 64;
const FEW_TOPICS = 1000;
const TARGET = "1 within noise";

interface Side {
  readonly server: BenchServer;
  readonly token: string;
  readonly topics: readonly string[];
}

/** One kind of request, to a full store and to one that is not. */
interface Contest {
  readonly what: string;
  readonly isRead: boolean;
  readonly full: Side;
  readonly empty: Side;
}

export async function benchStore(bench: Workbench, options: BenchOptions): Promise<Report> {
  const contests = await prepare(bench, options);
  const ratios: Ratio[] = [];
  const rows: string[][] = [];
  for (const contest of contests) {
    const { full, empty } = await measure(bench, options, contest);
    ratios.push(
      {
        what: `${contest.what}, rate: full / empty store`,
        rounds: quotients(full.map(rateOf), empty.map(rateOf)),
        target: TARGET,
      },
      {
        what: `${contest.what}, server CPU: full / empty store`,
        rounds: quotients(full.map(microsOf), empty.map(microsOf)),
        target: TARGET,
      },
    );
    rows.push(rowOf(`${contest.what}, full store`, full), rowOf(`${contest.what}, empty`, empty));
  }
  const servers = new Set(contests.flatMap(({ full, empty }) => [full.server, empty.server]));
  await Promise.all([...servers].map((server) => server.stop()));
  return {
    title: "Full and empty store",
    ratios,
    figures: { headers: ["what", "requests/s", "server CPU µs/request"], rows },
    notes: notesOn(options),
  };
}

async function prepare(bench: Workbench, options: BenchOptions): Promise<readonly Contest[]> {
  const { storeTopics, storeItemsPerTopic } = options;
  const open = async (data: DataDirectory) => {
    const server = await startMillrace(bench, data);
    return (topics: readonly string[]): Side => ({ server, token: data.token, topics });
  };
  const store = (topics: number, itemsPerTopic: number) =>
    makeStore(bench, { topics, itemsPerTopic });
  const size = { topics: storeTopics, itemsPerTopic: storeItemsPerTopic };
  const full = await open(await copyOfCachedStore(bench, size));
  const empty = await open(await store(0, 0));
  const onePage = await open(await store(FEW_TOPICS, storeItemsPerTopic));
  const oneItem = await open(await store(storeTopics, 1));
  const all = topicNames(storeTopics);
  const few = topicNames(storeTopics, storeTopics / FEW_TOPICS);
  const one = topicNames(1);
  const first = topicNames(FEW_TOPICS);
  const allOf = `${decimals(storeTopics, 0)} topics`;
  const fewOf = `${decimals(FEW_TOPICS, 0)} topics`;
  // Reads come before the publishes that lengthen what they read.
  return [
    { what: `first page of ${fewOf}`, isRead: true, full: full(few), empty: onePage(first) },
    { what: `first page of ${allOf}`, isRead: true, full: full(all), empty: onePage(first) },
    { what: "publish to 1 topic", isRead: false, full: full(one), empty: empty(one) },
    { what: `publish to ${fewOf}`, isRead: false, full: full(few), empty: empty(few) },
    { what: `publish to ${allOf}`, isRead: false, full: full(all), empty: oneItem(all) },
  ];
}

async function measure(
  bench: Workbench,
  { rounds, seconds }: BenchOptions,
  { isRead, full, empty }: Contest,
): Promise<{ full: readonly Load[]; empty: readonly Load[] }> {
  const loads = { full: [] as Load[], empty: [] as Load[] };
  // The first round is for the servers to get warm, and for the empty store to get its topics.
  for (let round = 0; round <= rounds; round += 1) {
    const sides = round % 2 === 0 ? (["full", "empty"] as const) : (["empty", "full"] as const);
    for (const side of sides) {
      const { server, token, topics } = side === "full" ? full : empty;
      const plan = { connections: CONNECTIONS, seconds, warmSeconds: 0.5, names: topics };
      const load = await putUnderLoad(bench, server, { ...plan, ...requestFor(isRead, token) });
      if (round > 0) loads[side].push(load);
    }
  }
  return loads;
}

function requestFor(isRead: boolean, token: string) {
  const target = `/topics/${CACHE}/{name}`;
  return isRead
    ? {
        request: {
          method: "GET" as const,
          target: `${target}?sequence_number=0&timeout=0`,
          token,
          body: "",
        },
        status: 200,
      }
    : { request: { method: "POST" as const, target, token, body: "hello world!" }, status: 204 };
}

function rateOf({ perSecond }: Load): number {
  return perSecond;
}

function microsOf({ serverMicros }: Load): number {
  return serverMicros;
}

function rowOf(what: string, loads: readonly Load[]): string[] {
  return [what, decimals(median(loads.map(rateOf)), 0), decimals(median(loads.map(microsOf)), 1)];
}

function notesOn({ storeTopics, storeItemsPerTopic }: BenchOptions): readonly string[] {
  const topics = decimals(storeTopics, 0);
  const items = decimals(storeTopics * storeItemsPerTopic, 0);
  const few = decimals(FEW_TOPICS, 0);
  return [
    `The full store has ${items} messages in ${topics} topics, ${storeItemsPerTopic} in each, that came in turns. ${CONNECTIONS} connections, each request to a topic drawn by lot; durability is full, and retention is off.`,
    `First page: sequence_number=0&timeout=0, which answers ${storeItemsPerTopic} items. The empty store has ${few} topics with as many.`,
    `Publish to 1 and to ${few} topics: the empty store begins with nothing, and gets the same topics before it is measured. Publish to ${topics} topics: the empty store has one message in each.`,
  ];
}
