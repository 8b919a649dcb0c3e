// Events: what is emitted reaches whoever subscribes to its name at that moment, and is not kept.

import type { Permissions } from "../access/permissions.ts";
import type { User } from "../access/user.ts";
import { NamedListeners, type OnBug } from "../listeners.ts";
import type { Maybe } from "../maybe.ts";
import { requirePlainName } from "../names.ts";
import type { Payload } from "../payload.ts";

/** One for all who get it, never changed: an API can encode it once and remember it by its identity. */
export interface EmittedEvent {
  readonly name: string;
  /** JSON text; undefined: the event is its name alone. */
  readonly data: string | undefined;
}

/** One connection, which may subscribe to many names. */
export interface EventSubscriber {
  /** Called within `emit`. What it throws does not reach whoever emitted. */
  receive(event: EmittedEvent): void;
}

export interface EventsLimits {
  readonly nameBytesMax: number;
}

interface Emission {
  readonly event: EmittedEvent;
  readonly sender: EventSubscriber | undefined;
}

export class Events {
  readonly #permissions: Permissions;
  readonly #limits: EventsLimits;
  readonly #listeners: NamedListeners<Emission>;

  /** `onBug` takes what a subscriber throws. */
  constructor(permissions: Permissions, limits: EventsLimits, onBug: OnBug) {
    this.#permissions = permissions;
    this.#limits = limits;
    this.#listeners = new NamedListeners(onBug);
  }

  /**
   * Reaches the subscribers of exactly this name, in the order in which they subscribed, before it
   * returns; not `sender`, who knows already. Later, and resolving then, only where a rule has to look
   * at records. Undefined data: the event is its name alone. Throws, or rejects with,
   * `invalid_argument`, and what the rules do not permit the user as `Permissions.require`.
   */
  emit(user: User, name: string, data: Payload | undefined, sender?: EventSubscriber): Maybe<void> {
    this.#requireName(name);
    if (!this.#permissions.permitsAll) {
      const waits = this.#requirePublish(user, name, data);
      if (waits !== undefined) return waits.then(() => this.#tell(name, data, sender));
    }
    return this.#tell(name, data, sender);
  }

  /**
   * Dispose the subscription to end it. Who subscribes twice gets everything twice. Throws
   * `invalid_argument`.
   */
  subscribe(name: string, subscriber: EventSubscriber): Disposable {
    this.#requireName(name);
    return this.#listeners.add(name, ({ event, sender }) => {
      if (subscriber !== sender) subscriber.receive(event);
    });
  }

  /** Calls `listener` synchronously with a name when somebody is the first to subscribe to it. */
  onFirst(listener: (name: string) => void): Disposable {
    return this.#listeners.onFirst(listener);
  }

  /** Calls `listener` synchronously with a name when nobody subscribes to it any more. */
  onLast(listener: (name: string) => void): Disposable {
    return this.#listeners.onLast(listener);
  }

  /** Whether somebody subscribes to this name. */
  has(name: string): boolean {
    return this.#listeners.has(name);
  }

  /** Subscriptions in all. */
  get subscriptions(): number {
    return this.#listeners.size;
  }

  subscribedNames(): Iterable<string> {
    return this.#listeners.listenedNames();
  }

  /** Names that somebody subscribes to. */
  get names(): number {
    return this.#listeners.names;
  }

  /** Its text is made only where somebody hears it: that costs as much as all the rest. */
  #tell(name: string, data: Payload | undefined, sender: EventSubscriber | undefined): void {
    if (!this.#listeners.has(name)) return;
    this.#listeners.tell(name, { event: { name, data: data?.text }, sender });
  }

  #requirePublish(user: User, name: string, data: Payload | undefined): Maybe<void> {
    return this.#permissions.require({
      section: "event",
      action: "publish",
      operation: "EMIT",
      name,
      user,
      data: () => data?.value,
    });
  }

  #requireName(name: string): void {
    requirePlainName("event name", name, this.#limits.nameBytesMax);
  }
}
