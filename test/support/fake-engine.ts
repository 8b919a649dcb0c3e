// An engine in memory that is as slow, as much out of order and as unreliable as its ports allow.

import { makeSigningKey } from "../../src/core/access/signing-key.ts";
import type { KeyStore, RevocationStore } from "../../src/core/access/token-ports.ts";
import { tokenIdOf } from "../../src/core/access/user.ts";
import type { UserStore } from "../../src/core/access/user-store.ts";
import type { Cache } from "../../src/core/caches/cache.ts";
import type { CacheStore } from "../../src/core/caches/cache-store.ts";
import type { Clock } from "../../src/core/clock.ts";
import { ServiceError } from "../../src/core/errors.ts";
import {
  changeOf,
  type RecordChange,
  type RecordStore,
} from "../../src/core/records/record-store.ts";
import type { TopicLog, TopicName } from "../../src/core/topics/topic-log.ts";
import { FakeDisk } from "./fake-disk.ts";
import { type EngineSettings, type OpenEngine, ROOMY } from "./open-engine.ts";

/**
 * Where a call can be held up or failed: a write before it is durable (`commit`), before it is
 * announced, and before its caller hears of it (`answer`); a read before it looks, and before its
 * caller is shown what it saw.
 */
export type Point = "commit" | "announce" | "answer" | "look" | "show";

/**
 * Asked at every point of every call, with what the call is about: `cache/topic`, `cache`, a
 * token's id or a user's address (none for a list of users). What it waits for holds the call up, for ever if need be. What it throws fails the
 * call: at `answer`, after its commit.
 */
export type Weather = (point: Point, what: string) => Promise<void> | void;

export class FakeEngine implements OpenEngine {
  readonly topicLog: TopicLog;
  readonly cacheStore: CacheStore;
  readonly revocations: RevocationStore;
  readonly keys: KeyStore;
  readonly recordStore: RecordStore;
  readonly userStore: UserStore;
  readonly #disk: FakeDisk;
  readonly #clock: Clock;
  readonly #weather: Weather;
  readonly #settings: EngineSettings;
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #unsettled = new Set<Promise<unknown>>();
  readonly #appendListeners = new Set<(name: TopicName) => void>();
  readonly #changeListeners = new Set<(change: RecordChange) => void>();
  readonly #deleteListeners = new Set<(name: string) => void>();
  readonly #revokeListeners = new Set<(name: string) => void>();
  #isClosed = false;

  constructor(
    clock: Clock,
    weather: Weather = () => {},
    settings: Partial<EngineSettings> = {},
    disk = new FakeDisk(),
  ) {
    this.#disk = disk;
    this.#clock = clock;
    this.#weather = weather;
    this.#settings = { ...ROOMY, ...settings };
    this.topicLog = this.#makeTopicLog();
    this.cacheStore = this.#makeCacheStore();
    this.revocations = this.#makeRevocations();
    this.keys = this.#makeKeys();
    this.recordStore = this.#makeRecordStore();
    this.userStore = this.#makeUserStore();
  }

