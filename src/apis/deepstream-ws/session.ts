// What a topic is given of the connection that it speaks to.

import type { Permissions } from "../../core/access/permissions.ts";
import type { User } from "../../core/access/user.ts";
import type { Maybe } from "../../core/maybe.ts";
import type { Telling } from "./codec.ts";
import type { Message } from "./message.ts";
import type { SubscriptionCount } from "./subscription-count.ts";

export interface Session {
  readonly user: User;
  /** To be asked for whatever the core does not ask itself: see `NamedSubscriptions`. */
  readonly permissions: Permissions;
  /** Whether the client knows several patches in one message, as from 7.1 on. */
  readonly knowsPatchMulti: boolean;
  /** Of all topics together. */
  readonly subscriptions: SubscriptionCount;
  /** Aborted when the connection is closed. */
  readonly signal: AbortSignal;
  send(message: Message): void;
  /** For what fails after `handle` has returned. */
  onBug(cause: unknown): void;
  /** For news that many are told of: they are encoded once. */
  tell<News extends object>(news: News, telling: Telling<News>): void;
}

/** One topic of one connection. Disposing it gives up all that the client has of the topic. */
export interface TopicHandler extends Disposable {
  /**
   * Answers the client by itself what is wrong with a message. What it throws is a bug, or a
   * `ServiceError` about the message as a whole. A promise, which rejects as it throws: the next
   * messages are to wait for it.
   */
  handle(message: Message): Maybe<void>;
}
