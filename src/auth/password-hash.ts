// Passwords as Argon2id makes them unreadable, a few at a time.

import type { PasswordHasher } from "../core/access/password-hasher.ts";
import { CheckQueue } from "./check-queue.ts";

export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** What OWASP asks of Argon2id at the least: some 40 ms and 19 MiB each. */
export const PASSWORD_COST: PasswordCost = { memoryKib: 19_456, passes: 2 };

export class PasswordHash implements PasswordHasher {
  readonly #checks: CheckQueue;
  readonly #cost: PasswordCost;
  #nobodys: Promise<string> | undefined;

  /** `atOnce` of them are made or verified at the same time, and `waitingMax` wait. */
  constructor(atOnce: number, waitingMax: number, cost = PASSWORD_COST) {
    this.#checks = new CheckQueue(atOnce, waitingMax);
    this.#cost = cost;
  }

  hash(password: string): Promise<string> {
    return this.#checks.run(() => this.#make(password));
  }

  verify(password: string, hash: string | undefined): Promise<boolean> {
    return this.#checks.run(async () => {
      // Made for whoever comes first, not for the first stranger.
      this.#nobodys ??= this.#make(crypto.randomUUID());
      const nobodys = await this.#nobodys;
      const isRight = await Bun.password.verify(password, hash ?? nobodys);
      return isRight && hash !== undefined;
    });
  }

  #make(password: string): Promise<string> {
    const { memoryKib: memoryCost, passes: timeCost } = this.#cost;
    return Bun.password.hash(password, { algorithm: "argon2id", memoryCost, timeCost });
  }
}
