// A cache: a namespace of topics with its retention and its limits.

/** For every figure, 0 means: no bound. */
export interface Retention {
  /** Items older than this many seconds go. */
  readonly seconds: number;
  /** The oldest items of the cache go while it holds more than this many stored bytes. */
  readonly bytes: number;
  /** The oldest items of a topic go while it holds more than this many. */
  readonly topicItems: number;
}

/** For every figure, 0 means: no limit. */
export interface CacheLimits {
  readonly topics: number;
  readonly storedBytes: number;
  readonly publishesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly waiters: number;
}

export interface CacheSettings {
  readonly retention: Retention;
  readonly limits: CacheLimits;
}

/** What was set for one cache; `null` or absent follows the server's settings. */
export interface CacheOverrides {
  readonly retention: { readonly [Name in keyof Retention]?: number | null };
  readonly limits: { readonly [Name in keyof CacheLimits]?: number | null };
}

export interface Cache {
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly settings: CacheSettings;
}

export interface CacheUsage {
  readonly topics: number;
  readonly bytes: number;
}

/** What is counted on demand only. */
export interface CacheTally {
  readonly items: number;
  /** That are remembered, so that a repeated publish is known for one. */
  readonly idempotencyKeys: number;
}

export const NO_OVERRIDES: CacheOverrides = { retention: {}, limits: {} };

/** An item counts as its value's bytes and this, which is what its row and index entries take on disk. */
export const ITEM_OVERHEAD_BYTES = 64;

export function mergeOverrides(before: CacheOverrides, change: CacheOverrides): CacheOverrides {
  return {
    retention: { ...before.retention, ...change.retention },
    limits: { ...before.limits, ...change.limits },
  };
}

export function effectiveSettings(
  defaults: CacheSettings,
  overrides: CacheOverrides,
): CacheSettings {
  return {
    retention: overlay(defaults.retention, overrides.retention),
    limits: overlay(defaults.limits, overrides.limits),
  };
}

function overlay<Figures extends Retention | CacheLimits>(
  defaults: Figures,
  overrides: { readonly [Name in keyof Figures]?: number | null },
): Figures {
  const set = Object.entries(overrides).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return { ...defaults, ...Object.fromEntries(set) };
}
