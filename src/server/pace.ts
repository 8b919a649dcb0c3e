// Work that may be long and is done in pieces: when it is time for others to have their turn.

import type { Maybe } from "../core/maybe.ts";

/** For all such work together, after which the rest of it waits for the next turn of the event loop. */
const TURN_MS = 10;

export class Pace {
  #isOn = false;
  #endsAt = 0;

  /** To be waited for before each piece; a promise where this turn was long enough. */
  rest(): Maybe<void> {
    const now = performance.now();
    if (!this.#isOn) this.#begin(now);
    return now < this.#endsAt ? undefined : new Promise(setImmediate);
  }

  #begin(now: number): void {
    this.#isOn = true;
    this.#endsAt = now + TURN_MS;
    setImmediate(() => {
      this.#isOn = false;
    });
  }
}
