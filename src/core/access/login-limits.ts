// How many logins may fail, from one address and for one account, so that guessing is slow.

import type { Clock } from "../clock.ts";
import { limitExceeded } from "../errors.ts";
import { TwoGenerationMap } from "../two-generation-map.ts";

export interface LoginLimitsOptions {
  /** How many may fail at once; 0: no limit. */
  readonly addressFailures: number;
  /** Seconds after which one more is allowed. */
  readonly addressSeconds: number;
  readonly accountFailures: number;
  readonly accountSeconds: number;
}

/** A login that is being looked at. It counts as failed unless it is given back. */
export interface LoginAttempt {
  /** It was a good one: nothing is counted, and the account is known from this address. */
  succeeded(): void;
  /** Nothing was found out, as when the identity provider cannot be asked. */
  abandoned(): void;
}

const BUCKETS_MAX = 100_000;
const KNOWN_MAX = 100_000;
/** Longer names are told apart by their beginnings only. */
const ACCOUNT_CHARACTERS_MAX = 256;

/**
 * An attempt is counted when it begins, so that many at once are no way around the limits. Whoever
 * guesses at an account uses up what it allows to strangers; an address that it has logged in from
 * has an allowance of its own for it, and is not locked out.
 */
export class LoginLimits {
  readonly #addresses: Allowances;
  readonly #accounts: Allowances;
  /** By account and address. */
  readonly #known = new TwoGenerationMap<string, true>(KNOWN_MAX);

  constructor(clock: Clock, options: LoginLimitsOptions) {
    this.#addresses = new Allowances(clock, options.addressFailures, options.addressSeconds);
    this.#accounts = new Allowances(clock, options.accountFailures, options.accountSeconds);
  }

  /** Throws `limit_exceeded`. An empty address is nobody's; account undefined: none is named. */
  begin(address: string, account: string | undefined): LoginAttempt {
    const network = networkOf(address);
    const name = account?.trim().toLowerCase().slice(0, ACCOUNT_CHARACTERS_MAX);
    const place = `${network} ${name}`;
    const accountKey = this.#known.get(place) ? place : ` ${name}`;
    if (network !== "") take(this.#addresses, network, "from this address");
    // What the account refuses stays counted for the address, so that one address alone soon runs out.
    if (name !== undefined) take(this.#accounts, accountKey, "for this account");
    const abandoned = () => {
      if (network !== "") this.#addresses.giveBack(network);
      if (name !== undefined) this.#accounts.giveBack(accountKey);
    };
    return {
      abandoned,
      succeeded: () => {
        abandoned();
        if (network !== "" && name !== undefined) this.#known.set(place, true);
      },
    };
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

  /** Returns the seconds to wait; 0: one was taken. */
  take(key: string): number {
    if (this.#size === 0) return 0;
    const level = this.#levelOf(key);
    // Set either way, so that a clock that was set back is gone by from now on.
    this.#set(key, level < 1 ? level : level - 1);
    return level < 1 ? Math.max(1, Math.ceil((1 - level) * this.#secondsEach)) : 0;
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

function take(allowances: Allowances, key: string, where: string): void {
  const waitSeconds = allowances.take(key);
  if (waitSeconds === 0) return;
  throw limitExceeded(
    "login_rate_limit_exceeded",
    `Too many logins ${where} have failed; try again in ${waitSeconds} seconds.`,
    waitSeconds,
  );
}

/** An IPv4 address, or the first 64 bits of an IPv6 address, which are what one household gets. */
function networkOf(address: string): string {
  const [, mapped] = /^::ffff:([0-9.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => "0");
  const whole = [...groups, ...zeros, ...after].slice(0, 4);
  return whole.map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
