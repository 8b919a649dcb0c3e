// An Idempotency-Key makes the retry of a publish safe.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { type Answer, sequenceNumber, sequencePage, texts, upTo } from "./answers.ts";
import { type Client, fresh, topicPath } from "./client.ts";
import { BAD_REQUEST, expectError } from "./expect-error.ts";

const BAD_KEYS = [
  { rule: "an empty key", key: "" },
  { rule: "a key of 256 characters", key: "k".repeat(256) },
  { rule: "a key with a letter beyond ASCII", key: "schlüssel" },
  { rule: "a key with a tab", key: "a\tb" },
  { rule: "a key with a comma", key: "a,b" },
];

export function idempotencyRules(client: Client): void {
  describe("Idempotency-Key", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    function publish(
      topic: string,
      key: string,
      body = "hi",
      type = "text/plain",
    ): Promise<Answer> {
      return client.publish(cache, topic, body, {
        headers: { "Content-Type": type, "Idempotency-Key": key },
      });
    }

    test("the same key on the same topic is appended once and answered with the first one's number", async () => {
      const topic = fresh("once");
      const first = await publish(topic, "key");
      await client.publishAll(cache, topic, ["between"]);
      const again = await publish(topic, "key");
      expect(first).toMatchObject({ status: 204, body: "" });
      expect(again).toMatchObject({ status: 204, body: "" });
      expect([sequenceNumber(first), sequenceNumber(again)]).toEqual([1, 1]);
      expect(sequencePage(again)).toBe(sequencePage(first));
      expect(texts(await client.read(cache, topic))).toEqual(["hi", "between"]);
    });

    test("only the repeat is marked as a replay", async () => {
      const topic = fresh("marked");
      const answers = [await publish(topic, "key"), await publish(topic, "key")];
      const marks = answers.map((answer) => answer.headers.get("Idempotent-Replay"));
      expect(marks).toEqual([null, "true"]);
    });

    // Promised: "even when sent twice at the same time".
    test.each(upTo(20).map((round) => ({ round })))(
      "the same key sent at the same time is appended once (round $round)",
      async ({ round }) => {
        const topic = fresh("twice");
        const answers = await Promise.all(upTo(2 + (round % 7)).map(() => publish(topic, "key")));
        expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 204));
        expect(answers.map(sequenceNumber)).toEqual(answers.map(() => 1));
        const fresher = answers.filter((answer) => !answer.headers.has("Idempotent-Replay"));
        expect(fresher.length).toBe(1);
        expect(texts(await client.read(cache, topic))).toEqual(["hi"]);
      },
    );

    test("another body with the same key is 400 and nothing is stored", async () => {
      const topic = fresh("body");
      await publish(topic, "key");
      expectError(await publish(topic, "key", "ho"), BAD_REQUEST);
      expect(texts(await client.read(cache, topic))).toEqual(["hi"]);
    });

    test("the same bytes as another kind with the same key are 400 and nothing is stored", async () => {
      const topic = fresh("kind");
      await publish(topic, "key");
      expectError(await publish(topic, "key", "hi", "application/octet-stream"), BAD_REQUEST);
      expect(texts(await client.read(cache, topic))).toEqual(["hi"]);
    });

    test("two bodies with one key at the same time: one is stored, the other is 400", async () => {
      const topic = fresh("race");
      const answers = await Promise.all([publish(topic, "key", "a"), publish(topic, "key", "b")]);
      expect(answers.map((answer) => answer.status).toSorted()).toEqual([204, 400]);
      const winner = answers[0].status === 204 ? "a" : "b";
      expect(texts(await client.read(cache, topic))).toEqual([winner]);
    });

    test("the same key on another topic is another message", async () => {
      const [one, other] = [fresh("one"), fresh("other")];
      await publish(one, "key");
      await publish(other, "key");
      expect(texts(await client.read(cache, other))).toEqual(["hi"]);
    });

    test("the same body with another key is another message", async () => {
      const topic = fresh("keys");
      await publish(topic, "key 1");
      await publish(topic, "key 2");
      await publish(topic, "k".repeat(255));
      expect(texts(await client.read(cache, topic))).toEqual(["hi", "hi", "hi"]);
    });

    test.each(BAD_KEYS)("$rule is 400 and nothing is stored", async ({ key }) => {
      const topic = fresh("bad");
      const headers = { "Content-Type": "text/plain", "Idempotency-Key": key };
      const answer = await client.publish(cache, topic, "hi", { headers });
      expectError(answer, BAD_REQUEST);
      expect(await client.read(cache, topic)).toEqual([]);
    });

    // HTTP lets a server join headers of one name by commas, and Bun does.
    test.each([
      { keys: ["one", "other"] },
      { keys: ["one", "one"] },
      { keys: ["one", ""] },
      { keys: ["", ""] },
    ])("two keys, $keys, are 400, and nothing is stored", async ({ keys }) => {
      const topic = fresh("two");
      const lines = keys.map((key) => `Idempotency-Key: ${key}`);
      const headers = [`Authorization: ${client.adminToken}`, ...lines];
      const answer = await rawHttp(
        client.url,
        rawRequest(`POST ${topicPath(cache, topic)}`, headers, "hi"),
      );
      if (answer === "closed") throw new Error("the server hung up");
      expectError(answer, { ...BAD_REQUEST, detail: /Idempotency-Key .* comma/ });
      expect(await client.read(cache, topic)).toEqual([]);
    });
  });
}
