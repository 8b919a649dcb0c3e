// Caches: made, changed, shown and deleted by an admin token.

import { describe, expect, test } from "bun:test";
import { entries, outline, sequencePage, upTo } from "./answers.ts";
import { type Client, cachePath, fresh } from "./client.ts";
import { expectError, FORBIDDEN, NO_CACHE, NO_ENDPOINT } from "./expect-error.ts";

// Promised: "per-cache retention (default 7 days and 1 GiB a cache; also messages per topic)".
const DEFAULT_RETENTION = { seconds: 604_800, bytes: 1_073_741_824, topic_items: 0 };
const DEFAULT_LIMITS = {
  topics: 1_000_000,
  stored_bytes: 0,
  publishes_per_second: 0,
  bytes_per_second: 0,
  waiters: 0,
};

// Bytewise order of UTF-8, in which an emoji comes after what JavaScript sorts behind it.
const ORDERED_NAMES = ["!", "B", "a", "é", "ｚ", "😀"];

export function cacheRules(client: Client): void {
  describe("caches", () => {
    test("PUT makes a cache with the server's settings and shows it", async () => {
      const name = fresh("made");
      const before = Date.now();
      const answer = await client.putCache(name);
      expect(answer.status).toBe(201);
      const cache = JSON.parse(answer.body);
      expect(cache).toEqual({
        name,
        created_at: cache.created_at,
        retention: DEFAULT_RETENTION,
        limits: DEFAULT_LIMITS,
        topics: 0,
        bytes: 0,
        waiters: 0,
      });
      expect(cache.created_at).toBeWithin(before - 1000, Date.now() + 1001);
      expect(answer.headers.get("Content-Type")).toMatch(/^application\/json\b/);
    });

    test("PUT of one that exists is 200 and changes nothing that is not given", async () => {
      const name = fresh("kept");
      const made = await client.putCache(name, {
        retention: { seconds: 60 },
        limits: { topics: 3 },
      });
      await client.publishAll(name, "t", ["stays"]);
      const again = await client.putCache(name, { retention: { bytes: 5000 } });
      expect([made.status, again.status]).toEqual([201, 200]);
      expect(JSON.parse(again.body)).toMatchObject({
        created_at: JSON.parse(made.body).created_at,
        retention: { seconds: 60, bytes: 5000, topic_items: 0 },
        limits: { ...DEFAULT_LIMITS, topics: 3 },
        topics: 1,
      });
      expect(outline(await client.read(name, "t"))).toEqual([1]);
    });

    test("its usage is counted: topics, messages, bytes, keys and who waits", async () => {
      const name = fresh("used");
      await client.putCache(name);
      const usage = async () =>
        JSON.parse((await client.send("GET", `${cachePath(name)}/usage`)).body);
      const nothing = { topics: 0, items: 0, bytes: 0, idempotency_keys: 0, waiters: 0 };
      expect(await usage()).toEqual(nothing);
      await client.publishAll(name, "a", ["1", "2", "3"]);
      await client.publish(name, "b", "12345", { headers: { "Idempotency-Key": "k" } });
      const bytes = 3 * (1 + 64) + 5 + 64;
      const used = { topics: 2, items: 4, bytes, idempotency_keys: 1, waiters: 0 };
      expect(await usage()).toEqual(used);
      await client.send("DELETE", `/topics/${name}/a`);
      expect(await usage()).toMatchObject({ topics: 1, items: 1, bytes: 5 + 64 });
    });

    test("the usage of none is 404, also to who may not see it, who gets 403", async () => {
      const path = `${cachePath(fresh("none"))}/usage`;
      expectError(await client.send("GET", path), NO_CACHE);
      const token = await client.token([{ cache: "*", topic: "*", role: "both" }]);
      expectError(await client.send("GET", path, { token }), FORBIDDEN, [token]);
      expectError(await client.send("PUT", path), NO_ENDPOINT);
    });

    test("null goes back to the server's setting, 0 is no limit", async () => {
      const name = await client.makeCache({ retention: { seconds: 60 }, limits: { topics: 3 } });
      const { body } = await client.putCache(name, {
        retention: { seconds: null, bytes: 0 },
        limits: { topics: 0 },
      });
      expect(JSON.parse(body).retention).toEqual({ ...DEFAULT_RETENTION, bytes: 0 });
      expect(JSON.parse(body).limits.topics).toBe(0);
    });

    test("GET shows what PUT answered, with topics, bytes and waiters of now", async () => {
      const name = await client.makeCache({ retention: { topic_items: 10 } });
      await client.publishAll(name, "a", ["hello"]);
      await client.publishAll(name, "b", ["world"]);
      const poll = client.subscribe(name, "a", "sequence_number=1");
      await client.untilWaiters(name, 1);
      const shown = JSON.parse((await client.send("GET", cachePath(name))).body);
      // A stored item counts its value and 64 bytes for its row.
      expect(shown).toMatchObject({ name, topics: 2, bytes: 2 * (5 + 64), waiters: 1 });
      expect(shown).toEqual({ ...JSON.parse((await client.putCache(name)).body) });
      await client.publishAll(name, "a", ["end"]);
      await poll;
    });

    test("GET /caches lists all in the order of their names", async () => {
      const prefix = fresh("order");
      const names = ORDERED_NAMES.map((name) => `${prefix}${name}`);
      for (const name of names.toReversed()) await client.putCache(name);
      const answer = await client.send("GET", "/caches");
      expect(answer.status).toBe(200);
      const listed: { name: string }[] = JSON.parse(answer.body).caches;
      const own = listed.filter((cache) => cache.name.startsWith(prefix));
      expect(own.map((cache) => cache.name)).toEqual(names);
      expect(own[0]).toEqual(JSON.parse((await client.send("GET", cachePath(names[0]!))).body));
    });

    test.each(["with space", "日本/語", "50%", "x".repeat(255)].map((name) => ({ name })))(
      "the cache name $name is kept as it is",
      async ({ name }) => {
        await client.deleteCache(name);
        expect(JSON.parse((await client.putCache(name)).body).name).toBe(name);
        await client.publishAll(name, "t", ["hi"]);
        expect(outline(await client.read(name, "t"))).toEqual([1]);
        expect((await client.deleteCache(name)).status).toBe(204);
      },
    );

    test("DELETE is 204 without a body, and then the cache is unknown everywhere", async () => {
      const name = await client.makeCache();
      await client.publishAll(name, "t", ["gone"]);
      expect(await client.deleteCache(name)).toMatchObject({ status: 204, body: "" });
      expectError(await client.publish(name, "t", "hi"), NO_CACHE);
      expectError(await client.subscribe(name, "t"), NO_CACHE);
      expectError(await client.send("GET", `/topics/${name}`), NO_CACHE);
      expectError(await client.send("GET", cachePath(name)), NO_CACHE);
      expectError(await client.deleteCache(name), NO_CACHE);
    });

    // Promised: "Deleting a cache ends its waiters with 404."
    test("deleting a cache ends its waiting polls with 404 and leaves the others", async () => {
      const [doomed, other] = [await client.makeCache(), await client.makeCache()];
      const polls = upTo(5).map((index) => client.subscribe(doomed, `t${index % 2}`));
      const survivor = client.subscribe(other, "t0");
      await client.untilWaiters(doomed, 5);
      await client.untilWaiters(other, 1);
      await client.deleteCache(doomed);
      for (const poll of polls) expectError(await poll, NO_CACHE, [client.adminToken]);
      expect(await client.waiters(other)).toBe(1);
      await client.publishAll(other, "t0", ["a"]);
      expect(outline(entries(await survivor))).toEqual([1]);
    });

    test("a cache that is made again is empty, begins at 1, and its pages are greater", async () => {
      const name = await client.makeCache();
      const before = sequencePage(await client.publish(name, "t", "old"));
      await client.deleteCache(name);
      await client.putCache(name);
      expect(await client.read(name, "t")).toEqual([]);
      const answer = await client.publish(name, "t", "new");
      expect(sequencePage(answer)).toBeGreaterThan(before);
      const list = await client.read(name, "t", `sequence_number=2&sequence_page=${before}`);
      expect(outline(list)).toEqual(["1 → 1", 1]);
    });

    // Promised: "topics come into being by being used". Seed: "“Cache Not Found” indicates that the
    // specified cache does not exist."
    test("an unknown cache is 404, an unknown topic is not", async () => {
      const name = await client.makeCache();
      expectError(await client.publish(fresh("unknown"), "t", "hi"), NO_CACHE);
      expectError(await client.subscribe(fresh("unknown"), "t", "timeout=0"), NO_CACHE);
      expect((await client.send("HEAD", `/topics/${fresh("unknown")}/t`)).status).toBe(404);
      expect(await client.read(name, "unknown")).toEqual([]);
      expect((await client.publish(name, "unknown", "hi")).status).toBe(204);
    });
  });
}
