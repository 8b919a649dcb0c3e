// Presence over one connection: asking who is there, and being told who comes and goes.

import { PRESENCE_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import { renderMembers } from "../../core/json.ts";
import type { Presence, PresenceNews } from "../../core/presence/presence.ts";
import type { Message } from "./message.ts";
import { NamedSubscriptions } from "./named-subscriptions.ts";
import { refusal, unknownAction } from "./refusals.ts";
import type { Session, TopicHandler } from "./session.ts";

export class PresenceTopic implements TopicHandler {
  readonly #session: Session;
  readonly #presence: Presence;
  readonly #users: NamedSubscriptions<Disposable>;
  #all: Disposable | undefined;

  constructor(session: Session, presence: Presence) {
    this.#session = session;
    this.#presence = presence;
    this.#users = new NamedSubscriptions(session, {
      multiple: PRESENCE_ACTION.MULTIPLE_SUBSCRIPTIONS,
      missing: PRESENCE_ACTION.NOT_SUBSCRIBED,
      open: (id) => presence.watch(id, (news) => session.tell(news, tellOne)),
      close: (subscription) => subscription[Symbol.dispose](),
    });
  }

  handle(message: Message): void {
    switch (message.action) {
      case PRESENCE_ACTION.QUERY_ALL:
        this.#queryAll();
        break;
      case PRESENCE_ACTION.QUERY:
        this.#query(message);
        break;
      case PRESENCE_ACTION.SUBSCRIBE:
        this.#users.subscribe(message);
        break;
      case PRESENCE_ACTION.UNSUBSCRIBE:
        this.#users.unsubscribe(message);
        break;
      case PRESENCE_ACTION.SUBSCRIBE_ALL:
        this.#subscribeAll(message);
        break;
      case PRESENCE_ACTION.UNSUBSCRIBE_ALL:
        this.#unsubscribeAll(message);
        break;
      default:
        this.#session.send(unknownAction(message));
    }
  }

  [Symbol.dispose](): void {
    this.#users[Symbol.dispose]();
    this.#endAll();
  }

  #queryAll(): void {
    const names = this.#presence.users(this.#session.user);
    this.#session.send({ ...ANSWER_TO_ALL, names });
  }

  #query({ topic, names = [], correlationId }: Message): void {
    const data = renderMembers(this.#presence.areOnline(names));
    this.#session.send({ topic, action: PRESENCE_ACTION.QUERY_RESPONSE, correlationId, data });
  }

  #subscribeAll(message: Message): void {
    const { topic, action } = message;
    if (this.#all !== undefined) {
      const multiple = PRESENCE_ACTION.MULTIPLE_SUBSCRIPTIONS;
      this.#session.send({ topic, action: multiple, originalAction: action });
      return;
    }
    try {
      this.#session.subscriptions.add();
    } catch (cause) {
      this.#session.send(refusal(message, undefined, cause));
      return;
    }
    this.#all = this.#presence.watchAll((news) => this.#session.tell(news, tellAll));
    this.#session.send({ topic, action, isAck: true });
  }

  #unsubscribeAll({ topic, action }: Message): void {
    if (this.#endAll()) this.#session.send({ topic, action, isAck: true });
    else {
      const missing = PRESENCE_ACTION.NOT_SUBSCRIBED;
      this.#session.send({ topic, action: missing, originalAction: action });
    }
  }

  /** Whether there was something to end. */
  #endAll(): boolean {
    if (this.#all === undefined) return false;
    this.#all[Symbol.dispose]();
    this.#all = undefined;
    this.#session.subscriptions.remove();
    return true;
  }
}

const ANSWER_TO_ALL = {
  topic: TOPIC.PRESENCE,
  action: PRESENCE_ACTION.QUERY_ALL_RESPONSE,
} as const;

function tellOne({ id, isPresent }: PresenceNews): Message {
  const { PRESENCE_JOIN, PRESENCE_LEAVE } = PRESENCE_ACTION;
  return { topic: TOPIC.PRESENCE, action: isPresent ? PRESENCE_JOIN : PRESENCE_LEAVE, name: id };
}

function tellAll({ id, isPresent }: PresenceNews): Message {
  const { PRESENCE_JOIN_ALL, PRESENCE_LEAVE_ALL } = PRESENCE_ACTION;
  const action = isPresent ? PRESENCE_JOIN_ALL : PRESENCE_LEAVE_ALL;
  return { topic: TOPIC.PRESENCE, action, name: id };
}
