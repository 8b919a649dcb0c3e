// An answer is bounded in items and bytes, and the next poll goes on from there.

import { describe, expect, test } from "bun:test";
import { entries, outline, texts, upTo } from "./answers.ts";
import type { Client } from "./client.ts";

const AT_ONCE = 50;

export function pageRules(client: Client): void {
  describe("page", () => {
    test("one item more than a page holds comes with the next poll", async () => {
      const { page_items_max } = client.startedWith.topics;
      const cache = await client.makeCache();
      await publishCrowd(client, cache, page_items_max + 1);
      const first = entries(await client.subscribe(cache, "t", "sequence_number=0"));
      expect(outline(first)).toEqual(upTo(page_items_max));
      const next = await client.read(cache, "t", `sequence_number=${page_items_max}`);
      expect(outline(next)).toEqual([page_items_max + 1]);
      const current = `sequence_number=${page_items_max + 1}&sequence_page=0`;
      expect(outline(await client.read(cache, "t", current))).toEqual([page_items_max + 1]);
      const every = [...texts(first), ...texts(next)];
      expect(new Set(every).size).toBe(page_items_max + 1);
    });

    test("messages that do not fit together come one at a time", async () => {
      const size = Math.floor(client.startedWith.topics.page_bytes_max * 0.6);
      const cache = await client.makeCache();
      await publishSized(client, cache, size, 3);
      for (const last of [0, 1, 2]) {
        const list = await client.read(cache, "t", `sequence_number=${last}`);
        expect(outline(list)).toEqual([last + 1]);
        expect(list[0]?.item?.value.text?.length).toBe(size);
      }
      expect(await client.read(cache, "t", "sequence_number=3")).toEqual([]);
    });

    test("messages that fit together come together", async () => {
      const size = Math.floor(client.startedWith.topics.page_bytes_max * 0.3);
      const cache = await client.makeCache();
      await publishSized(client, cache, size, 4);
      expect(outline(await client.read(cache, "t"))).toEqual([1, 2, 3]);
    });

    test("a page has one item at least, however great it is", async () => {
      const cache = await client.makeCache();
      await publishSized(client, cache, client.startedWith.topics.message_bytes_max, 2);
      expect(outline(await client.read(cache, "t"))).toEqual([1]);
      expect(outline(await client.read(cache, "t", "sequence_number=1"))).toEqual([2]);
    });

    test("a discontinuity takes no item's place", async () => {
      const cache = await client.makeCache();
      await publishSized(client, cache, client.startedWith.topics.message_bytes_max, 1);
      expect(outline(await client.read(cache, "t", "sequence_number=9"))).toEqual(["9 → 1", 1]);
    });
  });
}

async function publishCrowd(client: Client, cache: string, count: number): Promise<void> {
  const names = upTo(count);
  for (let at = 0; at < count; at += AT_ONCE) {
    const answers = await Promise.all(
      names.slice(at, at + AT_ONCE).map((name) => client.publish(cache, "t", `m${name}`)),
    );
    expect(answers.every((answer) => answer.status === 204)).toBe(true);
  }
}

async function publishSized(
  client: Client,
  cache: string,
  size: number,
  count: number,
): Promise<void> {
  await client.publishAll(
    cache,
    "t",
    upTo(count).map((name) => String(name).padEnd(size, ".")),
  );
}
