// Changes that end a user's tokens, for as long as they are on their way to the disk.

import type { Clock } from "../clock.ts";

interface Change {
  readonly beganAt: number;
}

export class UserChanges {
  readonly #clock: Clock;
  readonly #underWay = new Set<Change>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settles as `change` does, which is then durable or has failed; never given up before. */
  async during<Result>(change: () => Promise<Result>): Promise<Result> {
    const underWay = { beganAt: this.#clock.now() };
    this.#underWay.add(underWay);
    try {
      return await change();
    } finally {
      this.#underWay.delete(underWay);
    }
  }

  /**
   * When a login that begins now counts as begun, in milliseconds since the Unix epoch: not after any
   * change under way, be it of another user, because it may still see the user as before. What revokes
   * the tokens issued until the change began then ends its token as well.
   */
  loginTime(): number {
    let time = this.#clock.now();
    for (const { beganAt } of this.#underWay) time = Math.min(time, beganAt);
    return time;
  }
}
