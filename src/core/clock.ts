// Time as an argument, so that tests can own it.

export interface Clock {
  /** Milliseconds since the Unix epoch. May step backwards when the machine's clock is set. */
  now(): number;
  /** Calls `run` once, `delayMs` from now or a little later, unless disposed before. */
  schedule(delayMs: number, run: () => void): Disposable;
}
