// Publishing to topics and subscribing to them: permit, limit, act.

import type { Audit } from "../access/audit.ts";
import { accountOf, type Principal, requireTopic, requireWholeCache } from "../access/principal.ts";
import type { RateLimits } from "../access/rate-limits.ts";
import type { Cache } from "../caches/cache.ts";
import type { CacheStore } from "../caches/cache-store.ts";
import type { Deadlines } from "../deadlines.ts";
import { cacheNotFound, limitExceeded, ServiceError } from "../errors.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import { SharedReads } from "./shared-reads.ts";
import { advance, type Delivery, type Position, readFrom } from "./subscription.ts";
import type {
  Appended,
  PageBounds,
  TopicLog,
  TopicName,
  TopicSummary,
  Value,
} from "./topic-log.ts";
import type { Waiter, Waiters, Wake } from "./waiters.ts";

export interface TopicsLimits {
  readonly messageBytesMax: number;
  readonly page: PageBounds;
  readonly tokenPublishesPerSecond: number;
  readonly tokenBytesPerSecond: number;
}

export interface Message {
  readonly value: Value;
  readonly bytes: number;
  readonly idempotencyKey: string | undefined;
}

export interface Wait {
  /** 0: never block. */
  readonly timeoutMs: number;
  /** Called once, before the request first blocks. The signal aborts when nobody is there any more to read the answer. */
  readonly hold: () => AbortSignal;
}

const NOTHING: Delivery = { discontinuity: undefined, items: [], sequencePage: 0 };

export class Topics implements Disposable {
  readonly #log: TopicLog;
  readonly #caches: CacheStore;
  readonly #waiters: Waiters;
  readonly #rates: RateLimits;
  readonly #deadlines: Deadlines;
  readonly #writes: WriteDeadline;
  readonly #limits: TopicsLimits;
  readonly #audit: Audit;
  readonly #reads: SharedReads;
  readonly #listeners: DisposableStack;

  constructor(
    log: TopicLog,
    caches: CacheStore,
    waiters: Waiters,
    rates: RateLimits,
    deadlines: Deadlines,
    writes: WriteDeadline,
    limits: TopicsLimits,
    audit: Audit,
  ) {
    this.#log = log;
    this.#caches = caches;
    this.#waiters = waiters;
    this.#rates = rates;
    this.#deadlines = deadlines;
    this.#writes = writes;
    this.#limits = limits;
    this.#audit = audit;
    this.#reads = new SharedReads(log, limits.page);
    this.#listeners = new DisposableStack();
    this.#listeners.use(log.onAppend((name) => this.#announce(name)));
    this.#listeners.use(caches.onDelete((cache) => this.#endCache(cache)));
  }

  /** Throws as `publish` would for want of permission; for callers that want to know before they read a body. */
  requirePublish(principal: Principal, name: TopicName): void {
    requireTopic(principal, "publish", name.cache, name.topic);
  }

