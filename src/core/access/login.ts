// The port of the ways to log in: one method a kind of credentials.

import type { Json } from "../json.ts";
import type { User } from "./user.ts";

export type Credentials = { readonly [member: string]: Json };

/** Where a login comes from. */
export interface Caller {
  /** The address of the other end of the connection; empty where there is none, as on a local socket. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The path and the query. */
  readonly url: string;
}

export type LoginResult =
  | {
      readonly kind: "accepted";
      readonly user: User;
      /** A token that the method itself will recognise; undefined: ours is to be made. */
      readonly token: string | undefined;
    }
  | { readonly kind: "refused" };

export interface LoginMethod {
  /**
   * Undefined: credentials of another kind, for the next method to look at. What is of its kind, it
   * accepts or refuses for good. Throws `limit_exceeded` when too much is being checked already, and
   * `identity_provider_unavailable` when whoever knows cannot be asked.
   */
  login(credentials: Credentials, caller: Caller): Promise<LoginResult | undefined>;
}

/** Whose failed guess it was, for the limit on guesses; undefined: the credentials name no account. */
export function accountNameOf(credentials: Credentials): string | undefined {
  const name = credentials.email ?? credentials.username;
  return typeof name === "string" ? name : undefined;
}
