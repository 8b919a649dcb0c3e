// What a store has always to be is found where it is not, and nothing is found where it is.

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { contentsOf } from "../../../src/engine/sqlite/inspection.ts";
import { findProblems } from "../../../src/engine/sqlite/soundness.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../cli/millrace.ts";
import { SqliteStore } from "../../support/sqlite-store.ts";
import { setRecord } from "../record-commands.ts";
import { append, CACHE, openWithCache, put, upTo } from "../store-calls.ts";

/** Fails with what is wrong. */
export function expectSound(store: SqliteStore): void {
  expect(store.problems()).toEqual([]);
}

export function soundnessRules(): void {
  describe("soundness", () => {
    let directory: TemporaryDirectory;
    let sound: Uint8Array;

    beforeAll(async () => {
      directory = temporaryDirectory();
      await using store = await fullStore();
      const copy = join(directory.path, "copy.db");
      store.rows(`VACUUM INTO '${copy}'`);
      sound = await Bun.file(copy).bytes();
    });
    afterAll(() => directory[Symbol.dispose]());

    test("a store that was only used has no problems", () => {
      expect(problemsAfter("")).toEqual([]);
    });

    const broken: [string, string | RegExp][] = [
      [
        "DELETE FROM items WHERE value = 'm2'",
        'The topic "t" of the cache "c" must have the messages from 1 to 4, and has 3, from 1 to 4.',
      ],
      ["UPDATE topics SET oldest = 2 WHERE name = 't'", /^The topic "t" .* from 2 to 4, and has 4/],
      ["UPDATE topics SET newest = 9 WHERE name = 't'", /^The topic "t" .* from 1 to 9, and has 4/],
      ["UPDATE items SET number = 9 WHERE value = 'm4'", /^The topic "t" .* has 4, from 1 to 9\.$/],
      ["DELETE FROM items WHERE value = X'07'", /^The topic "bytes" .* from 1 to 1, and has 0\.$/],
      ["UPDATE topics SET page = 0 WHERE name = 't'", /^The topic "t" .* has the page 0, which/],
      ["UPDATE topics SET page = page + 100", /^The topic .* has the page \d+, which this store/],
      [
        "UPDATE topics SET bytes = bytes + 1 WHERE name = 't'",
        /^The topic "t" .* counts 265 bytes, and has 264\.$/,
      ],
      [
        "UPDATE items SET number = 14 - number WHERE number IN (3, 4) AND value IN ('m3', 'm4'); UPDATE items SET number = number - 7 WHERE number > 9",
        'The topic "t" of the cache "c" has its message 4 before its message 3.',
      ],
      [
        "UPDATE items SET topic_id = 99 WHERE value = X'07'",
        /^The message .* belongs to no topic\.$/,
      ],
      [
        "UPDATE items SET cache_id = 9 WHERE value = 'm4'",
        /^The message .* belongs to no topic\.$/,
      ],
      [
        "UPDATE items SET value = 5 WHERE value = 'm4'",
        /^The message .* is neither text nor bytes\.$/,
      ],
      [
        "UPDATE topics SET cache_id = 99 WHERE name = 't' AND page = (SELECT min(page) FROM topics)",
        'The topic "t" belongs to no cache.',
      ],
      [
        "UPDATE caches SET topics = 7 WHERE name = 'c'",
        /^The cache "c" counts 7 topics, and has 3/,
      ],
      [
        "UPDATE caches SET bytes = 7 WHERE name = 'c'",
        /^The cache "c" counts 7 bytes, and has \d+/,
      ],
      ["DELETE FROM idempotency_keys", /^The cache "c" counts 2 idempotency keys, and has 0\.$/],
      [
        "UPDATE idempotency_keys SET number = 77",
        /^The topic "t" .* key for its message 77, which/,
      ],
      ["UPDATE caches SET overrides = '[]'", 'The cache "c" has settings that are no JSON object.'],
      ["UPDATE caches SET overrides = '{'", 'The cache "c" has settings that are no JSON object.'],
      ["DELETE FROM counters WHERE name = 'last_page'", "The counter last_page is missing."],
      ["DELETE FROM records WHERE name = 'r'", "The counter records is 2, and must be 1."],
      ["UPDATE records SET data = '[1]'", /^The counter record_bytes is \d+, and must be \d+\.$/],
      ["UPDATE records SET data = '{\"a\":'", 'The record "r" holds no valid JSON.'],
      ["UPDATE records SET version = -1", 'The record "r" has the version -1, which there is not.'],
      ["UPDATE records SET version = 2147483648", /^The record "r" has the version 2147483648,/],
      ["DELETE FROM users", "The counter users is 1, and must be 0."],
      [
        "UPDATE users SET server_data = '{'",
        'The user "a@example.com" has data that are no valid JSON.',
      ],
      ["UPDATE users SET id = ''", 'The user "a@example.com" has no id or no password.'],
      [
        "UPDATE counters SET value = -1 WHERE name = 'record_commits'",
        "The counter record_commits is -1.",
      ],
    ];
    test.each(broken)("%s", (sql, problem) => {
      expect(problemsAfter(sql)).toContainEqual(
        typeof problem === "string" ? problem : expect.stringMatching(problem),
      );
    });

    test("a name is shown as it is written in JSON, whatever is in it", () => {
      const problems = problemsAfter(
        `UPDATE records SET name = 'a"' || char(10), version = -1 WHERE name = 'r'`,
      );
      expect(problems.join("\n")).toContain('The record "a\\"\\n" has the version -1');
    });

    test("no more than a hundred problems are listed", () => {
      const many = "INSERT INTO records (name, version, data) SELECT value, -1, '{}' FROM";
      const problems = problemsAfter(`${many} (${numbersTo(300)})`);
      expect(problems).toHaveLength(100);
    });

    test("a file whose pages are damaged is told, and so is what else is wrong with it", () => {
      const bytes = sound.slice();
      bytes.fill(0xff, bytes.length - 4096 * 3, bytes.length - 100);
      using database = Database.deserialize(bytes);
      expect(findProblems(database).join("\n")).toMatch(/^The file is damaged: .*\.$/m);
    });

    test("what was deleted counts no longer, though it is yet to be cleared away", () => {
      using database = Database.deserialize(sound);
      expect(contentsOf(database)).toMatch(/^1 caches, 3 topics, 6 messages, 2 records, 1 users /);
      for (const topic of ["t", "bytes"]) {
        database.run("INSERT INTO leftovers SELECT 'topic', id FROM topics WHERE name = ?", [
          topic,
        ]);
        database.run("DELETE FROM topics WHERE name = ?", [topic]);
      }
      expect(contentsOf(database)).toStartWith("1 caches, 1 topics, 1 messages, ");
      database.run("INSERT INTO leftovers SELECT 'cache', id FROM caches");
      database.run("DELETE FROM caches");
      expect(contentsOf(database)).toStartWith("0 caches, 0 topics, 0 messages, ");
    });

    /** Of a copy on which this was done. */
    function problemsAfter(sql: string): readonly string[] {
      using database = Database.deserialize(sound);
      if (sql !== "") database.run(sql);
      return findProblems(database);
    }
  });
}

