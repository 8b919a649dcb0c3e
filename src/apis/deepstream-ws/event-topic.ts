// Events over one connection: subscribing, emitting, being told, and listening to who subscribes.

import { EVENT_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { EmittedEvent, EventSubscriber, Events } from "../../core/events/events.ts";
import type { PatternListeners } from "../../core/listening/listeners.ts";
import type { Maybe } from "../../core/maybe.ts";
import { Payload } from "../../core/payload.ts";
import type { DataReader } from "./data.ts";
import { Listening, type ListeningWords } from "./listening.ts";
import type { Message } from "./message.ts";
import { NamedSubscriptions } from "./named-subscriptions.ts";
import { refusal, unknownAction } from "./refusals.ts";
import type { Session, TopicHandler } from "./session.ts";

export class EventTopic implements TopicHandler, EventSubscriber {
  readonly #session: Session;
  readonly #events: Events;
  readonly #readData: DataReader;
  readonly #subscriptions: NamedSubscriptions<Disposable>;
  readonly #listening: Listening;

  constructor(session: Session, events: Events, listeners: PatternListeners, readData: DataReader) {
    this.#session = session;
    this.#events = events;
    this.#readData = readData;
    this.#subscriptions = new NamedSubscriptions(session, {
      multiple: EVENT_ACTION.MULTIPLE_SUBSCRIPTIONS,
      missing: EVENT_ACTION.NOT_SUBSCRIBED,
      refusals: (names) =>
        session.permissions.refusals(session.user, "event", "subscribe", "SUBSCRIBE", names),
      open: (name) => events.subscribe(name, this),
      close: (subscription) => subscription[Symbol.dispose](),
    });
    this.#listening = new Listening(session, listeners, WORDS);
  }

  handle(message: Message): Maybe<void> {
    switch (message.action) {
      case EVENT_ACTION.EMIT:
        return this.#emit(message);
      case EVENT_ACTION.SUBSCRIBE:
        return this.#subscriptions.subscribe(message);
      case EVENT_ACTION.UNSUBSCRIBE:
        return this.#subscriptions.unsubscribe(message);
      default:
        return this.#listen(message);
    }
  }

  receive(event: EmittedEvent): void {
    this.#session.tell(event, tellEvent);
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#subscriptions[Symbol.dispose]();
  }

  #listen(message: Message): Maybe<void> {
    const isHandled = this.#listening.handle(message);
    if (isHandled instanceof Promise) return isHandled.then(() => {});
    if (!isHandled) this.#session.send(unknownAction(message));
  }

  #emit(message: Message): Maybe<void> {
    const { name = "", data } = message;
    const refuse = (cause: unknown) => this.#session.send(refusal(message, name, cause));
    try {
      const text = this.#readData(data);
      const payload = text === undefined ? undefined : Payload.ofText(text);
      return this.#events.emit(this.#session.user, name, payload, this)?.catch(refuse);
    } catch (cause) {
      refuse(cause);
    }
  }
}

const WORDS: ListeningWords = {
  topic: TOPIC.EVENT,
  section: "event",
  listen: EVENT_ACTION.LISTEN,
  unlisten: EVENT_ACTION.UNLISTEN,
  accept: EVENT_ACTION.LISTEN_ACCEPT,
  reject: EVENT_ACTION.LISTEN_REJECT,
  found: EVENT_ACTION.SUBSCRIPTION_FOR_PATTERN_FOUND,
  removed: EVENT_ACTION.SUBSCRIPTION_FOR_PATTERN_REMOVED,
  late: EVENT_ACTION.LISTEN_RESPONSE_TIMEOUT,
  invalid: EVENT_ACTION.INVALID_LISTEN_REGEX,
  multiple: EVENT_ACTION.MULTIPLE_SUBSCRIPTIONS,
  missing: EVENT_ACTION.NOT_SUBSCRIBED,
};

function tellEvent({ name, data }: EmittedEvent): Message {
  const message = { topic: TOPIC.EVENT, action: EVENT_ACTION.EMIT, name };
  return data === undefined ? message : { ...message, data };
}
