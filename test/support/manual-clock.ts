// A clock that goes only when a test says so.

import type { Clock } from "../../src/core/clock.ts";

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

export class ManualClock implements Clock {
  #timeOfDay: number;
  /** What timers go by: unlike the time of day it never steps. */
  #elapsed = 0;
  readonly #timers = new Set<Timer>();

  constructor(timeOfDay = 1_700_000_000_000) {
    this.#timeOfDay = timeOfDay;
  }

  now(): number {
    return this.#timeOfDay;
  }

  schedule(delayMs: number, run: () => void): Disposable {
    const timer = { dueAt: this.#elapsed + delayMs, run };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Lets time pass, and runs what falls due, each at its time and in the order of these. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#timers.delete(next);
      this.#passUntil(next.dueAt);
      next.run();
    }
    this.#passUntil(end);
  }

  /** Sets the time of day, as an administrator does; timers do not notice. */
  step(ms: number): void {
    this.#timeOfDay += ms;
  }

  /** Timers that were neither run nor called off. */
  get timers(): number {
    return this.#timers.size;
  }

  #nextUntil(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueAt }) => dueAt <= end);
    return due.sort((a, b) => a.dueAt - b.dueAt)[0];
  }

  #passUntil(elapsed: number): void {
    const ms = Math.max(0, elapsed - this.#elapsed);
    this.#elapsed += ms;
    this.#timeOfDay += ms;
  }
}
