// Many deadlines on one timer: a timing wheel whose cost does not grow with the number of waiting requests.

import type { Clock } from "./clock.ts";

const TICK_MS = 100;

/** A deadline fires at its time or up to 100 ms later, never earlier. */
export class Deadlines implements Disposable {
  readonly #clock: Clock;
  readonly #slots = new Map<number, Set<() => void>>();
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Calls `run` once `delayMs` from now. Returns the function that calls it off. */
  after(delayMs: number, run: () => void): () => void {
    this.#timer ??= this.#schedule();
    const tick = Math.ceil((this.#clock.now() + delayMs) / TICK_MS);
    let slot = this.#slots.get(tick);
    if (slot === undefined) {
      slot = new Set();
      this.#slots.set(tick, slot);
    }
    const owner = slot;
    owner.add(run);
    return () => {
      owner.delete(run);
    };
  }

  /** Settles as `work` does, or rejects with `late()` when that takes longer than `delayMs`. */
  bound<T>(work: Promise<T>, delayMs: number, late: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const cancel = this.after(delayMs, () => reject(late()));
      work.then(
        (value) => {
          cancel();
          resolve(value);
        },
        (cause: unknown) => {
          cancel();
          reject(cause);
        },
      );
    });
  }

  /** Deadlines not yet fired or called off. */
  get size(): number {
    let size = 0;
    for (const slot of this.#slots.values()) size += slot.size;
    return size;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#slots.clear();
  }

  /** At the end of the tick that it is, so that nobody waits for a tick longer than one. */
  #schedule(): Disposable {
    const delayMs = TICK_MS - (this.#clock.now() % TICK_MS);
    return this.#clock.schedule(delayMs, () => this.#tick());
  }

  #tick(): void {
    const now = Math.floor(this.#clock.now() / TICK_MS);
    const due: Set<() => void>[] = [];
    // A clock that stepped back leaves the wheel where it is; the slots come round when time catches up.
    for (const [tick, slot] of this.#slots) {
      if (tick <= now) {
        due.push(slot);
        this.#slots.delete(tick);
      } else if (slot.size === 0) {
        this.#slots.delete(tick);
      }
    }
    this.#timer = undefined;
    for (const slot of due) for (const run of slot) run();
    if (this.#slots.size > 0) this.#timer ??= this.#schedule();
  }
}
