// The figures as Prometheus reads them.

import { cpuUsage } from "node:process";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { type Figures, openFigures } from "./figures.ts";
import type { Metrics } from "./metrics.ts";

/** What prom-client measures of Node.js that Bun has as well; the rest would be zeros. */
const MEANT: ReadonlySet<string> = new Set([
  ...["nodejs_heap_size_total_bytes", "nodejs_heap_size_used_bytes"],
  "nodejs_external_memory_bytes",
]);
/** Its own look at the event loop: never, for ours can be added up over time and servers. */
const NEVER_MS = 2_147_483_647;
const MICROSECONDS = 1e6;

export class Exposition {
  readonly #metrics: Metrics;
  readonly #registry = new Registry();
  readonly #labels: string;
  readonly #setFigures: (figures: Figures) => void;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    const { region, ...about } = metrics.about;
    this.#labels = `region="${region}"`;
    this.#registry.setDefaultLabels({ region });
    this.#measureProcess();
    new Gauge({
      name: "millrace_info",
      help: "Always 1; the labels say what runs.",
      labelNames: ["version", "commit", "bun"],
      registers: [this.#registry],
    }).set({ ...about }, 1);
    const { requests, denials, retention } = metrics;
    this.#count(
      "millrace_rule_denials_total",
      "What the rules did not allow, by their section and the right that was asked for.",
      ["section", "action"],
      () => denials.values(),
    );
    this.#setFigures = openFigures(this.#registry);
    this.#count(
      "millrace_http_requests_total",
      "Requests that were answered; 101 is one that became a WebSocket.",
      ["api", "route", "method", "status"],
      () => requests.counts(),
    );
    this.#count(
      "millrace_retention_items_total",
      "Messages taken away in the background: too old, too many, or of what was deleted.",
      [],
      () => [{ count: retention.items }],
    );
    this.#count(
      "millrace_retention_bytes_total",
      "Bytes of these, each with its overhead.",
      [],
      () => [{ count: retention.bytes }],
    );
    this.#count(
      "millrace_retention_seconds_total",
      "What that has taken of the writer's time.",
      [],
      () => [{ count: retention.seconds }],
    );
  }

  async render(figures: Figures): Promise<string> {
    this.#setFigures(figures);
    const { requests, commitSeconds, groupCommands, eventLoop } = this.#metrics;
    const parts = [
      (await this.#registry.metrics()).trimEnd(),
      requests.publishSeconds.render(
        "millrace_publish_duration_seconds",
        "From the header of a publish until its answer, of those that succeeded.",
        this.#labels,
      ),
      commitSeconds.render(
        "millrace_commit_duration_seconds",
        "What the writer took to apply a group of writes and bring it to disk.",
        this.#labels,
      ),
      groupCommands.render(
        "millrace_commit_group_commands",
        "Writes that shared a commit.",
        this.#labels,
      ),
      eventLoop.seconds.render(
        "millrace_event_loop_delay_seconds",
        "How late the event loop was, at ten looks a second.",
        this.#labels,
      ),
    ];
    return `${parts.join("\n\n")}\n`;
  }

  #measureProcess(): void {
    const register = this.#registry;
    collectDefaultMetrics({ register, eventLoopMonitoringPrecision: NEVER_MS });
    for (const { name } of register.getMetricsAsArray()) {
      if (name.startsWith("nodejs_") && !MEANT.has(name)) register.removeSingleMetric(name);
    }
    // It counts from now on, and the process has run for a while.
    const { user, system } = cpuUsage();
    const spent = {
      process_cpu_user_seconds_total: user,
      process_cpu_system_seconds_total: system,
    };
    for (const [name, microseconds] of Object.entries(spent)) add(register, name, microseconds);
    add(register, "process_cpu_seconds_total", user + system);
  }

  /** Counts that are kept elsewhere, each with its labels, as they are when somebody looks. */
  #count(
    name: string,
    help: string,
    labelNames: readonly string[],
    counts: () => Iterable<{ readonly count: number }>,
  ): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { count, ...labels } of counts()) this.inc(labels, count);
      },
    });
  }
}

function add(register: Registry, name: string, microseconds: number): void {
  const counter = register.getSingleMetric(name);
  if (counter instanceof Counter) counter.inc(microseconds / MICROSECONDS);
}
