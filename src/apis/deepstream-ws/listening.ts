// Listening to patterns over one connection, for the topics that have names to subscribe to.

import type { RuleSection } from "../../core/access/rules.ts";
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
        this.#listenerOf(message)?.accept(message.subscription ?? "");
        return true;
      case this.#words.reject:
        this.#listenerOf(message)?.reject(message.subscription ?? "");
        return true;
      default:
        return false;
    }
  }

  offer(pattern: string, name: string): void {
    this.#tell(this.#words.found, pattern, name);
  }

  withdraw(pattern: string, name: string): void {
    this.#tell(this.#words.removed, pattern, name);
  }

  late(pattern: string, name: string): void {
    this.#tell(this.#words.late, pattern, name);
  }

  [Symbol.dispose](): void {
    this.#patterns[Symbol.dispose]();
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
