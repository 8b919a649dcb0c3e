// However slow the store is and whatever comes in between, subscribers get the state and then every change after it.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { Deadlines } from "../../src/core/deadlines.ts";
import type { Json } from "../../src/core/json.ts";
import type { RecordCommand, RecordOutcome, StoredRecord } from "../../src/core/records/command.ts";
import {
  type RecordNews,
  type RecordSubscriber,
  type RecordSubscription,
  RecordSubscriptions,
} from "../../src/core/records/record-subscriptions.ts";
import { Records } from "../../src/core/records/records.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import { FakeDisk } from "../support/fake-disk.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import type { ROOMY } from "../support/open-engine.ts";
import { EVERYTHING } from "../support/permissions.ts";
import { turns } from "../support/turns.ts";
import { user } from "../support/users.ts";

const ALICE = user("alice");
const NAMES = ["a", "b"];
const SUBSCRIBERS = 3;

type Step =
  | { kind: "subscribe"; who: number; names: readonly string[]; creates: boolean }
  | { kind: "unsubscribe"; who: number; name: string }
  | { kind: "write" | "patch" | "delete" | "create"; who: number; name: string }
  | { kind: "replace" | "replace-away"; name: string; version: number }
  | { kind: "notify"; names: readonly string[] }
  | { kind: "pass"; turns: number };

const who = fc.nat(SUBSCRIBERS);
const name = fc.constantFrom(...NAMES);
const names = fc.constantFrom(["a"], ["b"], ["a", "b"]);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant("subscribe" as const), who, names, creates: fc.boolean() },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("unsubscribe" as const), who, name }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constantFrom(...(["write", "patch", "write", "patch", "delete", "create"] as const)),
      ...{ who, name },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("replace" as const, "replace" as const, "replace-away" as const),
      ...{ name, version: fc.nat(4) },
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("notify" as const), names }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), turns: fc.nat(4) }) },
);
/** How many turns each point of each call takes, over and over. */
const weather = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 5), { minLength: 1, maxLength: 30 });

test("whatever happens while a record is read, its subscribers lose nothing, and get nothing twice or too early", async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 40 }),
    weather,
    async (steps, delays) => {
      const run = new Run(delays);
      for (const planned of steps) await run.take(planned);
      await run.end();
    },
  );
  await fc.assert(property, { numRuns: 1500 });
}, 180_000);

/** What one commit made of one record. */
interface Entry {
  readonly command: RecordCommand;
  readonly commit: number;
  readonly record: StoredRecord | undefined;
  readonly isTold: boolean;
}

/** Remembers what it did. */
class RecordingDisk extends FakeDisk {
  readonly history: Entry[] = [];

  override applyToRecord(command: RecordCommand, limits: typeof ROOMY.records): RecordOutcome {
    const outcome = super.applyToRecord(command, limits);
    const isChange = outcome.kind === "written" || (outcome.kind === "deleted" && outcome.existed);
    if (!isChange) return outcome;
    this.history.push({
      ...{ command, commit: this.recordCommit, record: this.record(command.name) },
      isTold: command.kind !== "replace-record",
    });
    return outcome;
  }
}

/** One subscription of one subscriber, and how far in the history it must be. */
class Follower {
  readonly subscription: RecordSubscription;
  readonly #history: readonly Entry[];
  /** Names of records that somebody notified of. */
  readonly #notified: ReadonlySet<string>;
  readonly #subscriber: object;
  readonly #senders: WeakMap<RecordCommand, object>;
  hasState = false;
  isOver = false;
  #commit = 0;

  constructor(
    subscription: RecordSubscription,
    subscriber: object,
    history: readonly Entry[],
    notified: ReadonlySet<string>,
    senders: WeakMap<RecordCommand, object>,
  ) {
    this.subscription = subscription;
    this.#subscriber = subscriber;
    this.#history = history;
    this.#notified = notified;
    this.#senders = senders;
  }

