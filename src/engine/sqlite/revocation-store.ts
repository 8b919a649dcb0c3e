// Which tokens were revoked, with a view in memory that follows what is durable.

import type { Database } from "bun:sqlite";
import type { RevocationStore } from "../../core/access/token-ports.ts";
import type { Revocation } from "./commands.ts";
import { Listeners } from "./listeners.ts";
import type { WriterClient } from "./writer-client.ts";

export class SqliteRevocationStore implements RevocationStore {
  readonly #writer: WriterClient;
  readonly #revoked = new Map<string, number>();
  readonly #revocations = new Listeners<string>();

  constructor(writer: WriterClient, database: Database) {
    this.#writer = writer;
    const rows = database.query<Revocation, []>("SELECT id, until FROM revocations");
    for (const { id, until } of rows.iterate()) this.#revoked.set(id, until);
  }

  revokedUntil(id: string): number | undefined {
    return this.#revoked.get(id);
  }

  async revoke(id: string): Promise<void> {
    await this.#writer.write({ kind: "revoke", id });
  }

  onRevoke(listener: (id: string) => void): Disposable {
    return this.#revocations.add(listener);
  }

  /** A revocation is durable. */
  noteRevocation({ id, until }: Revocation): void {
    this.#revoked.set(id, until);
    this.#revocations.tell(id);
  }
}
