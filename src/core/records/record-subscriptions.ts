// Who subscribes to which record: each gets its state first, and then every change after that, once and in order.

import { Listeners, type OnBug } from "../listeners.ts";
import { requirePlainName } from "../names.ts";
import type { RecordPatch, StoredRecord } from "./command.ts";
import type { Commit, RecordChange, RecordStore, Seen } from "./record-store.ts";
import type { Records } from "./records.ts";

/** One for all who get it, never changed: an API can encode it once and remember it by its identity. */
export type RecordNews =
  /** This is all that the record holds now: it was written, or it is told anew after a notify. */
  | {
      readonly kind: "set";
      readonly name: string;
      readonly version: number;
      /** JSON text. */
      readonly data: string;
    }
  | {
      readonly kind: "patched";
      readonly name: string;
      readonly version: number;
      readonly patches: readonly RecordPatch[];
      /** JSON text of the whole, of several patches at once. */
      readonly data: string | undefined;
    }
  | { readonly kind: "deleted"; readonly name: string }
  /** Whether somebody keeps the record up to date: a listener that accepted it. */
  | { readonly kind: "provider"; readonly name: string; readonly hasProvider: boolean };

/** One connection, which may subscribe to many records. */
export interface RecordSubscriber {
  /** Not called for what this subscriber sent itself. What it throws does not reach the others. */
  receive(news: RecordNews): void;
  /** The record is gone, and the subscription with it, whoever deleted it. After the news of it. */
  end(name: string): void;
}

/** Dispose it to end it. */
export interface RecordSubscription extends Disposable {
  readonly name: string;
  readonly isOver: boolean;
}

export interface RecordSubscriptionsLimits {
  readonly nameBytesMax: number;
}

/** Characters of data that one read after a notify takes. */
const READ_MAX = 8_388_608;

export class RecordSubscriptions implements Disposable {
  readonly #records: Records;
  readonly #store: Pick<RecordStore, "readAll">;
  readonly #limits: RecordSubscriptionsLimits;
  readonly #pause: () => Promise<void>;
  readonly #onBug: OnBug;
  /** Notified and not read since. */
  readonly #stale = new Set<string>();
  #isRefreshing = false;
  readonly #channels = new Map<string, Channel>();
  readonly #first: Listeners<string>;
  readonly #last: Listeners<string>;
  readonly #listening = new DisposableStack();

  /**
   * `pause` lets others have their turn between reads after a notify; `onBug` takes what a subscriber
   * throws, and what keeps a notify from reading.
   */
  constructor(
    records: Records,
    store: Pick<RecordStore, "readAll">,
    limits: RecordSubscriptionsLimits,
    pause: () => Promise<void>,
    onBug: OnBug,
  ) {
    this.#records = records;
    this.#store = store;
    this.#limits = limits;
    this.#pause = pause;
    this.#onBug = onBug;
    this.#first = new Listeners(onBug);
    this.#last = new Listeners(onBug);
    this.#listening.use(records.onChange((change) => this.#tellChange(change)));
    this.#listening.use(records.onNotify((names) => void this.#refreshSoon(names)));
  }

