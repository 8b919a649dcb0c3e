// Presence over one connection: asking who is there, and being told who comes and goes.

import { PRESENCE_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import { renderMembers } from "../../core/json.ts";
import type { Maybe } from "../../core/maybe.ts";
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
  #isDisposed = false;

  constructor(session: Session, presence: Presence) {
    this.#session = session;
    this.#presence = presence;
    this.#users = new NamedSubscriptions(session, {
      multiple: PRESENCE_ACTION.MULTIPLE_SUBSCRIPTIONS,
      missing: PRESENCE_ACTION.NOT_SUBSCRIBED,
      refusals: (ids) =>
        session.permissions.refusals(session.user, "presence", "allow", "SUBSCRIBE", ids),
      open: (id) => presence.watch(id, (news) => session.tell(news, tellOne)),
      close: (subscription) => subscription[Symbol.dispose](),
    });
  }

  handle(message: Message): Maybe<void> {
    switch (message.action) {
      case PRESENCE_ACTION.QUERY_ALL:
        return this.#permitted(message, "QUERY_ALL", undefined, () => this.#queryAll());
      case PRESENCE_ACTION.QUERY:
        return this.#permitted(message, "QUERY", message.names ?? [], () => this.#query(message));
      case PRESENCE_ACTION.SUBSCRIBE:
        return this.#users.subscribe(message);
      case PRESENCE_ACTION.UNSUBSCRIBE:
        return this.#users.unsubscribe(message);
      case PRESENCE_ACTION.SUBSCRIBE_ALL:
        return this.#permitted(message, "SUBSCRIBE_ALL", undefined, () =>
          this.#subscribeAll(message),
        );
      case PRESENCE_ACTION.UNSUBSCRIBE_ALL:
        return this.#unsubscribeAll(message);
      default:
        return this.#session.send(unknownAction(message));
    }
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#users[Symbol.dispose]();
    this.#endAll();
  }

  /** Does it where the user may ask for all of these; names undefined: for all there are. */
  #permitted(
    message: Message,
    operation: string,
    names: readonly string[] | undefined,
    act: () => void,
  ): Maybe<void> {
    const { permissions, user } = this.#session;
    const refuse = (cause: unknown) => this.#session.send(refusal(message, undefined, cause));
    try {
      const waits = permissions.requirePresence(user, operation, names);
      if (waits === undefined) return act();
      return waits.then(() => {
        if (!this.#isDisposed) act();
      }, refuse);
    } catch (cause) {
      refuse(cause);
    }
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
