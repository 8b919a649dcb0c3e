// Limits that the server sets for every token and for every cache without limits of its own.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { type Answer, outline, sequenceNumber, upTo } from "../momento-http/answers.ts";
import { type Client, cachePath } from "../momento-http/client.ts";
import { BAD_REQUEST, expectError, limitExceeded } from "../momento-http/expect-error.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

const RATES = [
  { setting: "publishes_per_second", max: 1, body: "x", cause: "operations_rate_limit_exceeded" },
  {
    setting: "bytes_per_second",
    max: 1000,
    body: "x".repeat(900),
    cause: "throughput_rate_limit_exceeded",
  },
];

/** At one a second some are too many, unless a machine takes minutes for them. */
const AT_ONCE = 100;

export function limitSettingRules(open: OpenWith): void {
  describe("limits", () => {
    test.each(RATES)(
      "limits.token_$setting bounds a token and not the next one",
      async ({ setting, max, body, cause }) => {
        await withServer(open, { limits: { [`token_${setting}`]: max } }, async (client) => {
          const cache = await client.makeCache();
          const [token, other] = [await anyToken(client, cache), await anyToken(client, cache)];
          const answers = await publishMany(client, cache, body, token);
          expectSomeRefused(answers, cause);
          expect((await client.publish(cache, "t", "y", { token: other })).status).toBe(204);
          await until("the token may publish again", async () => {
            return (await client.publish(cache, "t", body, { token })).status === 204 || undefined;
          });
        });
      },
    );

    test.each(RATES)(
      "limits.cache_$setting bounds each cache without a limit of its own",
      async ({ setting, max, body, cause }) => {
        await withServer(open, { limits: { [`cache_${setting}`]: max } }, async (client) => {
          const cache = await client.makeCache();
          const free = await client.makeCache({ limits: { [setting]: 0 } });
          const { limits } = JSON.parse((await client.send("GET", cachePath(cache))).body);
          expect(limits[setting]).toBe(max);
          expectSomeRefused(await publishMany(client, cache, body), cause);
          const accepted = await publishMany(client, free, body);
          expect(accepted.map((answer) => answer.status)).toEqual(accepted.map(() => 204));
        });
      },
    );

    test("limits.token_waiters bounds the waiting polls of a token and not of the next one", async () => {
      await withServer(open, { limits: { token_waiters: 1 } }, async (client) => {
        const cache = await client.makeCache();
        const [token, other] = [await anyToken(client, cache), await anyToken(client, cache)];
        const polls = [client.subscribe(cache, "t", "", { token })];
        await client.untilWaiters(cache, 1);
        const refused = await client.subscribe(cache, "t", "", { token });
        expectError(refused, limitExceeded("topic_subscriptions_limit_exceeded"), [token]);
        polls.push(client.subscribe(cache, "t", "", { token: other }));
        await client.untilWaiters(cache, 2);
        await client.publishAll(cache, "t", ["x"]);
        for (const poll of polls) expect((await poll).status).toBe(200);
      });
    });

    // Promised: a minted token "shares its limits" with the one that asked for it.
    test("limits.token_bytes_per_second bounds a token together with those minted from it", async () => {
      await withServer(open, { limits: { token_bytes_per_second: 1000 } }, async (client) => {
        const cache = await client.makeCache();
        const [parent, other] = [await anyToken(client, cache), await anyToken(client, cache)];
        const child = await anyToken(client, cache, parent);
        const grandchild = await anyToken(client, cache, child);
        // Leaves a debt of minutes, however slow the machine is.
        const large = "x".repeat(300_000);
        expect((await client.publish(cache, "t", large, { token: child })).status).toBe(204);
        for (const token of [parent, child, grandchild]) {
          const refused = await client.publish(cache, "t", "x", { token });
          expectError(refused, limitExceeded("throughput_rate_limit_exceeded"), [token]);
        }
        expect((await client.publish(cache, "t", "x", { token: other })).status).toBe(204);
      });
    });

    test("limits.token_waiters bounds the polls of a token together with those minted from it", async () => {
      await withServer(open, { limits: { token_waiters: 1 } }, async (client) => {
        const cache = await client.makeCache();
        const parent = await anyToken(client, cache);
        const child = await anyToken(client, cache, parent);
        const poll = client.subscribe(cache, "t", "", { token: parent });
        await client.untilWaiters(cache, 1);
        const refused = await client.subscribe(cache, "t", "", { token: child });
        expectError(refused, limitExceeded("topic_subscriptions_limit_exceeded"), [child]);
        await client.publishAll(cache, "t", ["x"]);
        await poll;
      });
    });

    test("limits.cache_waiters bounds the waiting polls of a cache", async () => {
      await withServer(open, { limits: { cache_waiters: 1 } }, async (client) => {
        const cache = await client.makeCache();
        const poll = client.subscribe(cache, "a");
        await client.untilWaiters(cache, 1);
        const refused = await client.subscribe(cache, "b");
        expectError(refused, limitExceeded("topic_subscriptions_limit_exceeded"));
        await client.publishAll(cache, "a", ["x"]);
        await poll;
      });
    });

    test("caches.caches_max bounds the caches, not what is done to those that exist", async () => {
      await withServer(open, { caches: { caches_max: 1 } }, async (client) => {
        const cache = await client.makeCache();
        expectError(await client.putCache("second"), limitExceeded("caches_limit_exceeded"));
        expect((await client.putCache(cache, { retention: { seconds: 60 } })).status).toBe(200);
        await client.deleteCache(cache);
        expect((await client.putCache("second")).status).toBe(201);
      });
    });

    test("caches.topics_max, stored_bytes_max and retention_topic_items hold for caches without their own", async () => {
      const caches = { topics_max: 1, stored_bytes_max: 10_000, retention_topic_items: 2 };
      await withServer(open, { caches }, async (client) => {
        const cache = await client.makeCache();
        expect(JSON.parse((await client.send("GET", cachePath(cache))).body)).toMatchObject({
          retention: { topic_items: 2 },
          limits: { topics: 1, stored_bytes: 10_000 },
        });
        await client.publishAll(cache, "t", ["a", "b", "c"]);
        expectError(await client.publish(cache, "u", "x"), limitExceeded("topics_limit_exceeded"));
        const refused = await client.publish(cache, "t", "x".repeat(10_000));
        expectError(refused, limitExceeded("stored_bytes_limit_exceeded"));
        await until("two messages are left", async () => {
          return (await client.topicRow(cache, "t"))?.first_sequence_number === 2;
        });
      });
    });

    test("after topics.idempotency_window_seconds a key is a new one", async () => {
      await withServer(open, { topics: { idempotency_window_seconds: 1 } }, async (client) => {
        const cache = await client.makeCache();
        const headers = { "Content-Type": "text/plain", "Idempotency-Key": "key" };
        expect(sequenceNumber(await client.publish(cache, "t", "a", { headers }))).toBe(1);
        await until("the key is forgotten", async () => {
          return sequenceNumber(await client.publish(cache, "t", "a", { headers })) === 2;
        });
        expect(outline(await client.read(cache, "t"))).toEqual([1, 2]);
      });
    });

    test("topics.idempotency_keys_max bounds the keys, not other publishes and not replays", async () => {
      await withServer(open, { topics: { idempotency_keys_max: 1 } }, async (client) => {
        const cache = await client.makeCache();
        const publish = (key: string) =>
          client.publish(cache, "t", "a", {
            headers: { "Content-Type": "text/plain", "Idempotency-Key": key },
          });
        expect((await publish("one")).status).toBe(204);
        expectError(await publish("two"), limitExceeded("idempotency_keys_limit_exceeded"));
        expect(sequenceNumber(await publish("one"))).toBe(1);
        expect(await client.publishAll(cache, "t", ["b"])).toEqual([2]);
      });
    });

    test("auth.token_seconds_max bounds the life of minted tokens", async () => {
      await withServer(open, { auth: { token_seconds_max: 60 } }, async (client) => {
        const wish = [{ cache: "c", topic: "t", role: "both" }];
        expect((await client.mint(wish, { expires_in_seconds: 60 })).status).toBe(200);
        expectError(await client.mint(wish, { expires_in_seconds: 61 }), BAD_REQUEST);
      });
    });
  });
}

/** Minted by an admin, unless another token is to mint it. */
function anyToken(client: Client, cache: string, minter = client.adminToken): Promise<string> {
  return client.token([{ cache, topic: "*", role: "both" }], {}, { token: minter });
}

async function publishMany(
  client: Client,
  cache: string,
  body: string,
  token = client.adminToken,
): Promise<Answer[]> {
  return await Promise.all(upTo(AT_ONCE).map(() => client.publish(cache, "t", body, { token })));
}

function expectSomeRefused(answers: readonly Answer[], cause: string): void {
  const refused = answers.filter((answer) => answer.status !== 204);
  expect(refused.length).toBeWithin(1, answers.length);
  for (const answer of refused) expectError(answer, limitExceeded(cause));
}
