// The port to where caches are remembered.

import type { Cache, CacheOverrides, CacheUsage } from "./cache.ts";

export interface CacheStore {
  /**
   * The cache of that name, from a view in memory: no input or output, made for every request.
   * In a cluster the view may lag behind other nodes.
   */
  get(name: string): Cache | undefined;

  /** Every cache, in bytewise order of names, from the same view. */
  list(): readonly Cache[];

  /** Makes the cache or changes its overrides; those not named stay. Durable when it resolves. */
  put(name: string, overrides: CacheOverrides): Promise<{ cache: Cache; created: boolean }>;

  /**
   * Deletes the cache with all its topics; false when there is none. Durable when it resolves;
   * the space comes back later, in small steps.
   */
  delete(name: string): Promise<boolean>;

  /** What the cache holds now; undefined when there is none. */
  usage(name: string): Promise<CacheUsage | undefined>;

  /** Calls `listener` synchronously for every deleted cache, after its deletion is durable. */
  onDelete(listener: (name: string) => void): Disposable;
}
