// The sizes of messages and pages as settings.

import { describe, expect, test } from "bun:test";
import { outline, upTo } from "../momento-http/answers.ts";
import { expectError, limitExceeded } from "../momento-http/expect-error.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

export function pageSettingRules(open: OpenWith): void {
  describe("sizes", () => {
    test("topics.page_items_max bounds the items of a page", async () => {
      await withServer(open, { topics: { page_items_max: 3 } }, async (client) => {
        const cache = await client.makeCache();
        await client.publishAll(cache, "t", upTo(7).map(String));
        const pages = [
          await client.read(cache, "t", "sequence_number=0"),
          await client.read(cache, "t", "sequence_number=3"),
          await client.read(cache, "t", "sequence_number=6"),
          await client.read(cache, "t", "sequence_number=4&sequence_page=0"),
          await client.read(cache, "t", "sequence_number=99"),
        ];
        const outlines = [[1, 2, 3], [4, 5, 6], [7], [4, 5, 6], ["99 → 1", 1, 2, 3]];
        expect(pages.map(outline)).toEqual(outlines);
      });
    });

    test("topics.page_bytes_max bounds the bytes of a page, which has one item at least", async () => {
      await withServer(open, { topics: { page_bytes_max: 1024 } }, async (client) => {
        const cache = await client.makeCache();
        await client.publishAll(
          cache,
          "t",
          [5000, 512, 512, 1].map((size) => "x".repeat(size)),
        );
        const pages = [
          await client.read(cache, "t", "sequence_number=0"),
          await client.read(cache, "t", "sequence_number=1"),
          await client.read(cache, "t", "sequence_number=2"),
        ];
        expect(pages.map(outline)).toEqual([[1], [2, 3], [3, 4]]);
      });
    });

    test("topics.message_bytes_max bounds a message", async () => {
      await withServer(open, { topics: { message_bytes_max: 10 } }, async (client) => {
        const cache = await client.makeCache();
        await client.publishAll(cache, "t", ["x".repeat(10)]);
        const refused = await client.publish(cache, "t", "x".repeat(11));
        expectError(refused, limitExceeded("item_size_limit_exceeded"));
        expect(outline(await client.read(cache, "t"))).toEqual([1]);
      });
    });
  });
}
