// How many subscriptions a connection has, of all kinds, and how many it may have.

import { limitExceeded } from "../../core/errors.ts";

/** Of all connections. */
export interface SubscriptionTotal {
  subscriptions: number;
}

export class SubscriptionCount implements Disposable {
  readonly #max: number;
  readonly #total: SubscriptionTotal;
  #count = 0;

  constructor(max: number, total: SubscriptionTotal) {
    this.#max = max;
    this.#total = total;
  }

  /** Throws `limit_exceeded`. */
  add(): void {
    if (this.#count >= this.#max) {
      throw limitExceeded(
        "connection_subscriptions_limit_exceeded",
        `The connection has too many subscriptions: at most ${this.#max} are allowed.`,
      );
    }
    this.#count += 1;
    this.#total.subscriptions += 1;
  }

  remove(): void {
    this.#count -= 1;
    this.#total.subscriptions -= 1;
  }

  [Symbol.dispose](): void {
    this.#total.subscriptions -= this.#count;
    this.#count = 0;
  }
}
