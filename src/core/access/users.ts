// The users who log in with an email address: added, listed and removed by administrators, or signing up.

import { invalidArgument, ServiceError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import type { Audit } from "./audit.ts";
import { EMAIL_RULE, emailOf } from "./email-address.ts";
import type { LoginLimits } from "./login-limits.ts";
import { isPassword, PASSWORD_RULE, type PasswordHasher } from "./password-hasher.ts";
import { type Principal, requireAdmin } from "./principal.ts";
import { requireUserData } from "./user.ts";
import type { UserChanges } from "./user-changes.ts";
import type { StoredUser, UserStore } from "./user-store.ts";

/** What an administrator is shown of a user. */
export type UserSummary = Omit<StoredUser, "passwordHash">;

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly clientData?: Json | undefined;
  readonly serverData?: Json | undefined;
}

export class Users {
  readonly #store: UserStore;
  readonly #hasher: PasswordHasher;
  readonly #changes: UserChanges;
  readonly #limits: LoginLimits;
  readonly #writes: WriteDeadline;
  readonly #audit: Audit;

  constructor(
    store: UserStore,
    hasher: PasswordHasher,
    changes: UserChanges,
    limits: LoginLimits,
    writes: WriteDeadline,
    audit: Audit,
  ) {
    this.#store = store;
    this.#hasher = hasher;
    this.#changes = changes;
    this.#limits = limits;
    this.#writes = writes;
    this.#audit = audit;
  }

  /** Returns the id of the new user. Throws `user_exists`, `invalid_argument` or `limit_exceeded`. */
  async add(principal: Principal, user: NewUser): Promise<string> {
    const on = { user: user.email };
    return await this.#audit.administer(principal, "user.add", on, () => this.#add(user));
  }

  /** By whoever wants to be a user; every try counts as a failed login from that address. */
  async signUp(email: string, password: string, address: string): Promise<string> {
    this.#limits.count(address);
    return await this.#add({ email, password });
  }

  /** In bytewise order of email addresses, after `after`, at most `limit`. */
  async list(principal: Principal, after: string, limit: number): Promise<readonly UserSummary[]> {
    requireAdmin(principal);
    const users = await this.#store.list(after, limit);
    return users.map(({ passwordHash: _, ...summary }) => summary);
  }

  /** Ends the user's tokens. Throws `user_not_found`. */
  async remove(principal: Principal, email: string): Promise<void> {
    await this.#audit.administer(principal, "user.remove", { user: email }, async () => {
      const address = requireEmail(email);
      await this.#change(() => this.#store.remove(address));
    });
  }

  /** Ends the user's tokens. Throws `user_not_found` or `invalid_argument`. */
  async setPassword(principal: Principal, email: string, password: string): Promise<void> {
    await this.#audit.administer(principal, "user.password", { user: email }, async () => {
      const address = requireEmail(email);
      const hash = await this.#hasher.hash(requirePassword(password));
      await this.#change(() => this.#store.setPasswordHash(address, hash));
    });
  }

  async #add({ email, password, clientData, serverData }: NewUser): Promise<string> {
    const address = requireEmail(email);
    requirePassword(password);
    requireObject(clientData);
    requireUserData(clientData, serverData);
    if ((await this.#store.find(address)) !== undefined) throw exists();
    const passwordHash = await this.#hasher.hash(password);
    const id = crypto.randomUUID();
    const added = this.#store.add({ email: address, id, passwordHash, clientData, serverData });
    if (!(await this.#writes.bound(added))) throw exists();
    return id;
  }

  /** Of a user who is there; it ends the user's tokens, those of logins that do not see it yet among them. */
  async #change(change: () => Promise<boolean>): Promise<void> {
    if (await this.#writes.bound(this.#changes.during(change))) return;
    throw new ServiceError("user_not_found", "There is no user with this email address.");
  }
}

function requireEmail(text: string): string {
  const email = emailOf(text);
  if (email !== undefined) return email;
  throw invalidArgument(`The email address is not valid. Allowed are ${EMAIL_RULE}.`);
}

function requirePassword(password: string): string {
  if (isPassword(password)) return password;
  throw invalidArgument(`The password is not valid. Allowed are ${PASSWORD_RULE}.`);
}

/** The client is told its id in it. */
function requireObject(clientData: Json | undefined): void {
  if (clientData === undefined) return;
  if (typeof clientData === "object" && clientData !== null && !Array.isArray(clientData)) return;
  throw invalidArgument("The client data of a user must be a JSON object.");
}

function exists(): ServiceError {
  return new ServiceError("user_exists", "There is a user with this email address already.");
}
