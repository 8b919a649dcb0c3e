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
    this.#countDenials();
    this.#setFigures = openFigures(this.#registry);
    this.#countRequests();
    this.#countRetention();
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

  #countDenials(): void {
    const { denials } = this.#metrics;
    new Counter({
      name: "millrace_rule_denials_total",
      help: "What the rules did not allow, by their section and the right that was asked for.",
      labelNames: ["section", "action"],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { count, ...labels } of denials.values()) this.inc(labels, count);
      },
    });
  }

  #countRequests(): void {
    const { requests } = this.#metrics;
    new Counter({
      name: "millrace_http_requests_total",
      help: "Requests that were answered; 101 is one that became a WebSocket.",
      labelNames: ["api", "route", "method", "status"],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { count, ...labels } of requests.counts()) this.inc(labels, count);
      },
    });
  }

  #countRetention(): void {
    const { retention } = this.#metrics;
    const counted = [
      [
        "items",
        "Messages taken away in the background: too old, too many, or of what was deleted.",
      ],
      ["bytes", "Bytes of these, each with its overhead."],
      ["seconds", "What that has taken of the writer's time."],
    ] as const;
    for (const [what, help] of counted) {
      new Counter({
        name: `millrace_retention_${what}_total`,
        help,
        registers: [this.#registry],
        collect() {
          this.reset();
          this.inc(retention[what]);
        },
      });
    }
  }
}

function add(register: Registry, name: string, microseconds: number): void {
  const counter = register.getSingleMetric(name);
  if (counter instanceof Counter) counter.inc(microseconds / MICROSECONDS);
}
