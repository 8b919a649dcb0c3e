// Subscribing as the seed says: a request without sequence_page, whose number is the last message received.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { outline, upTo } from "./answers.ts";
import { type Client, fresh, topicPath } from "./client.ts";

// Five messages are there; what a poll that may not wait gets.
const POSITIONS = [
  { rule: "without a number: the newest", query: "", gets: [5] },
  { rule: "0: everything retained", query: "sequence_number=0", gets: [1, 2, 3, 4, 5] },
  { rule: "1: everything after 1, oldest first", query: "sequence_number=1", gets: [2, 3, 4, 5] },
  { rule: "4: only 5", query: "sequence_number=4", gets: [5] },
  { rule: "5: nothing yet", query: "sequence_number=5", gets: [] },
  {
    rule: "6, beyond the newest: a discontinuity",
    query: "sequence_number=6",
    gets: ["6 → 1", 1, 2, 3, 4, 5],
  },
  {
    rule: "the greatest number: a discontinuity",
    query: "sequence_number=9007199254740991",
    gets: ["9007199254740991 → 1", 1, 2, 3, 4, 5],
  },
  { rule: "an encoded digit is a digit", query: "sequence_number=%34", gets: [5] },
  {
    rule: "an unknown parameter is ignored",
    query: "sequence_number=4&limit=x&x=1&x=2",
    gets: [5],
  },
  { rule: "names of parameters have a case", query: "Sequence_Number=x", gets: [5] },
];

export function seedSubscribeRules(client: Client): void {
  describe("subscribe without sequence_page", () => {
    let cache = "";
    let topic = "";
    beforeAll(async () => {
      cache = await client.makeCache();
      topic = fresh("five");
      await client.publishAll(cache, topic, ["one", "two", "three", "four", "five"]);
    });

    // Seed: "Optional parameter to specify the last message received."
    test.each(POSITIONS)("$rule", async ({ query, gets }) => {
      expect(outline(await client.read(cache, topic, query))).toEqual(gets);
    });

    // Seed: "The response will contain a JSON object with the message(s) and their sequence numbers."
    test("the answer is the seed's JSON, byte for byte", async () => {
      const own = fresh("bytes");
      await client.publishAll(cache, own, ["hello world"]);
      const answer = await client.subscribe(cache, own);
      expect(answer.status).toBe(200);
      expect(answer.body).toBe(
        '{"items":[{"item":{"topic_sequence_number":1,"value":{"text":"hello world"}}}]}',
      );
    });

    test("the seed's discontinuity, byte for byte", async () => {
      const own = fresh("gap");
      await client.publishAll(cache, own, ["hello world"]);
      const answer = await client.subscribe(cache, own, "sequence_number=100");
      expect(answer.body).toBe(
        '{"items":[{"discontinuity":{"last_topic_sequence":100,"new_topic_sequence":1}},' +
          '{"item":{"topic_sequence_number":1,"value":{"text":"hello world"}}}]}',
      );
    });

    test("binary values are standard base64 under binary, byte for byte", async () => {
      const own = fresh("binary");
      const headers = { "Content-Type": "application/octet-stream" };
      await client.publish(cache, own, Uint8Array.from([0xfb, 0xff, 0xfe, 0x00]), { headers });
      const answer = await client.subscribe(cache, own);
      expect(answer.body).toBe(
        '{"items":[{"item":{"topic_sequence_number":1,"value":{"binary":"+//+AA=="}}}]}',
      );
    });

    test("nothing new is an empty list, byte for byte", async () => {
      const answer = await client.subscribe(cache, topic, "sequence_number=5&timeout=0");
      expect(answer).toMatchObject({ status: 200, body: '{"items":[]}' });
    });

    test("the answer is JSON that nobody may keep", async () => {
      const { headers } = await client.subscribe(cache, topic);
      expect(headers.get("Content-Type")).toMatch(/^application\/json\b/);
      expect(headers.get("Cache-Control")).toBe("no-store");
    });

    test("it has the status line 200 OK and a length that is right", async () => {
      const line = `GET ${topicPath(cache, topic)}?sequence_number=0`;
      const answer = await rawHttp(
        client.url,
        rawRequest(line, [`Authorization: ${client.adminToken}`]),
      );
      expect(answer).toMatchObject({ status: 200, reason: "OK" });
      if (answer !== "closed") expect(JSON.parse(answer.body).items).toHaveLength(5);
    });

    test("the fields of today's edition are not there, whoever published", async () => {
      const own = fresh("old");
      const permissions = [{ cache, topic: "*", role: "both" }];
      const token = await client.token(permissions, { token_id: "somebody" });
      await client.publish(cache, own, "hi", { token });
      const { body } = await client.subscribe(cache, own, "sequence_number=7");
      expect(body).not.toMatch(/sequence_page|published_at|publisher_id|somebody/);
    });

    // Seed: "Specify Authorization header" or "`token` query parameter", as in its two examples.
    test("the seed's two ways to give the token get the same bytes", async () => {
      const token = encodeURIComponent(client.adminToken);
      const byQuery = await client.subscribe(cache, topic, `token=${token}&sequence_number=2`, {
        token: null,
      });
      const byHeader = await client.subscribe(cache, topic, "sequence_number=2");
      expect(byQuery.body).toBe(byHeader.body);
    });

    test("every subscriber gets the same numbers and the same bytes", async () => {
      const permissions = [{ cache, topic, role: "subscribe" }];
      const token = await client.token(permissions);
      const answers = await Promise.all(
        upTo(10).map((index) =>
          client.subscribe(cache, topic, "sequence_number=0", index % 2 === 0 ? { token } : {}),
        ),
      );
      expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    });
  });
}