  /**
   * Resolves when the message is durable. Throws `permission_denied`, `cache_not_found`,
   * `limit_exceeded`, `invalid_argument` (a used idempotency key with another message),
   * `storage_full` with nothing stored, or `outcome_unknown`.
   */
  publish(principal: Principal, name: TopicName, message: Message): Promise<Appended> {
    this.requirePublish(principal, name);
    this.#takeLimits(principal, this.#requireCache(name.cache), message);
    return this.#writes.bound(
      this.#log.append({
        cache: name.cache,
        topic: name.topic,
        value: message.value,
        publisherId: principal.name,
        idempotencyKey: message.idempotencyKey,
      }),
    );
  }

  /**
   * Resolves with items after `position`, or with none when the wait is over. Ends early with none
   * when the server stops, with `cache_not_found` when the cache is deleted and `unauthenticated`
   * when the principal's token expires or is revoked.
   */
  async subscribe(
    principal: Principal,
    name: TopicName,
    start: Position,
    wait: Wait,
  ): Promise<Delivery> {
    requireTopic(principal, "subscribe", name.cache, name.topic);
    const cache = this.#requireCache(name.cache);
    // Disposed below: `using` would cost every waiting request an array and two objects more.
    const waiter = this.#waiters.join(name, principal);
    let position = start;
    let callOff: (() => void) | undefined;
    try {
      for (;;) {
        const step = advance(position, await this.#reads.read(name, readFrom(position)));
        if (step.kind === "deliver") return step.delivery;
        position = step.position;
        if (step.kind === "reread") continue;
        if (wait.timeoutMs === 0) return NOTHING;
        callOff ??= block(waiter, wait, this.#deadlines);
        const wake = await waiter.wait(cache.settings.limits.waiters);
        if (wake !== "notified") return this.#end(wake);
      }
    } finally {
      callOff?.();
      waiter[Symbol.dispose]();
    }
  }

  /** What a subscribe would check, without reading or waiting. */
  requireSubscribe(principal: Principal, name: TopicName): void {
    requireTopic(principal, "subscribe", name.cache, name.topic);
    this.#requireCache(name.cache);
  }

  /** Topics of the cache after the name `after`, at most `limit`, each with its number of waiters. */
  async list(
    principal: Principal,
    cache: string,
    after: string,
    limit: number,
  ): Promise<readonly (TopicSummary & { readonly waiters: number })[]> {
    requireWholeCache(principal, cache);
    this.#requireCache(cache);
    const topics = await this.#log.list(cache, after, limit);
    return topics.map((topic) => ({
      ...topic,
      waiters: this.#waiters.count(cache, topic.topic),
    }));
  }

  /** Ends one topic: its items and its numbering. Its waiters stay, and are told of the next beginning. */
  async delete(principal: Principal, name: TopicName): Promise<void> {
    const { cache, topic } = name;
    await this.#audit.administer(principal, "topic.delete", { cache, topic }, async () => {
      this.#requireCache(cache);
      const isDeleted = await this.#writes.bound(this.#log.delete(name));
      this.#reads.invalidate(name);
      if (!isDeleted) throw new ServiceError("topic_not_found", "Topic not found");
    });
  }

  [Symbol.dispose](): void {
    this.#listeners.dispose();
  }

  #announce(name: TopicName): void {
    this.#reads.invalidate(name);
    this.#waiters.notify(name);
  }

  #endCache(cache: string): void {
    this.#reads.invalidateCache(cache);
    this.#waiters.endCache(cache);
  }

  #requireCache(name: string): Cache {
    const cache = this.#caches.get(name);
    if (cache === undefined) throw cacheNotFound();
    return cache;
  }

  #takeLimits(principal: Principal, cache: Cache, message: Message): void {
    const { messageBytesMax, tokenPublishesPerSecond, tokenBytesPerSecond } = this.#limits;
    if (message.bytes > messageBytesMax) throw messageTooLarge(messageBytesMax);
    const token = `token ${accountOf(principal)}`;
    const ofCache = `cache ${cache.name}`;
    const { publishesPerSecond, bytesPerSecond } = cache.settings.limits;
    const count = "operations_rate_limit_exceeded";
    const bytes = "throughput_rate_limit_exceeded";
    this.#rates.take(token, tokenPublishesPerSecond, 1, count);
    this.#rates.take(token, tokenBytesPerSecond, message.bytes, bytes);
    this.#rates.take(ofCache, publishesPerSecond, 1, count);
    this.#rates.take(ofCache, bytesPerSecond, message.bytes, bytes);
  }

  #end(wake: Exclude<Wake, "notified">): Delivery {
    switch (wake) {
      case "cache_deleted":
        throw cacheNotFound();
      case "token_ended":
        throw new ServiceError(
          "unauthenticated",
          "The token expired or was revoked while the request waited.",
        );
      default:
        return NOTHING;
    }
  }
}

export function messageTooLarge(messageBytesMax: number): ServiceError {
  return limitExceeded(
    "item_size_limit_exceeded",
    `The message is too large: at most ${messageBytesMax} bytes are allowed.`,
  );
}

/** Arranges for all that ends a wait but an append; returns the function that calls the deadline off. */
function block(waiter: Waiter, wait: Wait, deadlines: Deadlines): () => void {
  const { expiresAt } = waiter.principal;
  const validMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - deadlines.now();
  const signal = wait.hold();
  // Not taken off again: the signal ends with its request, and a waiter that has left stays asleep.
  signal.addEventListener("abort", () => waiter.wake("aborted"));
  if (signal.aborted) waiter.wake("aborted");
  return validMs < wait.timeoutMs
    ? deadlines.after(Math.max(0, validMs), () => waiter.wake("token_ended"))
    : deadlines.after(wait.timeoutMs, () => waiter.wake("timeout"));
}
