// Users: changed through the writer thread, read beside it.

import type { Database, Statement } from "bun:sqlite";
import type { StoredUser, UserStore } from "../../core/access/user-store.ts";
import type { Json } from "../../core/json.ts";
import type { WriterClient } from "./writer-client.ts";

interface UserRow {
  email: string;
  id: string;
  password_hash: string;
  client_data: string | null;
  server_data: string | null;
  created_at: number;
}

const USER =
  "SELECT email, id, password_hash, client_data, server_data, created_at FROM users WHERE email";

export class SqliteUserStore implements UserStore {
  readonly #writer: WriterClient;
  readonly #find: Statement<UserRow, [string]>;
  readonly #list: Statement<UserRow, [string, number]>;

  constructor(writer: WriterClient, database: Database) {
    this.#writer = writer;
    this.#find = database.prepare(`${USER} = ?`);
    this.#list = database.prepare(`${USER} > ? ORDER BY email LIMIT ?`);
  }

  async find(email: string): Promise<StoredUser | undefined> {
    const row = this.#find.get(email);
    return row === null ? undefined : userOf(row);
  }

  async list(after: string, limit: number): Promise<readonly StoredUser[]> {
    return this.#list.all(after, limit).map(userOf);
  }

  async add(user: Omit<StoredUser, "createdAt">): Promise<boolean> {
    const clientData = textOf(user.clientData);
    const serverData = textOf(user.serverData);
    const command = { kind: "add-user", user: { ...user, clientData, serverData } } as const;
    return (await this.#writer.write(command)).added;
  }

  async remove(email: string): Promise<boolean> {
    const { revocation } = await this.#writer.write({ kind: "remove-user", email });
    return revocation !== null;
  }

  async setPasswordHash(email: string, passwordHash: string): Promise<boolean> {
    const command = { kind: "set-password", email, passwordHash } as const;
    return (await this.#writer.write(command)).revocation !== null;
  }
}

function userOf(row: UserRow): StoredUser {
  return {
    email: row.email,
    id: row.id,
    passwordHash: row.password_hash,
    clientData: dataOf(row.client_data),
    serverData: dataOf(row.server_data),
    createdAt: row.created_at,
  };
}

function textOf(data: Json | undefined): string | null {
  return data === undefined ? null : JSON.stringify(data);
}

function dataOf(text: string | null): Json | undefined {
  return text === null ? undefined : (JSON.parse(text) as Json);
}
