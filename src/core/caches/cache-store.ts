// The port to where caches are remembered.

import type { Cache, CacheOverrides, CacheTally, CacheUsage } from "./cache.ts";

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

  /**
   * Counts what the cache holds; undefined when there is none. It goes through all topics, in steps
   * between which others have their turn, and what changes meanwhile may be counted or not.
   */
  tally(name: string): Promise<CacheTally | undefined>;

  /** Calls `listener` synchronously for every deleted cache, after its deletion is durable. */
  onDelete(listener: (name: string) => void): Disposable;
}
