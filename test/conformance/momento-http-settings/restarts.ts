// A server that is stopped in order and started again goes on where it was.

import { describe, expect, test } from "bun:test";
import {
  entries,
  outline,
  sequenceNumber,
  sequencePage,
  texts,
  upTo,
} from "../momento-http/answers.ts";
import { cachePath, fresh } from "../momento-http/client.ts";
import {
  BAD_REQUEST,
  expectError,
  NO_CACHE,
  UNAUTHENTICATED,
} from "../momento-http/expect-error.ts";
import type { OpenWith } from "../target.ts";
import { acrossRestart, type BeforeRestart } from "./with-server.ts";

export function restartRules(open: OpenWith): void {
  const across = (before: BeforeRestart) => acrossRestart(open, before);

  describe("restart", () => {
    // Promised: "numbers … the same for every subscriber, across restarts".
    test("messages, numbers and pages are the same, and go on", async () => {
      await across(async (client) => {
        const cache = await client.makeCache();
        const page = sequencePage(await client.publish(cache, "t", "a"));
        await client.publishAll(cache, "t", ["b", "c"]);
        const query = `sequence_number=1&sequence_page=${page}`;
        const { body } = await client.subscribe(cache, "t", query);
        return async () => {
          expect((await client.subscribe(cache, "t", query)).body).toBe(body);
          const next = await client.publish(cache, "t", "d");
          expect([sequenceNumber(next), sequencePage(next)]).toEqual([4, page]);
          expect(outline(await client.read(cache, "t", "sequence_number=2"))).toEqual([3, 4]);
        };
      });
    });

    // Promised: "the same key … is appended once, … across a restart".
    test("an idempotency key is remembered with its number and its body", async () => {
      await across(async (client) => {
        const cache = await client.makeCache();
        const headers = { "Content-Type": "text/plain", "Idempotency-Key": "key" };
        await client.publish(cache, "t", "a", { headers });
        return async () => {
          const again = await client.publish(cache, "t", "a", { headers });
          expect(sequenceNumber(again)).toBe(1);
          expect(again.headers.get("Idempotent-Replay")).toBe("true");
          expectError(await client.publish(cache, "t", "b", { headers }), BAD_REQUEST);
          expect(texts(await client.read(cache, "t"))).toEqual(["a"]);
        };
      });
    });

    test("caches keep their settings, deleted ones stay deleted, and pages still grow", async () => {
      await across(async (client) => {
        const cache = await client.makeCache({ retention: { seconds: 60 }, limits: { topics: 7 } });
        const gone = await client.makeCache();
        const page = sequencePage(await client.publish(gone, "t", "a"));
        await client.deleteCache(gone);
        const shown = (await client.send("GET", cachePath(cache))).body;
        return async () => {
          expect((await client.send("GET", cachePath(cache))).body).toBe(shown);
          expectError(await client.subscribe(gone, "t"), NO_CACHE);
          await client.putCache(gone);
          expect(sequencePage(await client.publish(gone, "t", "b"))).toBeGreaterThan(page);
        };
      });
    });

    test("tokens stay good and revoked ones stay revoked", async () => {
      await across(async (client) => {
        const cache = await client.makeCache();
        const permissions = [{ cache, topic: "*", role: "both" }];
        const id = fresh("id");
        const good = await client.token(permissions);
        const bad = await client.token(permissions, { token_id: id });
        await client.send("DELETE", `/tokens/${id}`);
        return async () => {
          expect((await client.publish(cache, "t", "a", { token: good })).status).toBe(204);
          expectError(await client.publish(cache, "t", "a", { token: bad }), UNAUTHENTICATED, [
            bad,
          ]);
        };
      });
    });

    // Promised: "SIGTERM answers waiting polls (200 {"items":[]})".
    test("stopping answers the waiting polls with an empty list", async () => {
      let polls: Promise<{ status: number; body: string }>[] = [];
      await across(async (client) => {
        const cache = await client.makeCache();
        await client.publishAll(cache, "t", ["a"]);
        polls = upTo(10).map((index) =>
          client.subscribe(cache, index % 2 ? "t" : "u", "sequence_number=1"),
        );
        await client.untilWaiters(cache, 10);
        return async () => {
          for (const poll of polls)
            expect(await poll).toMatchObject({ status: 200, body: '{"items":[]}' });
          expect(await client.waiters(cache)).toBe(0);
          expect(outline(await client.read(cache, "t"))).toEqual([1]);
        };
      });
    });

    test("what was acknowledged while the server was stopping is there", async () => {
      const acknowledged: number[] = [];
      await across(async (client) => {
        const cache = await client.makeCache();
        const crowd = upTo(200).map(async () => {
          const answer = await client.publish(cache, "t", "x").catch(() => undefined);
          if (answer?.status === 204) acknowledged.push(sequenceNumber(answer));
        });
        await Promise.race(crowd);
        return async () => {
          await Promise.all(crowd);
          const stored = outline(entries(await client.subscribe(cache, "t", "sequence_number=0")));
          expect(stored).toEqual(upTo(stored.length));
          expect(stored).toEqual(expect.arrayContaining(acknowledged));
        };
      });
    });
  });
}
