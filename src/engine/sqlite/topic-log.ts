// Topics: appended through the writer thread, read beside it.

import type {
  Append,
  Appended,
  PageBounds,
  ReadFrom,
  TopicLog,
  TopicName,
  TopicRead,
  TopicSummary,
} from "../../core/topics/topic-log.ts";
import type { SqliteCacheStore } from "./cache-store.ts";
import { Listeners } from "./listeners.ts";
import { NOTHING, type Reader } from "./reader.ts";
import type { WriterClient } from "./writer-client.ts";

export class SqliteTopicLog implements TopicLog {
  readonly #writer: WriterClient;
  readonly #reader: Reader;
  readonly #caches: SqliteCacheStore;
  readonly #appends = new Listeners<TopicName>();

  constructor(writer: WriterClient, reader: Reader, caches: SqliteCacheStore) {
    this.#writer = writer;
    this.#reader = reader;
    this.#caches = caches;
  }

  append(append: Append): Promise<Appended> {
    return this.#writer.write({ kind: "append", ...append });
  }

  async read(name: TopicName, from: ReadFrom, bounds: PageBounds): Promise<TopicRead> {
    const cache = this.#caches.idOf(name.cache);
    return cache === undefined ? NOTHING : this.#reader.read(cache, name.topic, from, bounds);
  }

  async list(cache: string, after: string, limit: number): Promise<readonly TopicSummary[]> {
    const id = this.#caches.idOf(cache);
    return id === undefined ? [] : this.#reader.list(id, after, limit);
  }

  async delete(name: TopicName): Promise<boolean> {
    const { deleted } = await this.#writer.write({ kind: "delete-topic", ...name });
    return deleted;
  }

  onAppend(listener: (name: TopicName) => void): Disposable {
    return this.#appends.add(listener);
  }

  /** Items were appended, durably. */
  noteAppend(name: TopicName): void {
    this.#appends.tell(name);
  }
}
