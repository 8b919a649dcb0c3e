/** How long the server takes from its start until it is ready. */
import { decimals, median, quotients, type Report } from "./figures.ts";
import type { BenchOptions } from "./options.ts";
import { type DataDirectory, startMillrace } from "./servers.ts";
import { copyOfCachedStore, makeStore } from "./stores.ts";
import type { Workbench } from "./workbench.ts";

export async function benchStart(bench: Workbench, options: BenchOptions): Promise<Report> {
  const { rounds, storeTopics: topics, storeItemsPerTopic: itemsPerTopic } = options;
  const full = await copyOfCachedStore(bench, { topics, itemsPerTopic });
  const empty = await makeStore(bench, { topics: 0, itemsPerTopic: 0 });
  const fullMs: number[] = [];
  const emptyMs: number[] = [];
  await readyMs(bench, empty);
  for (let round = 0; round < rounds; round += 1) {
    fullMs.push(await readyMs(bench, full));
    emptyMs.push(await readyMs(bench, empty));
  }
  return {
    title: "Start",
    ratios: [
      {
        what: "start until ready: full / empty store",
        rounds: quotients(fullMs, emptyMs),
        target: "1 within noise",
      },
    ],
    figures: {
      headers: ["store", "ms until ready"],
      rows: [
        ["full", decimals(median(fullMs), 0)],
        ["empty", decimals(median(emptyMs), 0)],
      ],
    },
    notes: [
      `The full store has ${decimals(topics * itemsPerTopic, 0)} messages in ${decimals(topics, 0)} topics; its file is in the system's page cache.`,
    ],
  };
}

async function readyMs(bench: Workbench, data: DataDirectory): Promise<number> {
  const server = await startMillrace(bench, data);
  await server.stop();
  return server.readyMs;
}
