// Figures for Prometheus. No name of a topic, cache or token ever becomes a label.

import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

export interface Measured {
  readonly version: string;
  readonly region: string;
  readonly waiters: () => number;
}

export class Metrics {
  readonly #registry = new Registry();

  constructor({ version, region, waiters }: Measured) {
    const registers = [this.#registry];
    this.#registry.setDefaultLabels({ region });
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: "millrace_info",
      help: "Always 1; the labels say which version runs.",
      labelNames: ["version"],
      registers,
    }).set({ version }, 1);
    new Gauge({
      name: "millrace_waiters",
      help: "Requests that wait for a message.",
      registers,
      collect() {
        this.set(waiters());
      },
    });
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }
}
