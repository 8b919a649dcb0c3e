// The limits of a cache: 429 with Retry-After and a cause, nothing stored, and an end once there is room again.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { type Answer, entries, outline, sequenceNumber, upTo } from "./answers.ts";
import type { Client } from "./client.ts";
import { expectError, limitExceeded } from "./expect-error.ts";

/** At one a second some are too many, unless a machine takes minutes for them. */
const AT_ONCE = 100;

export function cacheLimitRules(client: Client): void {
  // Seed: "Status code: 429 Too Many Requests. This error type typically indicates that account
  // limits were exceeded. See the message body for further details".
  describe("cache limits", () => {
    test("publishes_per_second", async () => {
      const cache = await client.makeCache({ limits: { publishes_per_second: 1 } });
      const answers = await Promise.all(upTo(AT_ONCE).map(() => client.publish(cache, "t", "x")));
      await expectPartlyRefused(client, cache, answers, "operations_rate_limit_exceeded");
      const { status } = await untilAccepted(client, cache, "x");
      expect(status).toBe(204);
    });

    test("bytes_per_second", async () => {
      const cache = await client.makeCache({ limits: { bytes_per_second: 1000 } });
      const body = "x".repeat(900);
      const answers = await Promise.all(upTo(AT_ONCE).map(() => client.publish(cache, "t", body)));
      await expectPartlyRefused(client, cache, answers, "throughput_rate_limit_exceeded");
      expect((await untilAccepted(client, cache, body)).status).toBe(204);
    });

    test("rates of one cache do not touch another", async () => {
      const cache = await client.makeCache({ limits: { publishes_per_second: 1 } });
      const other = await client.makeCache();
      await Promise.all(upTo(10).map(() => client.publish(cache, "t", "x")));
      expect(await client.publishAll(other, "t", ["a", "b", "c"])).toEqual([1, 2, 3]);
    });

    test("waiters", async () => {
      const cache = await client.makeCache({ limits: { waiters: 2 } });
      const polls = [client.subscribe(cache, "a"), client.subscribe(cache, "b")];
      await client.untilWaiters(cache, 2);
      const refused = await client.subscribe(cache, "c");
      expectError(refused, limitExceeded("topic_subscriptions_limit_exceeded"), [
        client.adminToken,
      ]);
      expect((await client.subscribe(cache, "c", "timeout=0")).status).toBe(200);
      await client.publishAll(cache, "a", ["x"]);
      await polls[0];
      await client.untilWaiters(cache, 1);
      const next = client.subscribe(cache, "c");
      await client.untilWaiters(cache, 2);
      for (const topic of ["b", "c"]) await client.publishAll(cache, topic, ["x"]);
      expect(outline(entries(await next))).toEqual([1]);
      await polls[1];
    });

    test("a poll that finds something needs no waiter's place", async () => {
      const cache = await client.makeCache({ limits: { waiters: 1 } });
      await client.publishAll(cache, "t", ["x"]);
      const poll = client.subscribe(cache, "t", "sequence_number=1");
      await client.untilWaiters(cache, 1);
      expect(outline(entries(await client.subscribe(cache, "t", "sequence_number=0")))).toEqual([
        1,
      ]);
      await client.publishAll(cache, "t", ["y"]);
      await poll;
    });

    test("stored_bytes", async () => {
      const cache = await client.makeCache({ limits: { stored_bytes: 1000 } });
      await client.publishAll(cache, "t", ["x".repeat(500)]);
      const refused = await client.publish(cache, "t", "x".repeat(500));
      expectError(refused, limitExceeded("stored_bytes_limit_exceeded"));
      expect(outline(await client.read(cache, "t"))).toEqual([1]);
      // 500 + 64 are stored; 372 + 64 fill it to the brim.
      expect(await client.publishAll(cache, "u", ["x".repeat(372)])).toEqual([1]);
      expectError(
        await client.publish(cache, "t", "x"),
        limitExceeded("stored_bytes_limit_exceeded"),
      );
      await client.send("DELETE", `/topics/${cache}/t`);
      expect((await untilAccepted(client, cache, "x")).status).toBe(204);
    });

    test("topics", async () => {
      const cache = await client.makeCache({ limits: { topics: 2 } });
      for (const topic of ["a", "b"]) await client.publishAll(cache, topic, ["x"]);
      const refused = await client.publish(cache, "c", "x");
      expectError(refused, limitExceeded("topics_limit_exceeded"));
      expect((await client.topicRows(cache)).map((row) => row.name)).toEqual(["a", "b"]);
      expect(await client.publishAll(cache, "a", ["y"])).toEqual([2]);
    });

    test("a limit that is raised or lifted admits at once", async () => {
      const cache = await client.makeCache({ limits: { topics: 1 } });
      await client.publishAll(cache, "a", ["x"]);
      expect((await client.publish(cache, "b", "x")).status).toBe(429);
      await client.putCache(cache, { limits: { topics: 2 } });
      expect((await client.publish(cache, "b", "x")).status).toBe(204);
      expect((await client.publish(cache, "c", "x")).status).toBe(429);
      await client.putCache(cache, { limits: { topics: 0 } });
      expect((await client.publish(cache, "c", "x")).status).toBe(204);
    });
  });
}

/** Some are accepted and numbered without a hole; all others are refused for this cause, and not stored. */
async function expectPartlyRefused(
  client: Client,
  cache: string,
  answers: readonly Answer[],
  cause: string,
): Promise<void> {
  const accepted = answers.filter((answer) => answer.status === 204);
  expect(accepted.length).toBeWithin(1, answers.length);
  for (const answer of answers) {
    if (answer.status !== 204) expectError(answer, limitExceeded(cause), [client.adminToken]);
  }
  const numbers = accepted.map(sequenceNumber).toSorted((a, b) => a - b);
  expect(numbers).toEqual(upTo(accepted.length));
  expect(outline(await client.read(cache, "t"))).toEqual(numbers);
}

async function untilAccepted(client: Client, cache: string, body: string): Promise<Answer> {
  return await until("a publish is accepted again", async () => {
    const answer = await client.publish(cache, "t", body);
    return answer.status === 204 && answer;
  });
}
