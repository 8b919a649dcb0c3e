// The open connections of users, so that each can be ended for what happens to its user or its token.

import type { Deadlines } from "../deadlines.ts";
import type { Presence } from "../presence/presence.ts";
import type { Audit } from "./audit.ts";
import { type Principal, requireAdmin } from "./principal.ts";
import type { User } from "./user.ts";

/** By whom or what the connection is ended. */
export type ConnectionEnd = "disconnected" | "token_ended";

interface Entry {
  readonly principal: Principal;
  readonly end: (why: ConnectionEnd) => void;
}

export class Connections {
  readonly #deadlines: Deadlines;
  readonly #presence: Presence;
  readonly #audit: Audit;
  readonly #users = new Map<string, Set<Entry>>();
  #count = 0;

  constructor(deadlines: Deadlines, presence: Presence, audit: Audit) {
    this.#deadlines = deadlines;
    this.#presence = presence;
    this.#audit = audit;
  }

  /**
   * To be called when the user is known, without a turn in between; the user is present from then on.
   * `end` is called at most once, when an administrator or the end of the token says so, and is to
   * dispose what is returned, as the connection must whenever it is gone.
   */
  open(user: User, principal: Principal, end: (why: ConnectionEnd) => void): Disposable {
    const opened = new DisposableStack();
    const entry: Entry = { principal, end };
    opened.defer(this.#add(user.id, entry));
    opened.use(this.#presence.join(user));
    const { expiresAt } = principal;
    if (expiresAt !== undefined) {
      const leftMs = Math.max(0, expiresAt - this.#deadlines.now());
      opened.defer(this.#deadlines.after(leftMs, () => end("token_ended")));
    }
    return opened;
  }

  /** Ends all connections of the user, who may come back; returns how many. Throws `permission_denied`. */
  disconnect(principal: Principal, userId: string): number {
    requireAdmin(principal);
    const entries = [...(this.#users.get(userId) ?? [])];
    for (const { end } of entries) end("disconnected");
    this.#audit.note(principal, "user.disconnect", { user: userId });
    return entries.length;
  }

  /** Ends the connections of every token for which `isOver` is true. */
  endTokens(isOver: (principal: Principal) => boolean): void {
    const ending: Entry[] = [];
    for (const entries of this.#users.values()) {
      for (const entry of entries) if (isOver(entry.principal)) ending.push(entry);
    }
    for (const { end } of ending) end("token_ended");
  }

  /** Open connections of users. */
  get count(): number {
    return this.#count;
  }

  /** Users who have one at least. */
  get users(): number {
    return this.#users.size;
  }

  #add(userId: string, entry: Entry): () => void {
    let entries = this.#users.get(userId);
    if (entries === undefined) {
      entries = new Set();
      this.#users.set(userId, entries);
    }
    const owner = entries;
    owner.add(entry);
    this.#count += 1;
    return () => {
      owner.delete(entry);
      this.#count -= 1;
      if (owner.size === 0 && this.#users.get(userId) === owner) this.#users.delete(userId);
    };
  }
}
