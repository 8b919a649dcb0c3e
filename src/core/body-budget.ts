// What the bodies of requests may take of the server: memory for all that are in flight, and time for each.

import type { Deadlines } from "./deadlines.ts";
import { limitExceeded, ServiceError } from "./errors.ts";

export interface BodyLimits {
  /** Bytes of all bodies together. */
  readonly bytesMax: number;
  /** For one body to arrive. */
  readonly secondsMax: number;
}

export class BodyBudget {
  readonly #deadlines: Deadlines;
  readonly #limits: BodyLimits;
  #bytes = 0;

  constructor(deadlines: Deadlines, limits: BodyLimits) {
    this.#deadlines = deadlines;
    this.#limits = limits;
  }

  /** For one request, with nothing taken yet. */
  open(): BodyShare {
    return new BodyShare(this);
  }

  /** Throws `limit_exceeded` when there is no room for so many bytes more. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#limits.bytesMax) {
      throw limitExceeded(
        "in_flight_bytes_limit_exceeded",
        "Too many bytes of request bodies are in flight; try again.",
      );
    }
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Settles as `arrival` does, or rejects with `body_late` when that takes too long. */
  bound<Body>(arrival: Promise<Body>): Promise<Body> {
    const { secondsMax } = this.#limits;
    return this.#deadlines.bound(arrival, secondsMax * 1000, () => bodyLate(secondsMax));
  }

  /** Bytes taken and not given back. */
  get bytes(): number {
    return this.#bytes;
  }
}

/** What the body of one request holds of the budget; disposing gives it back. */
export class BodyShare implements Disposable {
  readonly #budget: BodyBudget;
  #bytes = 0;
  #isClosed = false;
  #onEnd: (() => void) | undefined;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  /** Calls `onEnd`, and none that was given before, when the share is disposed. */
  whenOver(onEnd: () => void): void {
    this.#onEnd = onEnd;
  }

  /** Throws `limit_exceeded`. To a reader that was left behind by its deadline, it throws a bug. */
  take(bytes: number): void {
    if (this.#isClosed) throw new Error("the share of this body was given back");
    this.#budget.take(bytes);
    this.#bytes += bytes;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#budget.giveBack(this.#bytes);
    this.#bytes = 0;
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.();
  }
}

function bodyLate(secondsMax: number): ServiceError {
  return new ServiceError("body_late", `The body did not arrive within ${secondsMax} seconds.`);
}