  /**
   * What happens to the record from now on is kept for the subscriber, until `handOver` has told it
   * the state. Who subscribes twice gets everything twice. Throws `invalid_argument`.
   */
  subscribe(name: string, subscriber: RecordSubscriber): RecordSubscription {
    requirePlainName("record name", name, this.#limits.nameBytesMax);
    const found = this.#channels.get(name);
    const channel = found ?? new Channel(this.#onBug);
    if (found === undefined) this.#channels.set(name, channel);
    const place = new Place(name, subscriber, channel, () => {
      if (channel.places.size > 0 || this.#channels.get(name) !== channel) return;
      this.#channels.delete(name);
      this.#last.tell(name);
    });
    if (found === undefined) this.#first.tell(name);
    return place;
  }

  /**
   * Tells each subscription its state as `look` sees it, by `onState`, and from then on the changes
   * after that, those first that were kept. `look` is asked for all names at once, and again for those
   * that it left. Who unsubscribed meanwhile is told nothing. Rejects as `look` does: the
   * subscriptions whose state was not told are the caller's to end.
   */
  async handOver<Found>(
    subscriptions: readonly RecordSubscription[],
    look: (names: readonly string[]) => Promise<Seen<Found>>,
    onState: (name: string, found: Found | undefined) => void,
  ): Promise<void> {
    let rest = subscriptions;
    while (rest.length > 0) {
      const { commit, found } = await look(rest.map(({ name }) => name));
      for (const [index, state] of found.entries()) {
        const place = rest[index];
        if (place instanceof Place) place.open(commit, () => onState(place.name, state));
      }
      rest = rest.slice(found.length);
    }
  }

  /** Tells the subscribers of the record, and those who come later, that it has a provider, or none. */
  setProvider(name: string, hasProvider: boolean): void {
    const news: RecordNews = { kind: "provider", name, hasProvider };
    this.#channels.get(name)?.setProvider(hasProvider ? news : undefined, news);
  }

  /** Calls `listener` synchronously with the name of a record when somebody is the first to subscribe. */
  onFirst(listener: (name: string) => void): Disposable {
    return this.#first.add(listener);
  }

  /** Calls `listener` synchronously with the name of a record when nobody subscribes any more. */
  onLast(listener: (name: string) => void): Disposable {
    return this.#last.add(listener);
  }

  has(name: string): boolean {
    return this.#channels.has(name);
  }

  subscribedNames(): Iterable<string> {
    return this.#channels.keys();
  }

  /** Subscriptions in all. */
  get subscriptions(): number {
    let subscriptions = 0;
    for (const { places } of this.#channels.values()) subscriptions += places.size;
    return subscriptions;
  }

  /** Tells nobody any more. */
  [Symbol.dispose](): void {
    this.#listening.dispose();
  }

  #tellChange(change: RecordChange): void {
    const channel = this.#channels.get(change.command.name);
    if (channel === undefined) return;
    channel.newest = change.commit;
    const { command, commit } = change;
    const sender = this.#records.senderOf(command);
    channel.places.tell({ news: newsOf(change), commit, sender, isState: false });
  }

  /** However often a record is notified in a turn, it is read once: the bytes of a name can ask for a megabyte. */
  async #refreshSoon(names: readonly string[]): Promise<void> {
    for (const name of names) if (this.#channels.has(name)) this.#stale.add(name);
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    while (this.#stale.size > 0) {
      const stale = [...this.#stale];
      this.#stale.clear();
      await this.#refresh(stale).catch(this.#onBug);
      await this.#pause();
    }
    this.#isRefreshing = false;
  }

  /** Reads again what changed while it was read: told now, it would take back the change. */
  async #refresh(names: readonly string[]): Promise<void> {
    let rest = names;
    while (rest.length > 0) {
      const { commit, found } = await this.#store.readAll(rest, READ_MAX);
      const outrun = rest.slice(0, found.length).filter((name, index) => {
        const channel = this.#channels.get(name);
        if (channel === undefined) return false;
        if (channel.newest > commit) return true;
        const news = stateOf(name, found[index]);
        channel.places.tell({ news, commit, sender: undefined, isState: true });
        return false;
      });
      rest = [...outrun, ...rest.slice(found.length)];
    }
  }
}

/** News on its way to one subscriber. */
interface Tale {
  readonly news: RecordNews;
  /** Infinite: no read has seen it. */
  readonly commit: Commit;
  readonly sender: object | undefined;
  /** Whether it holds all that happened until then. */
  readonly isState: boolean;
}

/** One record that somebody subscribes to. */
class Channel {
  readonly places: Listeners<Tale>;
  /** Of the last change that was told. */
  newest: Commit = 0;
  provider: RecordNews | undefined;

  constructor(onBug: OnBug) {
    this.places = new Listeners(onBug);
  }

  setProvider(provider: RecordNews | undefined, news: RecordNews): void {
    const isNews = (this.provider === undefined) !== (provider === undefined);
    this.provider = provider;
    if (!isNews) return;
    this.places.tell({ news, commit: Infinity, sender: undefined, isState: false });
  }
}

/** One subscriber of one record. */
class Place implements RecordSubscription {
  readonly name: string;
  readonly #subscriber: RecordSubscriber;
  readonly #channel: Channel;
  readonly #onLeave: () => void;
  readonly #hearing: Disposable;
  /** Until the state was told. */
  #kept: Tale[] | undefined = [];
  /** The subscriber knows what happened until then. */
  #seen: Commit = 0;
  #isOver = false;

  constructor(name: string, subscriber: RecordSubscriber, channel: Channel, onLeave: () => void) {
    this.name = name;
    this.#subscriber = subscriber;
    this.#channel = channel;
    this.#onLeave = onLeave;
    this.#hearing = channel.places.add((tale) => this.#hear(tale));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  open(commit: Commit, tellState: () => void): void {
    if (this.#isOver) return;
    this.#seen = commit;
    tellState();
    const { provider } = this.#channel;
    if (!this.#isOver && provider !== undefined) this.#subscriber.receive(provider);
    // What comes while these are told is kept behind them.
    for (const tale of this.#kept ?? []) this.#tell(tale);
    this.#kept = undefined;
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hearing[Symbol.dispose]();
    this.#onLeave();
  }

  #hear(tale: Tale): void {
    if (this.#kept === undefined) this.#tell(tale);
    // Whether there is a provider is asked when the state is told.
    else if (tale.news.kind !== "provider") this.#kept.push(tale);
  }

  #tell({ news, commit, sender, isState }: Tale): void {
    if (this.#isOver || commit <= this.#seen) return;
    if (isState) this.#seen = commit;
    const isGone = news.kind === "deleted";
    if (isGone) this[Symbol.dispose]();
    try {
      if (sender !== this.#subscriber) this.#subscriber.receive(news);
    } finally {
      if (isGone) this.#subscriber.end(this.name);
    }
  }
}

function newsOf({ command, version, data }: RecordChange): RecordNews {
  const { name } = command;
  if (version === undefined) return { kind: "deleted", name };
  switch (command.kind) {
    case "set-record":
      return { kind: "set", name, version, data: command.data };
    case "patch-record":
      return { kind: "patched", name, version, patches: command.patches, data };
    default:
      return { kind: "set", name, version, data: "{}" };
  }
}

function stateOf(name: string, record: StoredRecord | undefined): RecordNews {
  return record === undefined ? { kind: "deleted", name } : { kind: "set", name, ...record };
}
