// What a subscriber is told when messages that it asked for are not there.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { entries, outline, sequencePage, texts } from "./answers.ts";
import { type Client, fresh } from "./client.ts";

// Of 104 messages only the last is retained. NEXT is the number that today's edition sends.
const POSITIONS = [
  { rule: "the number before the oldest is no gap", seed: 103, gets: [104] },
  { rule: "one message is missing", seed: 102, gets: ["102 → 104", 104] },
  { rule: "all are missing", seed: 1, gets: ["1 → 104", 104] },
  { rule: "nothing is new", seed: 104, gets: [] },
  { rule: "the number is beyond the newest", seed: 105, gets: ["105 → 104", 104] },
];

export function discontinuityRules(client: Client): void {
  describe("discontinuity", () => {
    // Seed: "If there was a gap in the message sequence, a discontinuity message will be included."
    test("the seed's example, byte for byte, after retention kept one message of 104", async () => {
      const { cache, topic } = await trimmedTopic(client);
      const answer = await client.subscribe(cache, topic, "sequence_number=100");
      expect(answer.body).toBe(
        '{"items":[{"discontinuity":{"last_topic_sequence":100,"new_topic_sequence":104}},' +
          '{"item":{"topic_sequence_number":104,"value":{"text":"hello world"}}}]}',
      );
      expect(answer.status).toBe(200);
    });

    test("both editions see the same gaps", async () => {
      const { cache, topic, page } = await trimmedTopic(client);
      for (const { seed, gets } of POSITIONS) {
        const next = `sequence_number=${seed + 1}&sequence_page=${page}`;
        expect(outline(await client.read(cache, topic, `sequence_number=${seed}`))).toEqual(gets);
        expect(outline(await client.read(cache, topic, next))).toEqual(gets);
      }
    });

    test("0 without a page is everything retained, without a discontinuity", async () => {
      const { cache, topic } = await trimmedTopic(client);
      expect(outline(await client.read(cache, topic, "sequence_number=0"))).toEqual([104]);
      expect(outline(await client.read(cache, topic, ""))).toEqual([104]);
    });

    test("1 with an unknown page says that the beginning is gone", async () => {
      const { cache, topic } = await trimmedTopic(client);
      const list = await client.read(cache, topic, "sequence_number=1&sequence_page=0");
      expect(outline(list)).toEqual(["0 → 104", 104]);
    });

    // Promised: "where there is no item, the poll waits for one and then sends both".
    test.each([
      { edition: "the seed's", query: "sequence_number=7", gap: "7 → 1" },
      { edition: "today's", query: "sequence_number=8&sequence_page=0", gap: "7 → 1" },
      { edition: "today's with a page", query: "sequence_number=8&sequence_page=3", gap: "7 → 1" },
    ])(
      "where there is no item, a poll of $edition edition waits and then gets both",
      async ({ query, gap }) => {
        const cache = await client.makeCache();
        expect(await client.read(cache, "empty", query)).toEqual([]);
        const poll = client.subscribe(cache, "empty", query);
        await client.untilWaiters(cache, 1);
        await client.publishAll(cache, "empty", ["first"]);
        expect(outline(entries(await poll))).toEqual([gap, 1]);
      },
    );

    test("a deleted topic begins again at 1 on a greater page, which both editions are told", async () => {
      const cache = await client.makeCache();
      const topic = fresh("again");
      const before = sequencePage(await client.publish(cache, topic, "old 1"));
      await client.publishAll(cache, topic, ["old 2", "old 3"]);
      expect((await client.send("DELETE", `/topics/${cache}/${topic}`)).status).toBe(204);
      const after = sequencePage(await client.publish(cache, topic, "new 1"));
      expect(after).toBeGreaterThan(before);
      const seed = await client.read(cache, topic, "sequence_number=3");
      const current = await client.read(cache, topic, `sequence_number=1&sequence_page=${before}`);
      expect(outline(seed)).toEqual(["3 → 1", 1]);
      expect(outline(current)).toEqual(["0 → 1", 1]);
      expect(current[0]?.discontinuity?.new_sequence_page).toBe(after);
      expect(texts(current)).toEqual([undefined, "new 1"]);
    });
  });
}

/** A topic of 104 messages, all called "hello world", of which one is left. */
async function trimmedTopic(
  client: Client,
): Promise<{ cache: string; topic: string; page: number }> {
  const cache = await client.makeCache({ retention: { topic_items: 1 } });
  const topic = fresh("trimmed");
  await client.publishAll(
    cache,
    topic,
    Array.from({ length: 103 }, () => "hello world"),
  );
  const page = sequencePage(await client.publish(cache, topic, "hello world"));
  await until("only message 104 is left", async () => {
    const row = await client.topicRow(cache, topic);
    return row?.first_sequence_number === 104;
  });
  return { cache, topic, page };
}
