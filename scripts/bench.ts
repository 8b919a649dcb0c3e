/**
 * Holds the server against bare ones of Bun on this machine, and prints Markdown tables.
 *
 *   bun run bench                          everything, some 20 minutes
 *   bun run bench --quick                  fewer rounds, waiters and messages
 *   bun run bench --only publish,wake      publish, wake, store, start, deepstream, websocket or rules
 *   bun run bench --rounds 9 --seconds 5   how often, and how long each server is under load
 *
 * Takes dist/millrace if it was built, else the source. The machine is noisy: servers take turns, a
 * ratio is made within each round, and the median of the rounds is what counts.
 */
import { benchDeepstream } from "./bench/deepstream.ts";
import type { Report } from "./bench/figures.ts";
import { describeMachine } from "./bench/machine.ts";
import { renderRatios, renderReport } from "./bench/markdown.ts";
import { type BenchOptions, readOptions, type Scenario } from "./bench/options.ts";
import { benchPublish } from "./bench/publish.ts";
import { benchRules } from "./bench/rules.ts";
import { millraceCommand } from "./bench/servers.ts";
import { benchStart } from "./bench/start.ts";
import { benchStore } from "./bench/store.ts";
import { benchWake } from "./bench/wake.ts";
import { benchWebSocket } from "./bench/websocket.ts";
import { Workbench } from "./bench/workbench.ts";

const scenarios = {
  publish: benchPublish,
  wake: benchWake,
  store: benchStore,
  start: benchStart,
  deepstream: benchDeepstream,
  websocket: benchWebSocket,
  rules: benchRules,
} satisfies Record<Scenario, (bench: Workbench, options: BenchOptions) => Promise<Report>>;

const options = readOptions(process.argv.slice(2));
const bench = new Workbench();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end(130));
try {
  await run();
  await end(0);
} catch (cause) {
  if (!bench.isClosed) console.error(cause);
  await end(1);
}

async function run(): Promise<void> {
  const machine = describeMachine(await bench.directory());
  const reports: Report[] = [];
  for (const scenario of options.scenarios) {
    console.error(`bench: ${scenario}`);
    reports.push(await scenarios[scenario](bench, options));
  }
  console.log(`${machine}\n\nThe server is ${millraceCommand().join(" ")}.\n`);
  console.log(`${renderRatios(reports)}\n`);
  for (const report of reports) console.log(`${renderReport(report)}\n`);
}

async function end(exitCode: number): Promise<never> {
  await bench[Symbol.asyncDispose]();
  process.exit(exitCode);
}
