// A connection whose user is known: its topics, each made when the client first speaks of it.

import { TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { Permissions } from "../../core/access/permissions.ts";
import type { User } from "../../core/access/user.ts";
import type { Events } from "../../core/events/events.ts";
import type { PatternListeners } from "../../core/listening/listeners.ts";
import type { Maybe } from "../../core/maybe.ts";
import type { Presence } from "../../core/presence/presence.ts";
import type { Rpcs } from "../../core/rpc/rpcs.ts";
import type { Telling } from "./codec.ts";
import type { DataReader } from "./data.ts";
import { EventTopic } from "./event-topic.ts";
import type { Message } from "./message.ts";
import { PresenceTopic } from "./presence-topic.ts";
import { RecordTopic, type RecordTopicServices } from "./record-topic.ts";
import { unknownAction } from "./refusals.ts";
import { RpcTopic, type RpcTopicOptions } from "./rpc-topic.ts";
import type { Session, TopicHandler } from "./session.ts";
import { SubscriptionCount, type SubscriptionTotal } from "./subscription-count.ts";

export interface TopicServices extends RecordTopicServices {
  readonly permissions: Permissions;
  readonly events: Events;
  readonly eventListeners: PatternListeners;
  readonly rpcs: Rpcs;
  readonly rpcOptions: RpcTopicOptions;
  readonly presence: Presence;
  readonly readData: DataReader;
  /** Told of every failure that is a bug. */
  readonly onBug: (cause: unknown) => void;
}

export class OpenSession implements Session, Disposable {
  readonly user: User;
  readonly permissions: Permissions;
  readonly knowsPatchMulti: boolean;
  readonly subscriptions: SubscriptionCount;
  readonly send: (message: Message) => void;
  readonly onBug: (cause: unknown) => void;
  readonly tell: <News extends object>(news: News, telling: Telling<News>) => void;
  readonly #services: TopicServices;
  readonly #topics = new Map<number, TopicHandler>();
  #over: AbortController | undefined;

  constructor(
    services: TopicServices,
    user: User,
    send: (message: Message) => void,
    tell: <News extends object>(news: News, telling: Telling<News>) => void,
    { max, total }: { readonly max: number; readonly total: SubscriptionTotal },
    sdkVersion: string | undefined,
  ) {
    this.#services = services;
    this.user = user;
    this.permissions = services.permissions;
    this.knowsPatchMulti = !isBefore71(sdkVersion);
    this.onBug = services.onBug;
    this.send = send;
    this.tell = tell;
    this.subscriptions = new SubscriptionCount(max, total);
  }

  get signal(): AbortSignal {
    this.#over ??= new AbortController();
    return this.#over.signal;
  }

  handle(message: Message): Maybe<void> {
    const topic = this.#topics.get(message.topic) ?? this.#open(message.topic);
    return topic === undefined ? this.send(unknownAction(message)) : topic.handle(message);
  }

  [Symbol.dispose](): void {
    for (const topic of this.#topics.values()) topic[Symbol.dispose]();
    this.#over?.abort();
    this.subscriptions[Symbol.dispose]();
  }

  #open(topic: number): TopicHandler | undefined {
    const handler = this.#make(topic);
    if (handler !== undefined) this.#topics.set(topic, handler);
    return handler;
  }

  #make(topic: number): TopicHandler | undefined {
    const { events, eventListeners, rpcs, rpcOptions, presence, readData } = this.#services;
    switch (topic) {
      case TOPIC.EVENT:
        return new EventTopic(this, events, eventListeners, readData);
      case TOPIC.RECORD:
        return new RecordTopic(this, this.#services);
      case TOPIC.RPC:
        return new RpcTopic(this, rpcs, rpcOptions, readData);
      case TOPIC.PRESENCE:
        return new PresenceTopic(this, presence);
      default:
        return undefined;
    }
  }
}

/** One that does not say what it is, is taken for new. */
function isBefore71(sdkVersion: string | undefined): boolean {
  const [, major = "8", minor = "0"] = /^(\d{1,4})\.(\d{1,4})\./.exec(sdkVersion ?? "") ?? [];
  return Number(major) < 7 || (Number(major) === 7 && Number(minor) < 1);
}
