// What answers may take of the memory until their clients have read them: one that never reads holds its answer for as long as its connection lasts.

import { limitExceeded } from "./errors.ts";

/** Answers up to this do not count: a connection takes so much whether it is read or not. */
export const UNCOUNTED_BYTES_MAX = 65_536;

export class AnswerBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** For one answer, with nothing taken yet. */
  open(): AnswerShare {
    return new AnswerShare(this);
  }

  /** False, and nothing is taken: there is no room for so many bytes more. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Bytes taken and not given back. */
  get bytes(): number {
    return this.#bytes;
  }
}

/** What one answer holds of the budget; disposing gives it back. */
export class AnswerShare implements Disposable {
  readonly #budget: AnswerBudget;
  /** Of the answer so far. */
  #bytes = 0;
  #counted = 0;
  #isClosed = false;

  constructor(budget: AnswerBudget) {
    this.#budget = budget;
  }

  /** False, and nothing is taken: there is no room for so many bytes more, or the share was given back. */
  take(bytes: number): boolean {
    const whole = this.#bytes + bytes;
    const counted = whole <= UNCOUNTED_BYTES_MAX ? 0 : whole;
    if (this.#isClosed || !this.#budget.take(counted - this.#counted)) return false;
    this.#bytes = whole;
    this.#counted = counted;
    return true;
  }

  /** As `take` does, but throws `limit_exceeded`. */
  require(bytes: number): void {
    if (this.take(bytes)) return;
    throw limitExceeded(
      "in_flight_bytes_limit_exceeded",
      "Too many bytes of answers wait to be read; try again.",
    );
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#budget.giveBack(this.#counted);
    this.#counted = 0;
  }
}
