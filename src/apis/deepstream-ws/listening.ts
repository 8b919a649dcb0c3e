// Listening to patterns over one connection, for the topics that have names to subscribe to.

import type { RuleSection } from "../../core/access/rules.ts";
import { ServiceError } from "../../core/errors.ts";
import type { PatternListeners } from "../../core/listening/listeners.ts";
import type { PatternListener, PatternProvider } from "../../core/listening/pattern-provider.ts";
import type { Maybe } from "../../core/maybe.ts";
import type { Message } from "./message.ts";
import { NamedSubscriptions } from "./named-subscriptions.ts";
import type { Session } from "./session.ts";

/** What the topic calls it. */
export interface ListeningWords {
  readonly topic: number;
  /** Of the rules. */
  readonly section: RuleSection;
  /** The actions of whoever listens. */
  readonly listen: number;
  readonly unlisten: number;
  readonly accept: number;
  readonly reject: number;
  readonly found: number;
  readonly removed: number;
  readonly late: number;
  /** The pattern is none. */
  readonly invalid: number;
  readonly multiple: number;
  readonly missing: number;
}

export class Listening implements PatternProvider, Disposable {
  readonly #session: Session;
  readonly #words: ListeningWords;
  readonly #patterns: NamedSubscriptions<PatternListener>;
  /** Offers of which the rules have not said yet whether the client may hear of them. */
  readonly #judged = new Set<string>();

  constructor(session: Session, listeners: PatternListeners, words: ListeningWords) {
    this.#session = session;
    this.#words = words;
    this.#patterns = new NamedSubscriptions(session, {
      multiple: words.multiple,
      missing: words.missing,
      invalid: words.invalid,
      refusals: (patterns) =>
        session.permissions.refusals(session.user, words.section, "listen", "LISTEN", patterns),
      open: (pattern) => listeners.listen(pattern, this),
      close: (listener) => listener[Symbol.dispose](),
    });
  }

  /** Whether the message is about listening; what is not, is left alone. A promise as of a topic. */
  handle(message: Message): Maybe<boolean> {
    switch (message.action) {
      case this.#words.listen:
        return this.#patterns.subscribe(message)?.then(() => true) ?? true;
      case this.#words.unlisten:
        this.#patterns.unsubscribe(message);
        return true;
      case this.#words.accept:
      case this.#words.reject:
        this.#answer(message);
        return true;
      default:
        return false;
    }
  }

  /** A pattern can match what no rule for its text is about: each name is judged before it is told. */
  offer(pattern: string, name: string): boolean {
    const { permissions, user } = this.#session;
    const { section } = this.#words;
    const tell = () => this.#tell(this.#words.found, pattern, name);
    try {
      const question = { section, action: "listen", operation: "LISTEN", name, user } as const;
      const waits = permissions.require(question);
      if (waits === undefined) tell();
      else this.#judge(pattern, name, waits, tell);
      return true;
    } catch (cause) {
      if (!(cause instanceof ServiceError)) throw cause;
      return false;
    }
  }

  withdraw(pattern: string, name: string): void {
    if (this.#judged.delete(keyOf(pattern, name))) return;
    this.#tell(this.#words.removed, pattern, name);
  }

  late(pattern: string, name: string): void {
    if (this.#judged.delete(keyOf(pattern, name))) this.#patterns.get(pattern)?.reject(name);
    else this.#tell(this.#words.late, pattern, name);
  }

  [Symbol.dispose](): void {
    this.#judged.clear();
    this.#patterns[Symbol.dispose]();
  }

  #judge(pattern: string, name: string, permits: Promise<void>, tell: () => void): void {
    const offer = keyOf(pattern, name);
    this.#judged.add(offer);
    permits.then(
      () => {
        if (this.#judged.delete(offer)) tell();
      },
      (cause: unknown) => {
        if (!(cause instanceof ServiceError)) this.#session.onBug(cause);
        if (this.#judged.delete(offer)) this.#patterns.get(pattern)?.reject(name);
      },
    );
  }

  /** Of what it was not told, a client can only guess. */
  #answer(message: Message): void {
    const { action, name: pattern = "", subscription = "" } = message;
    const listener = this.#listenerOf(message);
    if (listener === undefined || this.#judged.has(keyOf(pattern, subscription))) return;
    if (action === this.#words.accept) listener.accept(subscription);
    else listener.reject(subscription);
  }

  /** Where the client does not listen any more, it is told so. */
  #listenerOf({ topic, action, name = "" }: Message): PatternListener | undefined {
    const listener = this.#patterns.get(name);
    if (listener === undefined) {
      this.#session.send({ topic, action: this.#words.missing, originalAction: action, name });
    }
    return listener;
  }

  #tell(action: number, pattern: string, subscription: string): void {
    this.#session.send({ topic: this.#words.topic, action, name: pattern, subscription });
  }
}

function keyOf(pattern: string, name: string): string {
  return JSON.stringify([pattern, name]);
}
