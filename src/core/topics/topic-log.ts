// The port to where topics are remembered: append-only logs with contiguous numbers.

/** Names one topic. */
export interface TopicName {
  readonly cache: string;
  readonly topic: string;
}

/** Text stays text and bytes stay bytes from publisher to subscriber. */
export type Value = string | Uint8Array<ArrayBuffer>;

export interface Item {
  /** From 1 in each incarnation of a topic, without holes. */
  readonly sequenceNumber: number;
  readonly value: Value;
  /** The engine's time of the append, in milliseconds since the Unix epoch. */
  readonly publishedAt: number;
  readonly publisherId: string | undefined;
}

export interface Append extends TopicName {
  readonly value: Value;
  readonly publisherId: string | undefined;
  /** Within the engine's window the same key on the same topic is appended once. */
  readonly idempotencyKey: string | undefined;
}

export interface Appended {
  readonly sequenceNumber: number;
  readonly sequencePage: number;
  /** The key had been used: this is the first append's number, and nothing was appended now. */
  readonly duplicate: boolean;
}

/** A number: the item of that number and those after it. */
export type ReadFrom = number | "oldest" | "newest";

export interface PageBounds {
  readonly itemsMax: number;
  /** Of values; the first item is delivered whatever its size. */
  readonly bytesMax: number;
}

/** One consistent look at a topic. A topic that does not exist reads as page 0, newest 0, no items. */
export interface TopicRead {
  /** Unix seconds, fits 32 bits, greater than any page given before; 0: the topic does not exist. */
  readonly sequencePage: number;
  /** The number last given; stays when every item has been trimmed. */
  readonly newest: number;
  /** Retained items from the asked-for one or the oldest retained after it, contiguous, oldest first. */
  readonly items: readonly Item[];
}

export interface TopicSummary {
  readonly topic: string;
  readonly sequencePage: number;
  /** The oldest retained; `newest + 1` when every item has been trimmed. */
  readonly oldest: number;
  readonly newest: number;
  readonly bytes: number;
}

export interface TopicLog {
  /**
   * Resolves when the item is durable, with the number it got. Appends that are called in order to
   * one topic get their numbers in that order. Throws `cache_not_found`, `limit_exceeded`,
   * `invalid_argument` (a used idempotency key with another value), `storage_full` with nothing
   * stored, or `outcome_unknown`.
   */
  append(append: Append): Promise<Appended>;

  /** Sees every append that had resolved or been announced before the call. */
  read(name: TopicName, from: ReadFrom, bounds: PageBounds): Promise<TopicRead>;

  /** Topics of a cache after the name `after`, in bytewise order of names, at most `limit`. */
  list(cache: string, after: string, limit: number): Promise<readonly TopicSummary[]>;

  /** Ends the incarnation: its items are gone and the next append starts a greater page at number 1. */
  delete(name: TopicName): Promise<boolean>;

  /**
   * Calls `listener` synchronously after an append is durable, in commit order of each topic and
   * before the append resolves. Several appends to one topic may be announced by one call; a
   * duplicate is not announced.
   */
  onAppend(listener: (name: TopicName) => void): Disposable;
}
