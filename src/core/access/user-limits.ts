// How many requests and commands a user may send in a second.

import type { RateLimits } from "./rate-limits.ts";
import type { User } from "./user.ts";

export interface UserRates {
  /** 0: no limit, of both. */
  readonly requestsPerSecond: number;
  readonly commandsPerSecond: number;
}

export class UserLimits {
  readonly #rates: RateLimits;
  readonly #limits: UserRates;

  constructor(rates: RateLimits, limits: UserRates) {
    this.#rates = rates;
    this.#limits = limits;
  }

  /** For one request with so many commands. Throws `limit_exceeded`. */
  take({ id }: User, commands: number): void {
    const { requestsPerSecond, commandsPerSecond } = this.#limits;
    if (requestsPerSecond === 0 && commandsPerSecond === 0) return;
    const whose = `user ${id}`;
    this.#rates.take(whose, requestsPerSecond, 1, "requests_rate_limit_exceeded");
    this.#rates.take(whose, commandsPerSecond, commands, "commands_rate_limit_exceeded");
  }

  /** For commands that come one by one, over a connection. Throws `limit_exceeded`. */
  takeCommands({ id }: User, commands: number): void {
    const { commandsPerSecond } = this.#limits;
    if (commandsPerSecond === 0) return;
    this.#rates.take(`user ${id}`, commandsPerSecond, commands, "commands_rate_limit_exceeded");
  }
}
