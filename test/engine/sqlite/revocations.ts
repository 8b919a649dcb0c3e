// Revocations on SQLite: the view in memory says what the table says.

import { describe, expect, test } from "bun:test";
import { SqliteStore } from "../../support/sqlite-store.ts";

const HOUR_MS = 3_600_000;

export function revocationRules(): void {
  describe("revocations", () => {
    test("a clock that was set back does not let anybody in again", async () => {
      const store = await SqliteStore.open();
      const ahead = Date.now() + HOUR_MS;
      await using later = await store.reopen({}, (database) => {
        database.run("INSERT INTO revocations (id, until) VALUES ('id', ?)", [ahead]);
      });
      await later.revocations.revoke("id");
      // One more: a token that was issued since was dated right after the first.
      expect(later.revocations.revokedUntil("id")).toBe(ahead + 1);
      await using again = await later.reopen();
      expect(again.revocations.revokedUntil("id")).toBe(ahead + 1);
    });
  });
}
