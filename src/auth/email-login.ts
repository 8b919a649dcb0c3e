// Logs in by email address and password, against the users that the server keeps.

import { emailOf } from "../core/access/email-address.ts";
import type { Credentials, LoginMethod, LoginResult } from "../core/access/login.ts";
import { isPassword, type PasswordHasher } from "../core/access/password-hasher.ts";
import type { UserStore } from "../core/access/user-store.ts";
import type { Json } from "../core/json.ts";

export class EmailLogin implements LoginMethod {
  readonly #users: Pick<UserStore, "find">;
  readonly #hasher: PasswordHasher;

  constructor(users: Pick<UserStore, "find">, hasher: PasswordHasher) {
    this.#users = users;
    this.#hasher = hasher;
  }

  async login(credentials: Credentials): Promise<LoginResult | undefined> {
    const { type, email, password } = credentials;
    const isOurs = type === undefined && email !== undefined && password !== undefined;
    if (type !== "email" && !isOurs) return undefined;
    const address = typeof email === "string" ? emailOf(email) : undefined;
    if (address === undefined || !isPassword(password)) return { kind: "refused" };
    const found = await this.#users.find(address);
    const isRight = await this.#hasher.verify(password, found?.passwordHash);
    if (found === undefined || !isRight) return { kind: "refused" };
    const { id, serverData } = found;
    const clientData = { ...membersOf(found.clientData), id };
    return { kind: "accepted", user: { id, clientData, serverData }, token: undefined };
  }
}

/** Client data of users is an object, or nothing. */
function membersOf(clientData: Json | undefined): { readonly [member: string]: Json } {
  if (typeof clientData !== "object" || clientData === null) return {};
  return { ...clientData } as { readonly [member: string]: Json };
}
