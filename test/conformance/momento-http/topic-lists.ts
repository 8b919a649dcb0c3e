// GET /topics/{cache}: the topics of a cache, a page at a time; DELETE /topics/{cache}/{topic}: the end of one.

import { beforeAll, describe, expect, test } from "bun:test";
import { sequencePage, texts, upTo } from "./answers.ts";
import { type Client, fresh, topicPath } from "./client.ts";
import { BAD_REQUEST, expectError, FORBIDDEN, NO_CACHE, NO_TOPIC } from "./expect-error.ts";

const BAD_QUERIES = [
  "limit=0",
  "limit=1001",
  "limit=-1",
  "limit=x",
  "limit=",
  "limit=1.5",
  "limit=1e1",
];

export function topicListRules(client: Client): void {
  describe("topic list", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    async function list(name: string, query = "", token?: string) {
      const options = token === undefined ? {} : { token };
      const answer = await client.send("GET", `/topics/${name}${query}`, options);
      expect(answer.status).toBe(200);
      return JSON.parse(answer.body);
    }

    // Promised: "lists topics with first and last number, bytes and waiters".
    test("a row tells page, first and last number, bytes and waiters", async () => {
      const own = await client.makeCache();
      const page = sequencePage(await client.publish(own, "t", "hello"));
      await client.publishAll(own, "t", ["ü"]);
      const poll = client.subscribe(own, "t", "sequence_number=2");
      await client.untilWaiters(own, 1);
      expect(await list(own)).toEqual({
        topics: [
          {
            name: "t",
            sequence_page: page,
            first_sequence_number: 1,
            last_sequence_number: 2,
            bytes: 5 + 64 + 2 + 64,
            waiters: 1,
          },
        ],
        next: null,
      });
      await client.publishAll(own, "t", ["end"]);
      await poll;
      await client.untilWaiters(own, 0);
      expect((await client.topicRow(own, "t"))?.waiters).toBe(0);
    });

    test("an empty cache has an empty list", async () => {
      expect(await list(await client.makeCache())).toEqual({ topics: [], next: null });
    });

    test("topics come in the bytewise order of their names", async () => {
      const own = await client.makeCache();
      const names = ["!", "B", "a", "a/b", "aa", "é", "ｚ", "😀"];
      for (const name of names.toReversed()) await client.publishAll(own, name, ["x"]);
      expect((await client.topicRows(own)).map((row) => row.name)).toEqual(names);
    });

    test("pages follow each other without loss or repeat, and the last one has no next", async () => {
      const own = await client.makeCache();
      const names = upTo(7).map((index) => `t ${index}/&`);
      for (const name of names) await client.publishAll(own, name, ["x"]);
      const pages: string[][] = [];
      for (let next: string | null = ""; next !== null; ) {
        const page = await list(
          own,
          `?limit=3${next === "" ? "" : `&after=${encodeURIComponent(next)}`}`,
        );
        pages.push(page.topics.map((row: { name: string }) => row.name));
        next = page.next;
      }
      expect(pages).toEqual([names.slice(0, 3), names.slice(3, 6), names.slice(6)]);
    });

    test("a page has 100 topics unless another limit is asked for", async () => {
      const own = await client.makeCache();
      await Promise.all(upTo(101).map((index) => client.publish(own, `t${index}`, "x")));
      const page = await list(own);
      expect(page.topics).toHaveLength(100);
      expect(page.next).toBe(page.topics[99].name);
      expect((await list(own, "?limit=1000")).topics).toHaveLength(101);
      expect((await list(own, "?limit=1")).topics).toHaveLength(1);
    });

    test("after may be a name that is not there", async () => {
      const own = await client.makeCache();
      for (const name of ["a", "c"]) await client.publishAll(own, name, ["x"]);
      const page = await list(own, "?after=b");
      expect(page.topics.map((row: { name: string }) => row.name)).toEqual(["c"]);
    });

    test.each(BAD_QUERIES.map((query) => ({ query })))("?$query is 400", async ({ query }) => {
      expectError(await client.send("GET", `/topics/${cache}?${query}`), BAD_REQUEST);
    });

    // Promised: "admin, or a token for the whole cache".
    test.each(["publish", "subscribe", "both"].map((role) => ({ role })))(
      "a token that may $role on the whole cache may list it",
      async ({ role }) => {
        const token = await client.token([{ cache, topic: "*", role }]);
        expect((await client.send("GET", `/topics/${cache}`, { token })).status).toBe(200);
      },
    );

    test.each([
      { rule: "one topic", permission: { topic: "t", role: "both" } },
      { rule: "a prefix", permission: { topic: "t*", role: "both" } },
      { rule: "another cache", permission: { cache: "another", topic: "*", role: "both" } },
    ])("a token for $rule may not list the cache", async ({ permission }) => {
      const token = await client.token([{ cache, ...permission }]);
      expectError(await client.send("GET", `/topics/${cache}`, { token }), FORBIDDEN, [token]);
    });

    test("the list of an unknown cache is 404", async () => {
      expectError(await client.send("GET", `/topics/${fresh("unknown")}`), NO_CACHE);
    });
  });

  describe("deleting a topic", () => {
    test("is 204 without a body, and ends that topic only", async () => {
      const cache = await client.makeCache();
      for (const name of ["a", "b"]) await client.publishAll(cache, name, ["x"]);
      expect(await client.send("DELETE", topicPath(cache, "a"))).toMatchObject({
        status: 204,
        body: "",
      });
      expect((await client.topicRows(cache)).map((row) => row.name)).toEqual(["b"]);
      expect(await client.read(cache, "a")).toEqual([]);
      expect(texts(await client.read(cache, "b"))).toEqual(["x"]);
    });

    test("of an unknown topic is 404, of an unknown cache too", async () => {
      const cache = await client.makeCache();
      expectError(await client.send("DELETE", topicPath(cache, "unknown")), NO_TOPIC);
      expectError(await client.send("DELETE", topicPath(fresh("unknown"), "t")), NO_CACHE);
    });
  });
}
