// Listening to patterns over one connection, which is the same for records and for events.

import { EVENT_ACTION, RECORD_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import { ServiceError } from "../../core/errors.ts";
import type { PatternListeners } from "../../core/listening/listeners.ts";
import type { PatternListener, PatternProvider } from "../../core/listening/pattern-provider.ts";
import type { Message } from "./message.ts";
import { refusal } from "./refusals.ts";
import type { Session } from "./session.ts";

/** The numbers differ, their meanings do not. */
type Actions = typeof EVENT_ACTION | typeof RECORD_ACTION;

export class PatternTopic implements PatternProvider, Disposable {
  readonly #session: Session;
  readonly #listeners: PatternListeners;
  readonly #topic: number;
  readonly #actions: Actions;
  readonly #patterns = new Map<string, PatternListener>();
  /** What is offered while a pattern is new: the client first hears that it is taken. */
  #held: Message[] | undefined;

  constructor(session: Session, listeners: PatternListeners, topic: TOPIC.EVENT | TOPIC.RECORD) {
    this.#session = session;
    this.#listeners = listeners;
    this.#topic = topic;
    this.#actions = topic === TOPIC.EVENT ? EVENT_ACTION : RECORD_ACTION;
  }

  /** Whether the message was about listening. */
  handle(message: Message): boolean {
    const { name = "", subscription = "" } = message;
    switch (message.action) {
      case this.#actions.LISTEN:
        this.#listen(message, name);
        return true;
      case this.#actions.UNLISTEN:
        this.#unlisten(message, name);
        return true;
      case this.#actions.LISTEN_ACCEPT:
        this.#patterns.get(name)?.accept(subscription);
        return true;
      case this.#actions.LISTEN_REJECT:
        this.#patterns.get(name)?.reject(subscription);
        return true;
      default:
        return false;
    }
  }

  offer(pattern: string, subscription: string): void {
    this.#tell(this.#actions.SUBSCRIPTION_FOR_PATTERN_FOUND, pattern, subscription);
  }

  withdraw(pattern: string, subscription: string): void {
    this.#tell(this.#actions.SUBSCRIPTION_FOR_PATTERN_REMOVED, pattern, subscription);
  }

  late(pattern: string, subscription: string): void {
    this.#tell(this.#actions.LISTEN_RESPONSE_TIMEOUT, pattern, subscription);
  }

  [Symbol.dispose](): void {
    for (const listener of this.#patterns.values()) {
      this.#session.subscriptions.remove();
      listener[Symbol.dispose]();
    }
    this.#patterns.clear();
  }

  #listen(message: Message, name: string): void {
    if (this.#patterns.has(name)) {
      this.#complain(message, this.#actions.MULTIPLE_SUBSCRIPTIONS);
      return;
    }
    const held: Message[] = [];
    this.#held = held;
    try {
      this.#open(name);
      this.#acknowledge(message);
    } catch (cause) {
      this.#refuse(message, cause);
    } finally {
      this.#held = undefined;
    }
    for (const offered of held) this.#session.send(offered);
  }

  #open(name: string): void {
    const { subscriptions } = this.#session;
    subscriptions.add();
    try {
      this.#patterns.set(name, this.#listeners.listen(name, this));
    } catch (cause) {
      subscriptions.remove();
      throw cause;
    }
  }

  #unlisten(message: Message, name: string): void {
    const listener = this.#patterns.get(name);
    if (listener === undefined) {
      this.#complain(message, this.#actions.NOT_SUBSCRIBED);
      return;
    }
    this.#patterns.delete(name);
    this.#session.subscriptions.remove();
    listener[Symbol.dispose]();
    this.#acknowledge(message);
  }

  #refuse(message: Message, cause: unknown): void {
    const isBad = cause instanceof ServiceError && cause.code === "invalid_argument";
    if (isBad) this.#complain(message, this.#actions.INVALID_LISTEN_REGEX);
    else this.#session.send(refusal(message, message.name, cause));
  }

  #complain({ action, name }: Message, problem: number): void {
    const about = { topic: this.#topic, action: problem, originalAction: action };
    this.#session.send({ ...about, name, isError: true });
  }

  #acknowledge({ topic, action, name }: Message): void {
    this.#session.send({ topic, action, name, isAck: true });
  }

  #tell(action: number, name: string, subscription: string): void {
    const message = { topic: this.#topic, action, name, subscription };
    if (this.#held === undefined) this.#session.send(message);
    else this.#held.push(message);
  }
}
