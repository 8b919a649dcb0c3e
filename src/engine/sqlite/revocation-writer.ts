// Revokes tokens, within the transaction of a group.

import type { Database, Statement } from "bun:sqlite";
import type { Revocation } from "./commands.ts";

export class RevocationWriter {
  readonly #revoke: Statement<Revocation, [string, number]>;

  constructor(database: Database) {
    // One more than before at least: a token may have been issued right after, in the same millisecond
    // or by a clock that was set back since.
    this.#revoke = database.prepare(
      "INSERT INTO revocations (id, until) VALUES (?, ?) ON CONFLICT DO UPDATE SET until = max(until + 1, excluded.until) RETURNING id, until",
    );
  }

  revoke(id: string, now: number): Revocation {
    return this.#revoke.get(id, now) as Revocation;
  }
}
