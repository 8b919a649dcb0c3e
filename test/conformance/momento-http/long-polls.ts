// Waiting: what wakes a poll, what does not, how long it waits, and that nothing of it is left behind.

import { describe, expect, test } from "bun:test";
import { openRaw, rawRequest } from "../../support/raw-http.ts";
import { type Answer, entries, outline, sequencePage, texts, upTo } from "./answers.ts";
import { type Client, topicPath } from "./client.ts";

const WAITING = [
  { rule: "without a number on an empty topic", before: [], query: "", gets: [1] },
  { rule: "0 on an empty topic", before: [], query: "sequence_number=0", gets: [1] },
  { rule: "the newest number", before: ["a", "b"], query: "sequence_number=2", gets: [3] },
  {
    rule: "today's edition, empty topic",
    before: [],
    query: "sequence_number=0&sequence_page=0",
    gets: [1],
  },
  {
    rule: "today's edition, first number",
    before: [],
    query: "sequence_number=1&sequence_page=0",
    gets: [1],
  },
  {
    rule: "today's edition, next number",
    before: ["a", "b"],
    query: "sequence_number=3&sequence_page=0",
    gets: [3],
  },
];

export function longPollRules(client: Client): void {
  describe("long poll", () => {
    // Seed: "Subscribes to a topic via long polling, waiting for messages to be published."
    test.each(WAITING)("$rule: waits for the next message", async ({ before, query, gets }) => {
      const cache = await client.makeCache();
      await client.publishAll(cache, "t", before);
      const poll = client.subscribe(cache, "t", query);
      await client.untilWaiters(cache, 1);
      await client.publishAll(cache, "t", ["next"]);
      const list = entries(await poll);
      expect(outline(list)).toEqual(gets);
      expect(texts(list)).toEqual(["next"]);
      await client.untilWaiters(cache, 0);
    });

    test("fifty waiting polls get the same bytes from one publish", async () => {
      const cache = await client.makeCache();
      const polls = upTo(50).map(() => client.subscribe(cache, "t", "sequence_number=0"));
      await client.untilWaiters(cache, 50);
      await client.publishAll(cache, "t", ["for all"]);
      const bodies = (await Promise.all(polls)).map((answer) => answer.body);
      expect(new Set(bodies)).toEqual(
        new Set(['{"items":[{"item":{"topic_sequence_number":1,"value":{"text":"for all"}}}]}']),
      );
    });

    test("polls of both editions wait side by side and each gets its own", async () => {
      const cache = await client.makeCache();
      const page = sequencePage(await client.publish(cache, "t", "a"));
      const seed = client.subscribe(cache, "t", "sequence_number=1");
      const current = client.subscribe(cache, "t", `sequence_number=2&sequence_page=${page}`);
      await client.untilWaiters(cache, 2);
      await client.publishAll(cache, "t", ["b"]);
      expect((await seed).body).not.toContain("sequence_page");
      expect((await current).body).toContain(`"sequence_page":${page}`);
    });

    test("a publish wakes its own topic and no other, in its own cache and no other", async () => {
      const [cache, elsewhere] = [await client.makeCache(), await client.makeCache()];
      const poll = client.subscribe(cache, "t");
      await client.untilWaiters(cache, 1);
      await client.publishAll(cache, "T", ["not this"]);
      await client.publishAll(cache, "t2", ["nor this"]);
      await client.publishAll(elsewhere, "t", ["nor that"]);
      expect(await client.waiters(cache)).toBe(1);
      await client.publishAll(cache, "t", ["this"]);
      expect(texts(entries(await poll))).toEqual(["this"]);
    });

    test("timeout=0 never blocks", async () => {
      const cache = await client.makeCache();
      const answer = await client.subscribe(cache, "never used", "timeout=0");
      expect(answer).toMatchObject({ status: 200, body: '{"items":[]}' });
    });

    test("a wait ends after the request's own timeout with an empty list", async () => {
      const cache = await client.makeCache();
      const patient = client.subscribe(cache, "t", "sequence_number=0");
      const began = performance.now();
      const answer = await client.subscribe(cache, "t", "sequence_number=0&timeout=1");
      expect(performance.now() - began).toBeGreaterThan(950);
      expect(answer).toMatchObject({ status: 200, body: '{"items":[]}' });
      expect(answer.headers.get("Content-Type")).toMatch(/^application\/json\b/);
      await client.untilWaiters(cache, 1);
      await client.publishAll(cache, "t", ["a"]);
      expect(outline(entries(await patient))).toEqual([1]);
    });

    test("a timeout beyond the server's own is cut, not refused", async () => {
      const cache = await client.makeCache();
      await client.publishAll(cache, "t", ["a"]);
      expect((await client.subscribe(cache, "t", "timeout=100000000")).status).toBe(200);
    });

    test("a poll that finds something does not wait for its timeout", async () => {
      const cache = await client.makeCache();
      await client.publishAll(cache, "t", ["a"]);
      // Would it wait, then for longer than any test may take.
      const answer = await client.subscribe(cache, "t", "timeout=3600");
      expect(outline(entries(answer))).toEqual([1]);
    });

    // Or else it would wait for an hour.
    test("an aborted fetch frees its waiter", async () => {
      const cache = await client.makeCache();
      const abort = new AbortController();
      const poll = client.subscribe(cache, "t", "", { signal: abort.signal });
      const stays = client.subscribe(cache, "t");
      await client.untilWaiters(cache, 2);
      abort.abort();
      await expect(poll).rejects.toThrow();
      await client.untilWaiters(cache, 1);
      await client.publishAll(cache, "t", ["a"]);
      expect(texts(entries(await stays))).toEqual(["a"]);
    });

    test("a closed socket frees its waiter", async () => {
      const cache = await client.makeCache();
      const connection = await openRaw(client.url);
      const line = `GET ${topicPath(cache, "t")}`;
      connection.write(rawRequest(line, [`Authorization: ${client.adminToken}`]));
      await client.untilWaiters(cache, 1);
      connection[Symbol.dispose]();
      await client.untilWaiters(cache, 0);
    });

    test("the message that a closed poll missed is there for the next one", async () => {
      const cache = await client.makeCache();
      const abort = new AbortController();
      const poll = client.subscribe(cache, "t", "sequence_number=0", { signal: abort.signal });
      await client.untilWaiters(cache, 1);
      abort.abort();
      await expect(poll).rejects.toThrow();
      await client.publishAll(cache, "t", ["a"]);
      expect(texts(entries(await client.subscribe(cache, "t", "sequence_number=0")))).toEqual([
        "a",
      ]);
    });

    test("a poll outlives the deletion of its topic and gets the first message of the next one", async () => {
      const cache = await client.makeCache();
      await client.publishAll(cache, "t", ["a", "b"]);
      const poll = client.subscribe(cache, "t", "sequence_number=2");
      await client.untilWaiters(cache, 1);
      expect((await client.send("DELETE", topicPath(cache, "t"))).status).toBe(204);
      expect(await client.waiters(cache)).toBe(1);
      await client.publishAll(cache, "t", ["new"]);
      const list = entries(await poll);
      expect(outline(list)).toEqual(["2 → 1", 1]);
      expect(texts(list)[1]).toBe("new");
    });

    test("HEAD never waits and has no body", async () => {
      const cache = await client.makeCache();
      await client.publishAll(cache, "used", ["a"]);
      const answers: Answer[] = [
        await client.send("HEAD", topicPath(cache, "never used")),
        await client.send("HEAD", topicPath(cache, "used")),
        await client.send("HEAD", `${topicPath(cache, "used")}?sequence_number=1&timeout=60`),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: "" });
      expect(await client.waiters(cache)).toBe(0);
    });
  });
}
