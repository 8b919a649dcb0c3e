// Subscribing as today's documentation says: with sequence_page, and the number is the next one expected.

import { beforeAll, describe, expect, test } from "bun:test";
import { outline, sequencePage } from "./answers.ts";
import { type Client, fresh } from "./client.ts";

// Five messages are there; PAGE stands for the topic's page.
const POSITIONS = [
  { rule: "without a number: the newest", query: "sequence_page=PAGE", gets: [5] },
  { rule: "0: the newest", query: "sequence_number=0&sequence_page=PAGE", gets: [5] },
  {
    rule: "0 of an unknown page: the newest",
    query: "sequence_number=0&sequence_page=0",
    gets: [5],
  },
  { rule: "1: everything", query: "sequence_number=1&sequence_page=PAGE", gets: [1, 2, 3, 4, 5] },
  {
    rule: "1 of an unknown page: everything",
    query: "sequence_number=1&sequence_page=0",
    gets: [1, 2, 3, 4, 5],
  },
  { rule: "5, which is there: itself", query: "sequence_number=5&sequence_page=PAGE", gets: [5] },
  {
    rule: "6, which is next: nothing yet",
    query: "sequence_number=6&sequence_page=PAGE",
    gets: [],
  },
  {
    rule: "6 of an unknown page: nothing yet",
    query: "sequence_number=6&sequence_page=0",
    gets: [],
  },
  {
    rule: "7, beyond the next: a discontinuity",
    query: "sequence_number=7&sequence_page=PAGE",
    gets: ["6 → 1", 1, 2, 3, 4, 5],
  },
  {
    rule: "7 of an unknown page: a discontinuity",
    query: "sequence_number=7&sequence_page=0",
    gets: ["6 → 1", 1, 2, 3, 4, 5],
  },
  {
    rule: "another page: a discontinuity",
    query: "sequence_number=3&sequence_page=1",
    gets: ["2 → 1", 1, 2, 3, 4, 5],
  },
];

export function currentSubscribeRules(client: Client): void {
  describe("subscribe with sequence_page", () => {
    let cache = "";
    let topic = "";
    let page = 0;
    beforeAll(async () => {
      cache = await client.makeCache();
      topic = fresh("five");
      for (const text of ["one", "two", "three", "four", "five"]) {
        page = sequencePage(await client.publish(cache, topic, text));
      }
    });

    test.each(POSITIONS)("$rule", async ({ query, gets }) => {
      const list = await client.read(cache, topic, query.replace("PAGE", String(page)));
      expect(outline(list)).toEqual(gets);
    });

    test("items carry sequence_page and published_at, byte for byte", async () => {
      const own = fresh("bytes");
      const token = await client.token([{ cache, topic: own, role: "publish" }]);
      const before = Date.now();
      const ownPage = sequencePage(await client.publish(cache, own, "hello world", { token }));
      const { body } = await client.subscribe(cache, own, "sequence_page=0");
      const [, at] = /"published_at":(\d+)/.exec(body) ?? [];
      expect(body).toBe(
        '{"items":[{"item":{"topic_sequence_number":1,"value":{"text":"hello world"},' +
          `"sequence_page":${ownPage},"published_at":${at}}}]}`,
      );
      expect(Number(at)).toBeWithin(before - 1000, Date.now() + 1001);
    });

    // Promised: "items also carry publisher_id (the publisher's token id) when there is one".
    test("an item tells the id of its publisher's token when that has one", async () => {
      const own = fresh("known");
      const permissions = [{ cache, topic: own, role: "publish" }];
      const token = await client.token(permissions, { token_id: "sensor 7 ü" });
      await client.publish(cache, own, "hello world", { token });
      const { body } = await client.subscribe(cache, own, "sequence_page=0");
      expect(body).toMatch(/"published_at":\d+,"publisher_id":"sensor 7 ü"}}]}$/);
    });

    test("a discontinuity carries new_sequence_page, byte for byte", async () => {
      const { body } = await client.subscribe(cache, topic, "sequence_number=3&sequence_page=1");
      expect(body).toStartWith(
        '{"items":[{"discontinuity":{"last_topic_sequence":2,"new_topic_sequence":1,' +
          `"new_sequence_page":${page}}},{"item":{"topic_sequence_number":1,`,
      );
    });

    test("another page with number 0 is a discontinuity too, since the client's place is gone", async () => {
      const list = await client.read(cache, topic, "sequence_number=0&sequence_page=1");
      const gap = list[0]?.discontinuity;
      expect(gap).toMatchObject({ last_topic_sequence: 0, new_sequence_page: page });
      expect(list[1]?.item?.topic_sequence_number).toBe(gap?.new_topic_sequence);
    });

    test("binary values are standard base64 under binary", async () => {
      const own = fresh("binary");
      const headers = { "Content-Type": "application/octet-stream" };
      await client.publish(cache, own, Uint8Array.from([0xfb, 0xff, 0xfe]), { headers });
      const [entry] = await client.read(cache, own, "sequence_page=0");
      expect(entry?.item?.value).toEqual({ binary: "+//+" });
    });
  });
}
