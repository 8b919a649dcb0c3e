// Adds and removes users and sets their passwords, which ends their tokens, within the transaction of a group.

import type { Database, Statement } from "bun:sqlite";
import { tokenIdOf } from "../../core/access/user.ts";
import { limitExceeded } from "../../core/errors.ts";
import type { Command, EndedTokens, Results, WriterOptions } from "./commands.ts";
import type { RevocationWriter } from "./revocation-writer.ts";

type AddUser = Extract<Command, { kind: "add-user" }>;

export class UserWriter {
  readonly #usersMax: number;
  readonly #revocations: RevocationWriter;
  readonly #count: Statement<{ value: number }, []>;
  readonly #recount: Statement<unknown, [number]>;
  readonly #exists: Statement<unknown, [string]>;
  readonly #insert: Statement<
    unknown,
    [string, string, string, string | null, string | null, number]
  >;
  readonly #delete: Statement<{ id: string }, [string]>;
  readonly #setPassword: Statement<{ id: string }, [string, string]>;

  constructor(database: Database, options: WriterOptions, revocations: RevocationWriter) {
    this.#usersMax = options.usersMax;
    this.#revocations = revocations;
    this.#count = database.prepare("SELECT value FROM counters WHERE name = 'users'");
    this.#recount = database.prepare("UPDATE counters SET value = value + ? WHERE name = 'users'");
    this.#exists = database.prepare("SELECT 1 FROM users WHERE email = ?");
    this.#insert = database.prepare(
      "INSERT INTO users (email, id, password_hash, client_data, server_data, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#delete = database.prepare("DELETE FROM users WHERE email = ? RETURNING id");
    this.#setPassword = database.prepare(
      "UPDATE users SET password_hash = ? WHERE email = ? RETURNING id",
    );
  }

  /** Throws a `ServiceError` before anything is written, or nothing. */
  add({ user }: AddUser, now: number): Results["add-user"] {
    if (this.#exists.get(user.email) !== null) return { added: false };
    if ((this.#count.get()?.value ?? 0) >= this.#usersMax) {
      throw limitExceeded("users_limit_exceeded", `The server allows ${this.#usersMax} users.`);
    }
    const { email, id, passwordHash, clientData, serverData } = user;
    this.#insert.run(email, id, passwordHash, clientData, serverData, now);
    this.#recount.run(1);
    return { added: true };
  }

  remove(email: string, now: number): EndedTokens {
    const removed = this.#delete.get(email);
    if (removed !== null) this.#recount.run(-1);
    return this.#endTokens(removed, now);
  }

  setPassword(email: string, passwordHash: string, now: number): EndedTokens {
    return this.#endTokens(this.#setPassword.get(passwordHash, email), now);
  }

  #endTokens(user: { id: string } | null, now: number): EndedTokens {
    return { revocation: user && this.#revocations.revoke(tokenIdOf(user.id), now) };
  }
}