function numbersTo(last: number): string {
  return `WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT ${last}) SELECT value FROM n`;
}

/** Something of everything: a topic trimmed to its end, and caches and topics that were deleted, too. */
async function fullStore(): Promise<SqliteStore> {
  const store = (await openWithCache(() => SqliteStore.open())) as SqliteStore;
  await append(store, "t", "m1", { idempotencyKey: "k" });
  for (const index of [2, 3, 4]) await append(store, "t", `m${index}`);
  await append(store, "bytes", Uint8Array.of(7));
  for (const _ of upTo(5)) await append(store, "deleted", "x", { idempotencyKey: "deleted" });
  await append(store, "trimmed", "x");
  await put(store, {}, "gone");
  await store.topicLog.append({
    cache: "gone",
    topic: "t",
    value: "x",
    publisherId: undefined,
    idempotencyKey: undefined,
  });
  await store.recordStore.apply(setRecord("r", '{"a":1}'));
  await store.recordStore.apply(setRecord("list", "[]"));
  const hash = { passwordHash: "$argon2id$", clientData: { a: 1 }, serverData: undefined };
  await store.userStore.add({ email: "a@example.com", id: "1", ...hash });
  await store.topicLog.delete({ cache: CACHE, topic: "deleted" });
  await store.cacheStore.delete("gone");
  return store;
}
