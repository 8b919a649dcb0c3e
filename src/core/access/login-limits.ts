// How many logins may fail, from one address and for one account, so that guessing is slow.

import type { Clock } from "../clock.ts";
import { limitExceeded } from "../errors.ts";
import { TwoGenerationMap } from "../two-generation-map.ts";
import { networkOf } from "./network.ts";

export interface LoginLimitsOptions {
  /** How many may fail at once; 0: no limit. */
  readonly addressFailures: number;
  /** Seconds after which one more is allowed. */
  readonly addressSeconds: number;
  readonly accountFailures: number;
  readonly accountSeconds: number;
}

/** A login that is being looked at. One of these is to be called when it is over. */
export interface LoginAttempt {
  failed(): void;
  /** The account is known from this address from now on. */
  succeeded(): void;
  /** Nothing was found out, as when the identity provider cannot be asked. */
  abandoned(): void;
}

const BUCKETS_MAX = 100_000;
const KNOWN_MAX = 100_000;
const WAITING_MAX = 1000;
/** Longer names are told apart by their beginnings only. */
const ACCOUNT_CHARACTERS_MAX = 256;

/** The attempts on one account that are being looked at. */
interface UnderWay {
  count: number;
  ended: PromiseWithResolvers<void>;
}

/**
 * Many at once are no way around the limits. Those from one address all begin, and it waits the longer
 * afterwards. Those on one account that could be too many wait until others have turned out to be good.
 * Whoever guesses at an account uses up what it allows to strangers; an address that it has logged in
 * from has an allowance of its own for it, and is not locked out.
 */
export class LoginLimits {
  readonly #addresses: Allowances;
  readonly #accounts: Allowances;
  /** By account and address. */
  readonly #known = new TwoGenerationMap<string, true>(KNOWN_MAX);
  readonly #underWay = new Map<string, UnderWay>();
  #waiting = 0;

  constructor(clock: Clock, options: LoginLimitsOptions) {
    this.#addresses = new Allowances(clock, options.addressFailures, options.addressSeconds);
    this.#accounts = new Allowances(clock, options.accountFailures, options.accountSeconds);
  }

  /** Rejects with `limit_exceeded`. An empty address is nobody's; account undefined: none is named. */
  async begin(address: string, account: string | undefined): Promise<LoginAttempt> {
    const network = networkOf(address);
    if (network !== "") requireOne(this.#addresses, network, "from this address");
    const failed = () => {
      if (network !== "") this.#addresses.take(network);
    };
    if (account === undefined) return { failed, succeeded: () => {}, abandoned: () => {} };
    const name = account.trim().toLowerCase().slice(0, ACCOUNT_CHARACTERS_MAX);
    const place = `${network} ${name}`;
    const key = this.#known.get(place) ? place : ` ${name}`;
    try {
      await this.#takeOf(key, network);
    } catch (cause) {
      // So that one address alone, which goes on asking, soon runs out.
      failed();
      throw cause;
    }
    return {
      failed: () => {
        failed();
        this.#end(key);
      },
      succeeded: () => {
        if (network !== "") this.#known.set(place, true);
        this.#accounts.giveBack(key);
        this.#end(key);
      },
      abandoned: () => {
        this.#accounts.giveBack(key);
        this.#end(key);
      },
    };
  }

  /** Counts something as a failed login from this address. Throws `limit_exceeded`. */
  count(address: string): void {
    const network = networkOf(address);
    if (network === "") return;
    requireOne(this.#addresses, network, "from this address");
    this.#addresses.take(network);
  }

  async #takeOf(key: string, network: string): Promise<void> {
    while (this.#accounts.waitSeconds(key) > 0) {
      const ended = this.#underWay.get(key)?.ended.promise;
      if (ended === undefined || this.#waiting >= WAITING_MAX) {
        requireOne(this.#accounts, key, "for this account");
      }
      this.#waiting += 1;
      await ended;
      this.#waiting -= 1;
      // Others from there may have failed meanwhile.
      if (network !== "") requireOne(this.#addresses, network, "from this address");
    }
    this.#accounts.take(key);
    const underWay = this.#underWay.get(key) ?? { count: 0, ended: Promise.withResolvers() };
    underWay.count += 1;
    this.#underWay.set(key, underWay);
  }

  #end(key: string): void {
    const underWay = this.#underWay.get(key);
    if (underWay === undefined) return;
    underWay.count -= 1;
    underWay.ended.resolve();
    underWay.ended = Promise.withResolvers();
    if (underWay.count === 0) this.#underWay.delete(key);
  }
}

interface Bucket {
  level: number;
  filledAt: number;
}

class Allowances {
  readonly #clock: Clock;
  readonly #size: number;
  readonly #secondsEach: number;
  readonly #buckets = new TwoGenerationMap<string, Bucket>(BUCKETS_MAX);

  constructor(clock: Clock, size: number, secondsEach: number) {
    this.#clock = clock;
    this.#size = size;
    this.#secondsEach = secondsEach;
  }

  /** 0: there is one left. */
  waitSeconds(key: string): number {
    if (this.#size === 0) return 0;
    const level = this.#levelOf(key);
    // Set, so that a clock that was set back is gone by from now on.
    this.#set(key, level);
    return level < 1 ? Math.max(1, Math.ceil((1 - level) * this.#secondsEach)) : 0;
  }

  /** Also what is not there, which is then owed. */
  take(key: string): void {
    if (this.#size > 0) this.#set(key, Math.max(-this.#size, this.#levelOf(key) - 1));
  }

  giveBack(key: string): void {
    if (this.#size > 0) this.#set(key, Math.min(this.#size, this.#levelOf(key) + 1));
  }

  #levelOf(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#size;
    const elapsedMs = Math.max(0, this.#clock.now() - bucket.filledAt);
    return Math.min(this.#size, bucket.level + elapsedMs / (this.#secondsEach * 1000));
  }

  /** Who has all there is to have needs no place in memory. */
  #set(key: string, level: number): void {
    if (level === this.#size) this.#buckets.delete(key);
    else this.#buckets.set(key, { level, filledAt: this.#clock.now() });
  }
}

function requireOne(allowances: Allowances, key: string, where: string): void {
  const waitSeconds = allowances.waitSeconds(key);
  if (waitSeconds === 0) return;
  throw limitExceeded(
    "login_rate_limit_exceeded",
    `Too many logins ${where} have failed; try again in ${waitSeconds} seconds.`,
    waitSeconds,
  );
}
