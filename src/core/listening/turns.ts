// Work that may be long, done in pieces, so that nobody waits for the whole of it.

/** After which others have their turn: mostly a millisecond, and some dozens of the worst patterns. */
const STEPS_A_TURN = 100_000;

/** Each piece of a job yields how many steps it was. */
export type Job = Iterator<number, void>;

export class Turns {
  readonly #pause: () => Promise<void>;
  readonly #onBug: (cause: unknown) => void;
  readonly #jobs: Job[] = [];
  #isBusy = false;
  #steps = 0;

  /** `pause` lets others have their turn; `onBug` takes what a job throws. */
  constructor(pause: () => Promise<void>, onBug: (cause: unknown) => void) {
    this.#pause = pause;
    this.#onBug = onBug;
  }

  /** Jobs are done one after the other: at once, as long as this turn has steps left. */
  add(job: Job): void {
    this.#jobs.push(job);
    if (!this.#isBusy) void this.#work();
  }

  /** Jobs that are not done. */
  get size(): number {
    return this.#jobs.length;
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (this.#steps > STEPS_A_TURN) {
        await this.#pause();
        this.#steps = 0;
      }
      if (this.#isDone(job)) this.#jobs.shift();
    }
    this.#isBusy = false;
  }

  #isDone(job: Job): boolean {
    try {
      const { done, value } = job.next();
      if (!done) this.#steps += value;
      return done === true;
    } catch (cause) {
      this.#onBug(cause);
      return true;
    }
  }
}