  start(commit: number, record: StoredRecord | undefined): void {
    expect([this.hasState, this.isOver]).toEqual([false, false]);
    expect(record).toEqual(this.#stateAt(commit));
    this.hasState = true;
    this.#commit = commit;
  }

  hear(news: RecordNews): void {
    expect([this.hasState, this.isOver]).toEqual([true, false]);
    const next = this.#missing()[0];
    if (next !== undefined && isOf(next, news)) {
      this.#commit = next.commit;
      return;
    }
    // Then it is the state after a notify, as it was at some time from now on.
    expect(this.#notified.has(news.name)).toBe(true);
    if (isState(this.#stateAt(this.#commit), news)) return;
    const place = this.#own().find(
      ({ commit, record }) => commit > this.#commit && isState(record, news),
    );
    if (place === undefined) throw new Error(`nobody did this: ${JSON.stringify(news)}`);
    this.#commit = place.commit;
  }

  end(): void {
    expect([this.hasState, this.isOver]).toEqual([true, false]);
    this.isOver = true;
    if (this.#stateAt(this.#commit) === undefined) return;
    const next = this.#own().find(({ commit, isTold }) => commit > this.#commit && isTold);
    expect(next && this.#isMine(next)).toBe(true);
  }

  /** When all is quiet and everybody was told anew, what the subscriber knows is what there is. */
  check(): void {
    if (this.isOver) return;
    expect(this.hasState).toBe(true);
    expect(this.#missing()).toEqual([]);
    const unknown = this.#own().filter(({ commit }) => commit > this.#commit);
    if (unknown.every((entry) => this.#isMine(entry))) return;
    // Told a state that looks as one before it, it cannot say which of them it knows.
    expect(this.#stateAt(this.#commit)).toEqual(this.#own().at(-1)?.record);
  }

  /** What must still be told before anything later. */
  #missing(): readonly Entry[] {
    return this.#own().filter(
      (entry) => entry.commit > this.#commit && entry.isTold && !this.#isMine(entry),
    );
  }

  #isMine({ command }: Entry): boolean {
    return this.#senders.get(command) === this.#subscriber;
  }

  #own(): readonly Entry[] {
    return this.#history.filter(({ command }) => command.name === this.subscription.name);
  }

  #stateAt(commit: number): StoredRecord | undefined {
    return this.#own().findLast((entry) => entry.commit <= commit)?.record;
  }
}

class Run {
  readonly #disk = new RecordingDisk();
  readonly #engine: FakeEngine;
  readonly #records: Records;
  readonly #subscriptions: RecordSubscriptions;
  readonly #senders = new WeakMap<RecordCommand, object>();
  readonly #subscribers: (RecordSubscriber & { followers: Set<Follower> })[];
  readonly #all: Follower[] = [];
  readonly #notified = new Set<string>();
  readonly #working = new Set<Promise<unknown>>();
  readonly #bugs: unknown[] = [];
  #written = 0;
  #delay = 0;

  constructor(delays: readonly number[]) {
    const clock = new ManualClock();
    this.#engine = new FakeEngine(
      clock,
      () => {
        this.#delay += 1;
        const count = delays[this.#delay % delays.length] ?? 0;
        return count === 0 ? undefined : turns(count);
      },
      {},
      this.#disk,
    );
    const store = this.#engine.recordStore;
    const limits = {
      recordBytesMax: 1000,
      nameBytesMax: 10,
      arrayIndexMax: 10,
      depthMax: 10,
      listedMax: 10,
      waitingBytesMax: 1_000_000,
    };
    const onBug = (cause: unknown) => void this.#bugs.push(cause);
    const spied = {
      ...store,
      apply: (command: RecordCommand) => {
        if (this.#sender !== undefined) this.#senders.set(command, this.#sender);
        return store.apply(command);
      },
    };
    const writes = new WriteDeadline(new Deadlines(clock), 1000);
    this.#records = new Records(spied, EVERYTHING, writes, limits, onBug);
    this.#subscriptions = new RecordSubscriptions(
      this.#records,
      store,
      limits,
      () => Promise.resolve(),
      onBug,
    );
    this.#subscribers = Array.from({ length: SUBSCRIBERS }, () => {
      const followers = new Set<Follower>();
      const each = (name: string) =>
        [...followers].filter(({ subscription }) => subscription.name === name);
      return {
        followers,
        receive: (news) => {
          for (const follower of each(news.name)) follower.hear(news);
        },
        end: (name) => {
          for (const follower of each(name)) {
            follower.end();
            followers.delete(follower);
          }
        },
      };
    });
  }

  /** Who sends what is being handed to the store. */
  #sender: object | undefined;

  async take(planned: Step): Promise<void> {
    if (planned.kind === "pass") await turns(planned.turns);
    else if (planned.kind === "subscribe") this.#subscribe(planned);
    else if (planned.kind === "unsubscribe") this.#unsubscribe(planned.who, planned.name);
    else if (planned.kind === "notify") this.#notify(planned.names);
    else if ("version" in planned) this.#replace(planned);
    else this.#write(planned.kind, planned.who, planned.name);
  }

  async end(): Promise<void> {
    await this.#settle();
    this.#notify(NAMES);
    await this.#settle();
    // One read after the other, each of several turns.
    await turns(120);
    expect(this.#bugs).toEqual([]);
    for (const follower of this.#all) follower.check();
    for (const { followers } of this.#subscribers) {
      for (const { subscription } of followers) subscription[Symbol.dispose]();
    }
    expect([this.#subscriptions.subscriptions, [...this.#subscriptions.subscribedNames()]]).toEqual(
      [0, []],
    );
  }

  #subscribe({ who, names, creates }: Extract<Step, { kind: "subscribe" }>): void {
    const subscriber = this.#subscribers[who % SUBSCRIBERS]!;
    const held = new Set([...subscriber.followers].map(({ subscription }) => subscription.name));
    const fresh = names.filter((name) => !held.has(name));
    const followers = new Map(
      fresh.map((name) => {
        const subscription = this.#subscriptions.subscribe(name, subscriber);
        const follower = new Follower(
          ...([
            subscription,
            subscriber,
            this.#disk.history,
            this.#notified,
            this.#senders,
          ] as const),
        );
        subscriber.followers.add(follower);
        this.#all.push(follower);
        return [name, follower];
      }),
    );
    let seenAt = 0;
    const handedOver = this.#subscriptions.handOver(
      [...followers.values()].map(({ subscription }) => subscription),
      async (asked) => {
        const seen = creates
          ? await this.#records.readOrCreateAll(ALICE, asked, () => {})
          : await this.#records.readAll(asked);
        seenAt = seen.commit;
        return seen;
      },
      (name, record) => followers.get(name)!.start(seenAt, record),
    );
    this.#await(handedOver);
  }

  #unsubscribe(who: number, name: string): void {
    const subscriber = this.#subscribers[who % SUBSCRIBERS]!;
    for (const follower of subscriber.followers) {
      if (follower.subscription.name !== name) continue;
      follower.subscription[Symbol.dispose]();
      follower.isOver = true;
      subscriber.followers.delete(follower);
    }
  }

  #notify(names: readonly string[]): void {
    for (const name of names) this.#notified.add(name);
    void this.#records.notify(ALICE, names);
  }

  #write(kind: "write" | "patch" | "delete" | "create", who: number, name: string): void {
    const sender = this.#subscribers[who];
    this.#written += 1;
    const data: Json = { n: this.#written };
    const records = this.#records;
    this.#sender = sender;
    if (kind === "write") this.#await(records.write(ALICE, name, data, undefined, { sender }));
    else if (kind === "patch")
      this.#await(records.patch(ALICE, name, "n", this.#written, undefined, { sender }));
    else if (kind === "delete") this.#await(records.delete(ALICE, name, sender));
    else this.#await(records.create(ALICE, name, sender));
    this.#sender = undefined;
  }

  #replace({ kind, name, version }: Extract<Step, { version: number }>): void {
    this.#written += 1;
    const data = kind === "replace" ? JSON.stringify(this.#written) : undefined;
    const command: RecordCommand = { kind: "replace-record", name, data, version };
    this.#await(this.#engine.recordStore.apply(command));
  }

  #await(work: Promise<unknown>): void {
    const settled = work.then(
      () => {},
      (cause) => void this.#bugs.push(cause),
    );
    this.#working.add(settled);
  }

  async #settle(): Promise<void> {
    for (const work of this.#working) await work;
    // One read after the other, each of several turns.
    await turns(120);
  }
}

function isOf({ command, record }: Entry, news: RecordNews): boolean {
  if (news.kind === "deleted") return command.kind === "delete-record";
  if (news.kind === "provider" || record?.version !== news.version) return false;
  if (news.kind === "set") return command.kind !== "patch-record" && record.data === news.data;
  return command.kind === "patch-record" && command.patches === news.patches;
}

function isState(record: StoredRecord | undefined, news: RecordNews): boolean {
  if (news.kind === "deleted") return record === undefined;
  return news.kind === "set" && record?.version === news.version && record.data === news.data;
}
