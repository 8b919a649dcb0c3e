// At most so many checks at once, and so many that wait for one of them to end.

import { limitExceeded } from "../core/errors.ts";

const RETRY_SECONDS = 2;

export class CheckQueue {
  readonly #atOnce: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number, waitingMax: number) {
    this.#atOnce = atOnce;
    this.#waitingMax = waitingMax;
  }

  /** Settles as `check` does, in its turn. Rejects with `limit_exceeded` when too many wait already. */
  async run<Result>(check: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#atOnce) await this.#turn();
    else this.#running += 1;
    try {
      return await check();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Whoever ends hands its place on. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      return Promise.reject(
        limitExceeded(
          "login_rate_limit_exceeded",
          "Too many logins are being checked; try again in a moment.",
          RETRY_SECONDS,
        ),
      );
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
