// Figures for Prometheus. No name of a topic, cache or token ever becomes a label.

import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

export interface Measured {
  readonly version: string;
  readonly region: string;
  readonly waiters: () => number;
  readonly connections: () => number;
  readonly subscriptions: () => number;
  readonly eventSubscriptions: () => number;
  readonly recordSubscriptions: () => number;
  readonly patterns: () => number;
  readonly rpcCalls: () => number;
}

export class Metrics {
  readonly #registry = new Registry();

  constructor(measured: Measured) {
    const { version, region } = measured;
    const registers = [this.#registry];
    this.#registry.setDefaultLabels({ region });
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: "millrace_info",
      help: "Always 1; the labels say which version runs.",
      labelNames: ["version"],
      registers,
    }).set({ version }, 1);
    this.#gauge("millrace_waiters", "Requests that wait for a message.", measured.waiters);
    this.#gauge(
      "millrace_connections",
      "WebSockets of deepstream's clients.",
      measured.connections,
    );
    this.#gauge(
      "millrace_connection_subscriptions",
      "Subscriptions, listeners and provided RPCs of these.",
      measured.subscriptions,
    );
    this.#gauge(
      "millrace_event_subscriptions",
      "Names of events, times who subscribes to each.",
      measured.eventSubscriptions,
    );
    this.#gauge(
      "millrace_record_subscriptions",
      "Names of records, times who subscribes to each.",
      measured.recordSubscriptions,
    );
    this.#gauge(
      "millrace_listened_patterns",
      "Patterns that programs listen to.",
      measured.patterns,
    );
    this.#gauge("millrace_rpc_calls", "RPCs that wait for their answer.", measured.rpcCalls);
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, measure: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(measure());
      },
    });
  }
}
