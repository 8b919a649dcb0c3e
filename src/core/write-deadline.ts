// No request hangs on a store that does not answer.

import type { Deadlines } from "./deadlines.ts";
import { ServiceError } from "./errors.ts";

export class WriteDeadline {
  readonly #deadlines: Deadlines;
  readonly #msMax: number;

  constructor(deadlines: Deadlines, msMax: number) {
    this.#deadlines = deadlines;
    this.#msMax = msMax;
  }

  /** Settles as `write` does, or rejects with `outcome_unknown` when that takes too long. */
  bound<Result>(write: Promise<Result>): Promise<Result> {
    return this.#deadlines.bound(write, this.#msMax, outcomeUnknown);
  }
}

function outcomeUnknown(): ServiceError {
  return new ServiceError(
    "outcome_unknown",
    "The store did not answer in time: the write may or may not have happened. A publish can be repeated safely with the same Idempotency-Key.",
  );
}
