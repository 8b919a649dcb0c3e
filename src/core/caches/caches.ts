// Making, changing, showing and deleting caches: for admins only.

import type { Audit } from "../access/audit.ts";
import { type Principal, requireAdmin } from "../access/principal.ts";
import { cacheNotFound } from "../errors.ts";
import type { Waiters } from "../topics/waiters.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import type { Cache, CacheOverrides, CacheTally, CacheUsage } from "./cache.ts";
import type { CacheStore } from "./cache-store.ts";

export interface CacheReport extends Cache, CacheUsage {
  readonly waiters: number;
}

export interface CacheTallyReport extends CacheTally, CacheUsage {
  readonly waiters: number;
}

export class Caches {
  readonly #store: CacheStore;
  readonly #waiters: Waiters;
  readonly #writes: WriteDeadline;
  readonly #audit: Audit;

  constructor(store: CacheStore, waiters: Waiters, writes: WriteDeadline, audit: Audit) {
    this.#store = store;
    this.#writes = writes;
    this.#waiters = waiters;
    this.#audit = audit;
  }

  /** Durable when it resolves. Throws `limit_exceeded` when there are as many caches as allowed. */
  async put(
    principal: Principal,
    name: string,
    overrides: CacheOverrides,
  ): Promise<{ report: CacheReport; created: boolean }> {
    const { cache, created } = await this.#audit.administer(
      principal,
      "cache.put",
      { cache: name },
      () => this.#writes.bound(this.#store.put(name, overrides)),
    );
    return { report: await this.#report(cache), created };
  }

  async get(principal: Principal, name: string): Promise<CacheReport> {
    requireAdmin(principal);
    const cache = this.#store.get(name);
    if (cache === undefined) throw cacheNotFound();
    return this.#report(cache);
  }

  async list(principal: Principal): Promise<readonly CacheReport[]> {
    requireAdmin(principal);
    return Promise.all(this.#store.list().map((cache) => this.#report(cache)));
  }

  /** What the cache holds, counted; that takes long where there are very many topics. */
  async tally(principal: Principal, name: string): Promise<CacheTallyReport> {
    requireAdmin(principal);
    const tally = await this.#store.tally(name);
    const usage = await this.#store.usage(name);
    if (tally === undefined || usage === undefined) throw cacheNotFound();
    return { ...usage, ...tally, waiters: this.#waiters.count(name) };
  }

  /** The cache and its topics are gone for everybody when it resolves; requests that wait on it have ended. */
  async delete(principal: Principal, name: string): Promise<void> {
    await this.#audit.administer(principal, "cache.delete", { cache: name }, async () => {
      if (!(await this.#writes.bound(this.#store.delete(name)))) throw cacheNotFound();
    });
  }

  async #report(cache: Cache): Promise<CacheReport> {
    const usage = (await this.#store.usage(cache.name)) ?? { topics: 0, bytes: 0 };
    return { ...cache, ...usage, waiters: this.#waiters.count(cache.name) };
  }
}
