// Presence: which users are connected, and word of those who come and go.

import { ANONYMOUS_ID, type User } from "../access/user.ts";
import { Listeners, type OnBug } from "../listeners.ts";

/** Hears a user's id. */
export type PresenceListener = (id: string) => void;

/**
 * A user is present from the first of his connections to the last. Requests over HTTP are no
 * connections. Who has not said who he is, is nobody: never present, whatever he is asked for as.
 */
export class Presence {
  readonly #connections = new Map<string, number>();
  readonly #joins: Listeners<string>;
  readonly #leaves: Listeners<string>;
  /** Of `#connections`, as long as nobody came or went. */
  #sorted: readonly string[] | undefined;

  /** `onBug` takes what a listener throws. */
  constructor(onBug: OnBug) {
    this.#joins = new Listeners(onBug);
    this.#leaves = new Listeners(onBug);
  }

  /** To be called for every connection; dispose it when the connection is gone. */
  join({ id }: User): Disposable {
    if (id === ANONYMOUS_ID) return { [Symbol.dispose]: () => {} };
    const connections = this.#connections.get(id) ?? 0;
    this.#connections.set(id, connections + 1);
    if (connections === 0) this.#tell(this.#joins, id);
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

  /** Calls `listener` synchronously when a user's first connection joins. */
  onJoin(listener: PresenceListener): Disposable {
    return this.#joins.add(listener);
  }

  /** Calls `listener` synchronously when a user's last connection is gone. */
  onLeave(listener: PresenceListener): Disposable {
    return this.#leaves.add(listener);
  }

  #leave(id: string): void {
    const connections = this.#connections.get(id) ?? 0;
    if (connections > 1) {
      this.#connections.set(id, connections - 1);
      return;
    }
    this.#connections.delete(id);
    this.#tell(this.#leaves, id);
  }

  #tell(listeners: Listeners<string>, id: string): void {
    this.#sorted = undefined;
    listeners.tell(id);
  }
}
