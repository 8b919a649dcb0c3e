// Figures for Prometheus. No name of a topic, cache or token ever becomes a label.

import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

export interface Measured {
  readonly version: string;
  readonly region: string;
  readonly waiters: () => number;
  readonly connections: () => number;
  readonly subscriptions: () => number;
}

export class Metrics {
  readonly #registry = new Registry();

  constructor({ version, region, waiters, connections, subscriptions }: Measured) {
    const registers = [this.#registry];
    this.#registry.setDefaultLabels({ region });
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: "millrace_info",
      help: "Always 1; the labels say which version runs.",
      labelNames: ["version"],
      registers,
    }).set({ version }, 1);
    this.#gauge("millrace_waiters", "Requests that wait for a message.", waiters);
    this.#gauge("millrace_connections", "WebSockets of deepstream's clients.", connections);
    this.#gauge(
      "millrace_connection_subscriptions",
      "Subscriptions, listeners and provided RPCs of these.",
      subscriptions,
    );
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
