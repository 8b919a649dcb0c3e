// Retention runs in the background: the oldest messages go, numbers and pages stay.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { entries, outline, sequencePage, texts, upTo } from "./answers.ts";
import type { Client, TopicRow } from "./client.ts";

// Two messages were there and are gone; the third comes.
const POLLS: readonly { rule: string; query: string; gets: (number | string)[] }[] = [
  { rule: "knows the newest number", query: "sequence_number=2", gets: [3] },
  { rule: "wants everything", query: "sequence_number=0", gets: [3] },
  { rule: "wants the newest", query: "", gets: [3] },
  { rule: "missed one", query: "sequence_number=1", gets: ["1 → 3", 3] },
  {
    rule: "missed one, in today's edition",
    query: "sequence_number=2&sequence_page=0",
    gets: ["1 → 3", 3],
  },
  { rule: "is beyond the newest", query: "sequence_number=7", gets: ["7 → 3", 3] },
];

export function retentionRules(client: Client): void {
  describe.concurrent("retention", () => {
    test("topic_items keeps the newest so many of each topic", async () => {
      const cache = await client.makeCache({ retention: { topic_items: 3 } });
      await client.publishAll(
        cache,
        "long",
        upTo(10).map((index) => `m${index}`),
      );
      await client.publishAll(cache, "short", ["a", "b"]);
      const row = await untilFirst(client, cache, "long", 8);
      expect(row).toMatchObject({ last_sequence_number: 10, bytes: 2 + 2 + 3 + 3 * 64 });
      expect(texts(await client.read(cache, "long"))).toEqual(["m8", "m9", "m10"]);
      expect(texts(await client.read(cache, "short"))).toEqual(["a", "b"]);
    });

    test("bytes keeps the newest of the cache, whatever their topic", async () => {
      const cache = await client.makeCache({ retention: { bytes: 2000 } });
      for (const topic of ["old", "old", "old", "new", "new"]) {
        await client.publishAll(cache, topic, ["x".repeat(500)]);
      }
      await until("the cache holds 2000 bytes at most", async () => {
        const rows = await client.topicRows(cache);
        return rows.reduce((sum, row) => sum + row.bytes, 0) <= 2000;
      });
      expect(outline(await client.read(cache, "new"))).toEqual([1, 2]);
      expect(outline(await client.read(cache, "old"))).not.toContain(1);
    });

    test("seconds lets every message go; the topic keeps its number and page", async () => {
      const cache = await client.makeCache({ retention: { seconds: 1 } });
      const page = sequencePage(await client.publish(cache, "t", "a"));
      await client.publishAll(cache, "t", ["b"]);
      const row = await untilFirst(client, cache, "t", 3);
      expect(row).toMatchObject({ sequence_page: page, last_sequence_number: 2, bytes: 0 });
      expect(await client.read(cache, "t")).toEqual([]);
      const answer = await client.publish(cache, "t", "c");
      expect(answer.headers.get("Topic-Sequence-Number")).toBe("3");
      expect(sequencePage(answer)).toBe(page);
    });

    // Promised: "where there is no item, the poll waits for one and then sends both".
    test.each(POLLS)(
      "a topic trimmed empty: a poll that $rule waits and is told what it missed",
      async ({ query, gets }) => {
        const cache = await client.makeCache({ retention: { seconds: 1 } });
        await client.publishAll(cache, "t", ["a", "b"]);
        await untilFirst(client, cache, "t", 3);
        await client.putCache(cache, { retention: { seconds: 0 } });
        expect(await client.read(cache, "t", query)).toEqual([]);
        const poll = client.subscribe(cache, "t", query);
        await client.untilWaiters(cache, 1);
        await client.publishAll(cache, "t", ["c"]);
        expect(outline(entries(await poll))).toEqual(gets);
      },
    );

    test("a waiting poll that is up to date is not told of what retention takes", async () => {
      const cache = await client.makeCache({ retention: { seconds: 1 } });
      await client.publishAll(cache, "t", ["a"]);
      const poll = client.subscribe(cache, "t", "sequence_number=1");
      await client.untilWaiters(cache, 1);
      await untilFirst(client, cache, "t", 2);
      await client.putCache(cache, { retention: { seconds: 0 } });
      await client.publishAll(cache, "t", ["b"]);
      expect(outline(entries(await poll))).toEqual([2]);
    });

    test("retention that is set later takes what is too much by then", async () => {
      const cache = await client.makeCache();
      await client.publishAll(cache, "t", upTo(5).map(String));
      await client.putCache(cache, { retention: { topic_items: 2 } });
      await untilFirst(client, cache, "t", 4);
      expect(texts(await client.read(cache, "t"))).toEqual(["4", "5"]);
    });
  });
}

async function untilFirst(
  client: Client,
  cache: string,
  topic: string,
  first: number,
): Promise<TopicRow> {
  return await until(`message ${first} is the first of ${topic}`, async () => {
    const row = await client.topicRow(cache, topic);
    return row?.first_sequence_number === first ? row : undefined;
  });
}
