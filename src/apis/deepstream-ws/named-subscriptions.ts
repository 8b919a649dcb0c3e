// What one connection has subscribed to in one topic, by name, and the bulk messages that change it.

import type { ServiceError } from "../../core/errors.ts";
import type { Maybe } from "../../core/maybe.ts";
import type { Message } from "./message.ts";
import { refusal } from "./refusals.ts";
import type { Session } from "./session.ts";

export interface NamedSubscriptionsOptions<Entry> {
  /** The actions that tell of a name that is there already, or is not there. */
  readonly multiple: number;
  readonly missing: number;
  /** That a name is none; undefined: as the topic says it of every message. */
  readonly invalid?: number;
  /** Which of these names the user may not have, and why; asked before any of them is opened. */
  readonly refusals: (
    names: readonly string[],
    message: Message,
  ) => Maybe<ReadonlyMap<string, ServiceError>>;
  /** Throws `ServiceError` where the name cannot be had. */
  readonly open: (name: string) => Entry;
  readonly close: (entry: Entry) => void;
}

/** Each name of a message counts for itself: one that is refused takes no other with it. */
export class NamedSubscriptions<Entry> implements Disposable {
  readonly #session: Session;
  readonly #options: NamedSubscriptionsOptions<Entry>;
  readonly #entries = new Map<string, Entry>();
  #isDisposed = false;

  constructor(session: Session, options: NamedSubscriptionsOptions<Entry>) {
    this.#session = session;
    this.#options = options;
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** A promise where it takes a while to know what the user may have. */
  subscribe(message: Message): Maybe<void> {
    const refusals = this.#options.refusals(namesOf(message), message);
    if (!(refusals instanceof Promise)) return this.#subscribe(message, refusals);
    return refusals.then((refusals) => {
      if (!this.#isDisposed) this.#subscribe(message, refusals);
    });
  }

  #subscribe(message: Message, refusals: ReadonlyMap<string, ServiceError>): void {
    this.#each(message, (name) => {
      const refusal = refusals.get(name);
      if (refusal !== undefined) throw refusal;
      if (this.#entries.has(name)) return this.#options.multiple;
      this.#open(name);
      return undefined;
    });
  }

  /** In bulk, names that are not there are passed over in silence. */
  unsubscribe(message: Message): void {
    const isBulk = (message.names ?? []).length > 0;
    this.#each(message, (name) => {
      const entry = this.#entries.get(name);
      if (entry === undefined) return isBulk ? undefined : this.#options.missing;
      this.#entries.delete(name);
      this.#session.subscriptions.remove();
      this.#options.close(entry);
      return undefined;
    });
  }

  /** Ends one that is there, without a message. */
  close(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.forget(name);
    this.#options.close(entry);
  }

  /** One that has ended by itself. */
  forget(name: string): void {
    if (this.#entries.delete(name)) this.#session.subscriptions.remove();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const entry of this.#entries.values()) {
      this.#session.subscriptions.remove();
      this.#options.close(entry);
    }
    this.#entries.clear();
  }

  #open(name: string): void {
    const { subscriptions } = this.#session;
    subscriptions.add();
    try {
      this.#entries.set(name, this.#options.open(name));
    } catch (cause) {
      subscriptions.remove();
      throw cause;
    }
  }

  /**
   * `change` returns what the client is to be told of the name; undefined: nothing. The message is
   * acknowledged unless every name was refused; alone, one that the client was told of is not.
   */
  #each(message: Message, change: (name: string) => number | undefined): void {
    const { names = [] } = message;
    const all = namesOf(message);
    let refused = 0;
    for (const each of all) {
      try {
        const news = change(each);
        if (news === undefined) continue;
        this.#send(message, news, each);
        if (names.length === 0) return;
      } catch (cause) {
        refused += 1;
        this.#session.send(refusal(message, each, cause, this.#options.invalid));
      }
    }
    if (refused < all.length) this.#acknowledge(message);
  }

  #acknowledge({ topic, action, name, correlationId }: Message): void {
    const what = correlationId === undefined ? { name } : { correlationId };
    this.#session.send({ topic, action, ...what, isAck: true });
  }

  #send({ topic, action }: Message, news: number, name: string): void {
    this.#session.send({ topic, action: news, originalAction: action, name });
  }
}

function namesOf({ name = "", names = [] }: Message): readonly string[] {
  return names.length > 0 ? names : [name];
}
