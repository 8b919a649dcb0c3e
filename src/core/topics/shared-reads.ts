// Lets all who are woken by one append share one read, and with it one encoded answer.

import type { PageBounds, ReadFrom, TopicLog, TopicName, TopicRead } from "./topic-log.ts";

/**
 * A read may be shared as long as it has not settled and no append was announced since it began:
 * whoever joins later either sees what the read saw, or is woken by the announcement still to come.
 */
export class SharedReads {
  readonly #log: TopicLog;
  readonly #bounds: PageBounds;
  readonly #reads = new Map<string, Map<ReadFrom, Promise<TopicRead>>>();

  constructor(log: TopicLog, bounds: PageBounds) {
    this.#log = log;
    this.#bounds = bounds;
  }

  read(name: TopicName, from: ReadFrom): Promise<TopicRead> {
    const key = keyOf(name);
    let ofTopic = this.#reads.get(key);
    const shared = ofTopic?.get(from);
    if (shared !== undefined) return shared;
    if (ofTopic === undefined) {
      ofTopic = new Map();
      this.#reads.set(key, ofTopic);
    }
    const read = this.#log.read(name, from, this.#bounds);
    ofTopic.set(from, read);
    const owner = ofTopic;
    const settled = () => this.#forget(key, owner, from);
    read.then(settled, settled);
    return read;
  }

  /** To be called when the topic was deleted or an append to it is announced, before anybody is woken. */
  invalidate(name: TopicName): void {
    this.#reads.delete(keyOf(name));
  }

  /** To be called when a cache was deleted. */
  invalidateCache(cache: string): void {
    for (const key of this.#reads.keys()) if (key.startsWith(`${cache}\n`)) this.#reads.delete(key);
  }

  #forget(key: string, ofTopic: Map<ReadFrom, Promise<TopicRead>>, from: ReadFrom): void {
    ofTopic.delete(from);
    if (ofTopic.size === 0 && this.#reads.get(key) === ofTopic) this.#reads.delete(key);
  }
}

function keyOf(name: TopicName): string {
  return `${name.cache}\n${name.topic}`;
}
