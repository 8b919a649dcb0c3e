// Figures for Prometheus. No name of a topic, cache, record, user or token ever becomes a label.

import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { RuleAction, RuleSection } from "../core/access/rules.ts";
import { Buckets, POWERS_OF_TWO, SECONDS } from "./buckets.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import { type Figures, openFigures } from "./figures.ts";
import { RequestCounts } from "./request-counts.ts";

export interface About {
  readonly version: string;
  readonly commit: string;
  readonly bun: string;
  readonly region: string;
}

/** What retention has done since it was last told. */
export interface RetentionWork {
  readonly items: number;
  /** As they count towards what is stored. */
  readonly bytes: number;
  /** That it took the writer, in which nothing else was written. */
  readonly seconds: number;
}

/** A section of the rules, and the right in it that was denied. Both are of closed lists. */
/** What prom-client measures of Node.js that Bun has as well; the rest would be zeros. */
const MEANT: ReadonlySet<string> = new Set([
  ...["nodejs_heap_size_total_bytes", "nodejs_heap_size_used_bytes"],
  "nodejs_external_memory_bytes",
]);
/** Its own look at the event loop: never, for ours can be added up over time and servers. */
const NEVER_MS = 2_147_483_647;

export class Metrics implements Disposable {
  readonly requests = new RequestCounts();
  readonly #registry = new Registry();
  readonly #labels: string;
  readonly #commitSeconds = new Buckets(SECONDS);
  readonly #groupCommands = new Buckets(POWERS_OF_TWO);
  readonly #eventLoop = new EventLoopDelay();
  readonly #retained = { items: 0, bytes: 0, seconds: 0 };
  readonly #denials: Counter<"section" | "action">;
  readonly #setFigures: (figures: Figures) => void;

  constructor({ version, commit, bun, region }: About) {
    const registers = [this.#registry];
    this.#labels = `region="${region}"`;
    this.#registry.setDefaultLabels({ region });
    this.#measureProcess();
    new Gauge({
      name: "millrace_info",
      help: "Always 1; the labels say what runs.",
      labelNames: ["version", "commit", "bun"],
      registers,
    }).set({ version, commit, bun }, 1);
    this.#denials = new Counter({
      name: "millrace_rule_denials_total",
      help: "What the rules did not allow, by their section and the right that was asked for.",
      labelNames: ["section", "action"],
      registers,
    });
    this.#setFigures = openFigures(this.#registry);
    this.#countRequests();
    this.#countRetention();
  }

  /** A group of writes was committed, or failed to be. */
  committed(commands: number, seconds: number): void {
    this.#groupCommands.observe(commands);
    this.#commitSeconds.observe(seconds);
  }

  retained({ items, bytes, seconds }: RetentionWork): void {
    this.#retained.items += items;
    this.#retained.bytes += bytes;
    this.#retained.seconds += seconds;
  }

  ruleDenied(section: RuleSection, action: RuleAction): void {
    this.#denials.inc({ section, action });
  }

  /** Prometheus' text format, with the figures of this moment. */
  async render(figures: Figures): Promise<string> {
    this.#setFigures(figures);
    const parts = [
      (await this.#registry.metrics()).trimEnd(),
      this.requests.publishSeconds.render(
        "millrace_publish_duration_seconds",
        "From the header of a publish until its answer, of those that succeeded.",
        this.#labels,
      ),
      this.#commitSeconds.render(
        "millrace_commit_duration_seconds",
        "What the writer took to apply a group of writes and bring it to disk.",
        this.#labels,
      ),
      this.#groupCommands.render(
        "millrace_commit_group_commands",
        "Writes that shared a commit.",
        this.#labels,
      ),
      this.#eventLoop.seconds.render(
        "millrace_event_loop_delay_seconds",
        "How late the event loop was, at ten looks a second.",
        this.#labels,
      ),
    ];
    return `${parts.join("\n\n")}\n`;
  }

  [Symbol.dispose](): void {
    this.#eventLoop[Symbol.dispose]();
  }

  #measureProcess(): void {
    const register = this.#registry;
    collectDefaultMetrics({ register, eventLoopMonitoringPrecision: NEVER_MS });
    for (const { name } of register.getMetricsAsArray()) {
      if (name.startsWith("nodejs_") && !MEANT.has(name)) register.removeSingleMetric(name);
    }
  }

  #countRequests(): void {
    const { requests } = this;
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
    const retained = this.#retained;
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
          this.inc(retained[what]);
        },
      });
    }
  }
}
