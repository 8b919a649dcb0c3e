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

  /**
   * Settles as `write` does, or rejects with `outcome_unknown` when that takes too long. `hint` says
   * how such a write can be repeated.
   */
  bound<Result>(write: Promise<Result>, hint = PUBLISH_HINT): Promise<Result> {
    return this.#deadlines.bound(write, this.#msMax, () => outcomeUnknown(hint));
  }
}

const PUBLISH_HINT = "A publish can be repeated safely with the same Idempotency-Key.";

function outcomeUnknown(hint: string): ServiceError {
  return new ServiceError(
    "outcome_unknown",
    `The store did not answer in time: the write may or may not have happened. ${hint}`,
  );
}
