// How long polls may wait, and that only this bounds them.

import { describe, expect, test } from "bun:test";
import { entries, outline, upTo } from "../momento-http/answers.ts";
import { known } from "../momento-http/client.ts";
import { expectError, limitExceeded } from "../momento-http/expect-error.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

export function waitSettingRules(open: OpenWith): void {
  describe("waits", () => {
    // Promised: "up to topics.wait_seconds_max or the request's own ?timeout=SECONDS, and then ends with
    // 200 {"items":[]}".
    test.each(
      ["", "timeout=3600", "sequence_number=0", "sequence_page=0"].map((query) => ({ query })),
    )("topics.wait_seconds_max ends the wait of '?$query'", async ({ query }) => {
      await withServer(open, { topics: { wait_seconds_max: 1 } }, async (client) => {
        const cache = await client.makeCache();
        const answer = await client.subscribe(cache, "t", query);
        expect(answer).toMatchObject({ status: 200, body: '{"items":[]}' });
        expect(await client.waiters(cache)).toBe(0);
      });
    });

    test("storage.write_seconds_max does not end a wait", async () => {
      await withServer(open, { storage: { write_seconds_max: 1 } }, async (client) => {
        await known(() => client.putCache("c"));
        const poll = client.subscribe("c", "t");
        const empty = await client.subscribe("c", "other", "timeout=3");
        expect(empty).toMatchObject({ status: 200, body: '{"items":[]}' });
        expect(await client.waiters("c")).toBe(1);
        const headers = { "Idempotency-Key": "late" };
        await known(() => client.publish("c", "t", "late", { headers }));
        expect(outline(entries(await poll))).toEqual([1]);
      });
    });

    test("topics.waiters_max bounds the waiting polls of all caches and tokens", async () => {
      await withServer(open, { topics: { waiters_max: 3 } }, async (client) => {
        const caches = [await client.makeCache(), await client.makeCache()];
        const polls = upTo(3).map((index) => client.subscribe(caches[index % 2]!, "t"));
        await client.untilWaiters(caches[0]!, 1);
        await client.untilWaiters(caches[1]!, 2);
        const refused = await client.subscribe(caches[0]!, "t");
        expectError(refused, limitExceeded("topic_subscriptions_limit_exceeded"));
        for (const cache of caches) await client.publishAll(cache, "t", ["x"]);
        expect((await Promise.all(polls)).map((poll) => poll.status)).toEqual([200, 200, 200]);
        await client.untilWaiters(caches[0]!, 0);
        expect((await client.subscribe(caches[0]!, "t2", "timeout=1")).status).toBe(200);
      });
    });
  });
}
