// The condition map: blocked requests by topic, woken when an append is announced.

import { accountOf, type Principal } from "../access/principal.ts";
import { limitExceeded } from "../errors.ts";
import type { TopicName } from "./topic-log.ts";

export type Wake =
  | "notified"
  | "timeout"
  | "aborted"
  | "stopping"
  | "cache_deleted"
  | "token_ended";

export interface WaiterLimits {
  /** Of the whole server. */
  readonly serverMax: number;
  /** Of one token and those minted from it; 0: no limit. */
  readonly tokenMax: number;
}

interface CacheWaiters {
  readonly topics: Map<string, Set<Waiter>>;
  waiting: number;
}

/**
 * Join before you read: a waiter that has joined misses no announcement, whether it is waiting at
 * that moment or still reading.
 */
export class Waiters {
  readonly #limits: WaiterLimits;
  readonly #caches = new Map<string, CacheWaiters>();
  readonly #waitingByToken = new Map<string, number>();
  #waiting = 0;
  #closed = false;

  constructor(limits: WaiterLimits) {
    this.#limits = limits;
  }

  /** Dispose the waiter to leave. */
  join(name: TopicName, principal: Principal): Waiter {
    let cache = this.#caches.get(name.cache);
    if (cache === undefined) {
      cache = { topics: new Map(), waiting: 0 };
      this.#caches.set(name.cache, cache);
    }
    let topic = cache.topics.get(name.topic);
    if (topic === undefined) {
      topic = new Set();
      cache.topics.set(name.topic, topic);
    }
    const waiter = new Waiter(this, name, principal, topic);
    topic.add(waiter);
    if (this.#closed) waiter.wake("stopping");
    return waiter;
  }

  /** Wakes everybody who waits for this topic. */
  notify(name: TopicName): void {
    const topic = this.#caches.get(name.cache)?.topics.get(name.topic);
    if (topic === undefined) return;
    for (const waiter of topic) waiter.wake("notified");
  }

  endCache(cache: string): void {
    for (const topic of this.#caches.get(cache)?.topics.values() ?? []) {
      for (const waiter of topic) waiter.wake("cache_deleted");
    }
  }

  /** Ends the waiters of every token for which `isOver` is true. */
  endTokens(isOver: (principal: Principal) => boolean): void {
    for (const cache of this.#caches.values()) {
      for (const topic of cache.topics.values()) {
        for (const waiter of topic) if (isOver(waiter.principal)) waiter.wake("token_ended");
      }
    }
  }

  /** Ends every waiter, and from now on whoever joins. */
  close(): void {
    this.#closed = true;
    for (const cache of this.#caches.values()) {
      for (const topic of cache.topics.values()) {
        for (const waiter of topic) waiter.wake("stopping");
      }
    }
  }

  /** How many requests are blocked: in all, on one cache, on one topic. */
  count(cache?: string, topic?: string): number {
    if (cache === undefined) return this.#waiting;
    const entry = this.#caches.get(cache);
    if (entry === undefined) return 0;
    if (topic === undefined) return entry.waiting;
    let waiting = 0;
    for (const waiter of entry.topics.get(topic) ?? []) if (waiter.isWaiting) waiting += 1;
    return waiting;
  }

  /** Waiters that have joined and not left, waiting or not. */
  get joined(): number {
    let joined = 0;
    for (const cache of this.#caches.values()) {
      for (const topic of cache.topics.values()) joined += topic.size;
    }
    return joined;
  }

  /** Called by a waiter before it blocks. `cacheMax` 0: no limit. */
  enter(waiter: Waiter, cacheMax: number): void {
    const token = accountOf(waiter.principal);
    const ofToken = this.#waitingByToken.get(token) ?? 0;
    const cache = this.#caches.get(waiter.name.cache);
    if (cache === undefined) throw new Error("a waiter of a topic that nobody joined");
    requireBelow(this.#limits.serverMax, this.#waiting, "the server");
    requireBelow(this.#limits.tokenMax, ofToken, "this token");
    requireBelow(cacheMax, cache.waiting, "this cache");
    this.#waiting += 1;
    cache.waiting += 1;
    this.#waitingByToken.set(token, ofToken + 1);
  }

  /** Called by a waiter that is no longer blocked. */
  exit(waiter: Waiter): void {
    const token = accountOf(waiter.principal);
    const ofToken = this.#waitingByToken.get(token) ?? 0;
    if (ofToken > 1) this.#waitingByToken.set(token, ofToken - 1);
    else this.#waitingByToken.delete(token);
    const cache = this.#caches.get(waiter.name.cache);
    if (cache !== undefined) cache.waiting -= 1;
    this.#waiting -= 1;
  }

  /** Called by a waiter that leaves. */
  leave(name: TopicName): void {
    const cache = this.#caches.get(name.cache);
    if (cache?.topics.get(name.topic)?.size !== 0) return;
    cache.topics.delete(name.topic);
    if (cache.topics.size === 0) this.#caches.delete(name.cache);
  }
}

/** One request that may block on one topic. */
export class Waiter implements Disposable {
  readonly name: TopicName;
  readonly principal: Principal;
  readonly #waiters: Waiters;
  readonly #topic: Set<Waiter>;
  #pending: Wake | undefined;
  #resolve: ((wake: Wake) => void) | undefined;

  constructor(waiters: Waiters, name: TopicName, principal: Principal, topic: Set<Waiter>) {
    this.#waiters = waiters;
    this.name = name;
    this.principal = principal;
    this.#topic = topic;
  }

  get isWaiting(): boolean {
    return this.#resolve !== undefined;
  }

  /**
   * Blocks until woken; at once if a wake came since joining or since the last wait.
   * Throws `limit_exceeded` where too many are blocked already.
   */
  wait(cacheMax: number): Promise<Wake> {
    const pending = this.#pending;
    if (pending !== undefined) {
      this.#pending = undefined;
      return Promise.resolve(pending);
    }
    this.#waiters.enter(this, cacheMax);
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** A wake that ends the request is not overwritten by a later one that does not. */
  wake(wake: Wake): void {
    const resolve = this.#resolve;
    if (resolve === undefined) {
      if (this.#pending === undefined || this.#pending === "notified") this.#pending = wake;
      return;
    }
    this.#resolve = undefined;
    this.#waiters.exit(this);
    resolve(wake);
  }

  [Symbol.dispose](): void {
    if (this.#resolve !== undefined) {
      this.#resolve = undefined;
      this.#waiters.exit(this);
    }
    if (this.#topic.delete(this) && this.#topic.size === 0) this.#waiters.leave(this.name);
  }
}

function requireBelow(max: number, waiting: number, whose: string): void {
  if (max === 0 || waiting < max) return;
  throw limitExceeded(
    "topic_subscriptions_limit_exceeded",
    `Too many requests are waiting: ${whose} allows ${max} at the same time.`,
  );
}
