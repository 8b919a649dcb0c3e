// Presence: which users are connected, and word of those who come and go.

import { ANONYMOUS_ID, isUserId, USER_ID_RULE, type User } from "../access/user.ts";
import { invalidArgument } from "../errors.ts";
import { Listeners, NamedListeners, type OnBug } from "../listeners.ts";

/** One for all who hear it, never changed: an API can encode it once and remember it by its identity. */
export interface PresenceNews {
  /** The user's. */
  readonly id: string;
  /** Whether the user has come, with a first connection, or gone, with the last. */
  readonly isPresent: boolean;
}

/**
 * A user is present from the first of his connections to the last. Requests over HTTP are no
 * connections. Who has not said who he is, is nobody: never present, whatever he is asked for as.
 */
export class Presence {
  readonly #connections = new Map<string, number>();
  readonly #all: Listeners<PresenceNews>;
  readonly #single: NamedListeners<PresenceNews>;
  /** Of `#connections`, as long as nobody came or went. */
  #sorted: readonly string[] | undefined;

  /** `onBug` takes what a listener throws. */
  constructor(onBug: OnBug) {
    this.#all = new Listeners(onBug);
    this.#single = new NamedListeners(onBug);
  }

  /** To be called for every connection; dispose it when the connection is gone. */
  join({ id }: User): Disposable {
    if (id === ANONYMOUS_ID) return { [Symbol.dispose]: () => {} };
    const connections = this.#connections.get(id) ?? 0;
    this.#connections.set(id, connections + 1);
    if (connections === 0) this.#tell({ id, isPresent: true });
    let isConnected = true;
    return {
      [Symbol.dispose]: () => {
        if (!isConnected) return;
        isConnected = false;
        this.#leave(id);
      },
    };
  }

  /** The ids of all who are present, in the order of their code units, but that of `asker`. */
  users(asker?: User): string[] {
    this.#sorted ??= [...this.#connections.keys()].sort();
    return this.#sorted.filter((id) => id !== asker?.id);
  }

  /** A map, because a name may be that of a member which every object has. */
  areOnline(names: readonly string[]): Map<string, boolean> {
    return new Map(names.map((name) => [name, this.#connections.has(name)]));
  }

  /** Calls `listener` synchronously when a user comes or goes. */
  watchAll(listener: (news: PresenceNews) => void): Disposable {
    return this.#all.add(listener);
  }

  /** As `watchAll` for one user, who need not be there or have ever been. Throws `invalid_argument`. */
  watch(id: string, listener: (news: PresenceNews) => void): Disposable {
    if (isUserId(id)) return this.#single.add(id, listener);
    throw invalidArgument(`The id of a user is not valid. Allowed are ${USER_ID_RULE}.`);
  }

  #leave(id: string): void {
    const connections = this.#connections.get(id) ?? 0;
    if (connections > 1) {
      this.#connections.set(id, connections - 1);
      return;
    }
    this.#connections.delete(id);
    this.#tell({ id, isPresent: false });
  }

  #tell(news: PresenceNews): void {
    this.#sorted = undefined;
    this.#all.tell(news);
    this.#single.tell(news.id, news);
  }
}
