// How late the event loop comes to what it should do: every request waits at least as long.

import { Buckets, SECONDS } from "./buckets.ts";

const LOOK_MS = 100;

export class EventLoopDelay implements Disposable {
  readonly seconds = new Buckets(SECONDS);
  readonly #timer: Timer;

  constructor() {
    let lookedAt = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.seconds.observe(Math.max(0, now - lookedAt - LOOK_MS) / 1000);
      lookedAt = now;
    }, LOOK_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
