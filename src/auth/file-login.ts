// Logs in by name and password, against the users of a file.

import type { Credentials, LoginMethod, LoginResult } from "../core/access/login.ts";
import { isPassword, type PasswordHasher } from "../core/access/password-hasher.ts";
import type { FileUser } from "./user-file.ts";

export class FileLogin implements LoginMethod {
  #users: ReadonlyMap<string, FileUser>;
  readonly #hasher: PasswordHasher;

  constructor(users: ReadonlyMap<string, FileUser>, hasher: PasswordHasher) {
    this.#users = users;
    this.#hasher = hasher;
  }

  /** From now on only these can log in. */
  replaceUsers(users: ReadonlyMap<string, FileUser>): void {
    this.#users = users;
  }

  async login({ type, username, password }: Credentials): Promise<LoginResult | undefined> {
    const isOurs = type === undefined && username !== undefined && password !== undefined;
    if (type !== "file" && !isOurs) return undefined;
    if (typeof username !== "string" || !isPassword(password)) return { kind: "refused" };
    const found = this.#users.get(username);
    const hash = found?.passwordHash ?? this.#strangersHash();
    const isRight = await this.#hasher.verify(password, hash);
    if (found === undefined || !isRight) return { kind: "refused" };
    const { id, clientData, serverData } = found;
    return { kind: "accepted", user: { id, clientData, serverData }, token: undefined };
  }

  /** Costs a stranger what it costs a user, whatever the file's hashes cost. */
  #strangersHash(): string | undefined {
    const [first] = this.#users.values();
    return first?.passwordHash;
  }
}