  async reopen(settings: Partial<EngineSettings> = {}): Promise<OpenEngine> {
    await this.close();
    const merged = { ...this.#settings, ...settings };
    return new FakeEngine(this.#clock, this.#weather, merged, this.#disk);
  }

  /** Never resolves while a call is held up for ever. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#unsettled);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #makeTopicLog(): TopicLog {
    const disk = this.#disk;
    const settings = this.#settings;
    const now = () => this.#clock.now();
    return {
      append: (append) =>
        this.#write(
          textOf(append),
          () => disk.append(append, now(), settings),
          ({ duplicate }) => duplicate || tell(this.#appendListeners, nameOf(append)),
        ),
      read: (name, from, bounds) =>
        this.#read(textOf(name), () => disk.read(name, from, bounds, now(), settings)),
      list: (cache, after, limit) => this.#read(cache, () => disk.list(cache, after, limit)),
      delete: (name) => this.#write(textOf(name), () => disk.deleteTopic(name)),
      onAppend: (listener) => listen(this.#appendListeners, listener),
    };
  }

  #makeCacheStore(): CacheStore {
    const disk = this.#disk;
    const settings = this.#settings;
    const get = (name: string) => disk.cache(name, settings);
    return {
      get,
      list: () => disk.cacheNames().map((name) => get(name) as Cache),
      put: (name, overrides) =>
        this.#write(name, () => {
          const created = disk.put(name, overrides, this.#clock.now(), settings);
          return { cache: get(name) as Cache, created };
        }),
      delete: (name) =>
        this.#write(
          name,
          () => disk.deleteCache(name),
          (isDeleted) => isDeleted && tell(this.#deleteListeners, name),
        ),
      usage: (name) => this.#read(name, () => disk.usage(name)),
      tally: (name) => this.#read(name, () => disk.tally(name)),
      onDelete: (listener) => listen(this.#deleteListeners, listener),
    };
  }

  #makeRevocations(): RevocationStore {
    return {
      revokedUntil: (id) => this.#disk.revocations.get(id),
      revoke: (id) => this.#write(id, () => this.#revoke(id, this.#clock.now())),
      onRevoke: (listener) => listen(this.#revokeListeners, listener),
    };
  }

  #revoke(id: string, now: number): void {
    const { revocations } = this.#disk;
    revocations.set(id, Math.max(now, (revocations.get(id) ?? 0) + 1));
    tell(this.#revokeListeners, id);
  }

  #makeRecordStore(): RecordStore {
    const disk = this.#disk;
    return {
      recall: () => undefined,
      read: (name) => this.#read(name, () => disk.record(name)),
      readRevised: (name) =>
        this.#read(name, () => {
          return { name, record: disk.record(name), revision: disk.revision(name) };
        }),
      head: (name) => this.#read(name, () => disk.record(name)?.version),
      readAll: (names, bytesMax) =>
        this.#read(names.join(), () => {
          let bytes = 0;
          const found = names.map((name) => disk.record(name));
          const end = found.findIndex((record) => {
            bytes += record?.data.length ?? 0;
            return bytes >= bytesMax;
          });
          const { recordCommit: commit } = disk;
          return { commit, found: end === -1 ? found : found.slice(0, end + 1) };
        }),
      headAll: (names) =>
        this.#read(names.join(), () => {
          const found = names.map((name) => disk.record(name)?.version);
          return { commit: disk.recordCommit, found };
        }),
      apply: (command) =>
        this.#write(
          command.name,
          () => {
            const outcome = disk.applyToRecord(command, this.#settings.records);
            return { outcome, change: changeOf(command, outcome, disk.recordCommit) };
          },
          ({ change }) => {
            if (change !== undefined) tell(this.#changeListeners, change);
          },
        ).then(({ outcome }) => outcome),
      list: (prefix, after, limit) =>
        this.#read(prefix, () => disk.listRecords(prefix, after, limit)),
      onChange: (listener) => listen(this.#changeListeners, listener),
    };
  }

  #makeKeys(): KeyStore {
    const disk = this.#disk;
    return {
      load: () => {
        if (disk.keys.length === 0) disk.keys = [makeSigningKey(this.#clock.now())];
        return disk.keys;
      },
      save: (keys) => {
        disk.keys = [...keys];
      },
    };
  }

  #makeUserStore(): UserStore {
    const disk = this.#disk;
    // No token is ended that was issued after the call: the port promises no more.
    const endTokens = (userId: string | undefined, calledAt: number) => {
      if (userId !== undefined) this.#revoke(tokenIdOf(userId), calledAt);
      return userId !== undefined;
    };
    return {
      find: (email) => this.#read(email, () => disk.user(email)),
      list: (after, limit) => this.#read("", () => disk.listUsers(after, limit)),
      add: (user) =>
        this.#write(user.email, () =>
          disk.addUser({ ...user, createdAt: this.#clock.now() }, this.#settings.usersMax),
        ),
      remove: (email) => {
        const calledAt = this.#clock.now();
        return this.#write(email, () => endTokens(disk.removeUser(email), calledAt));
      },
      setPasswordHash: (email, hash) => {
        const calledAt = this.#clock.now();
        return this.#write(email, () => endTokens(disk.setPasswordHash(email, hash), calledAt));
      },
    };
  }

  /** Writes about one thing are committed and announced in the order of the calls. */
  #write<Result>(
    what: string,
    commit: () => Result,
    announce: (result: Result) => unknown = () => {},
  ): Promise<Result> {
    if (this.#isClosed) return Promise.reject(stopping());
    const line = this.#lines.get(what) ?? Promise.resolve();
    const announced = line.then(async () => {
      await this.#weather("commit", what);
      const result = commit();
      await this.#weather("announce", what);
      announce(result);
      return result;
    });
    this.#lines.set(
      what,
      announced.catch(() => {}),
    );
    return this.#untilSettled(
      announced.then(async (result) => {
        await this.#weather("answer", what);
        return result;
      }),
    );
  }

  async #read<Result>(what: string, look: () => Result): Promise<Result> {
    await this.#weather("look", what);
    const seen = look();
    await this.#weather("show", what);
    return seen;
  }

  #untilSettled<Result>(work: Promise<Result>): Promise<Result> {
    this.#unsettled.add(work);
    const settled = () => void this.#unsettled.delete(work);
    work.then(settled, settled);
    return work;
  }
}

function listen<Event>(listeners: Set<(event: Event) => void>, listener: (event: Event) => void) {
  // Wrapped, so that a listener that listens twice is let go once.
  const own = (event: Event) => listener(event);
  listeners.add(own);
  return { [Symbol.dispose]: () => void listeners.delete(own) };
}

function tell<Event>(listeners: Set<(event: Event) => void>, event: Event): void {
  for (const listener of listeners) listener(event);
}

function textOf({ cache, topic }: TopicName): string {
  return `${cache}/${topic}`;
}

function nameOf({ cache, topic }: TopicName): TopicName {
  return { cache, topic };
}

function stopping(): ServiceError {
  return new ServiceError("stopping", "The engine is closed.");
}
