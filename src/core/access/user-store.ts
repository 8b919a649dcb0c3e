// The port to where users who log in with an email address are kept.

import type { Json } from "../json.ts";

export interface StoredUser {
  /** In lower case; unique. */
  readonly email: string;
  /** Random, given when the user is added, never changed and never used again. */
  readonly id: string;
  /** As the password hasher renders it; never leaves the server. */
  readonly passwordHash: string;
  readonly clientData: Json | undefined;
  readonly serverData: Json | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

export interface UserStore {
  find(email: string): Promise<StoredUser | undefined>;
  /** In bytewise order of email addresses, after `after`, at most `limit`. */
  list(after: string, limit: number): Promise<readonly StoredUser[]>;
  /** False: there is a user of that address already. Durable when it resolves. Rejects with `limit_exceeded`. */
  add(user: Omit<StoredUser, "createdAt">): Promise<boolean>;
  /**
   * False: there is no such user. Durable when it resolves, and in the same step every token of the user
   * that was issued until the call is revoked, as `RevocationStore.revoke` of the user's `tokenIdOf` does.
   */
  remove(email: string): Promise<boolean>;
  /** Promises what `remove` does, of a user who stays. */
  setPasswordHash(email: string, passwordHash: string): Promise<boolean>;
}
