// Publishing: the answer, the numbers that a message gets, and the names that topics may have.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { entries, outline, sequenceNumber, sequencePage, texts, upTo } from "./answers.ts";
import { type Client, fresh, topicPath } from "./client.ts";

const NAMES: readonly string[] = [
  "with space",
  "ünïcode",
  "日本語",
  "😀",
  "a/b/c",
  "50%",
  "%41",
  "a+b",
  "a&b=c?d#e",
  "a:b;c,d@e!$'()",
  "...",
  "~._-",
  "x".repeat(255),
  "é".repeat(127),
];

export function publishRules(client: Client): void {
  describe("publish", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    // Seed: "Status code: 204 No Content. The message was successfully published to the provided topic".
    test("the answer is 204 No Content, without a body", async () => {
      const line = `POST ${topicPath(cache, fresh("plain"))}`;
      const answer = await rawHttp(
        client.url,
        rawRequest(line, [`Authorization: ${client.adminToken}`], "hi"),
      );
      expect(answer).toMatchObject({ status: 204, reason: "No Content", body: "" });
    });

    // Promised: "Topic-Sequence-Number and Topic-Sequence-Page of the answer are what the message got".
    test("the answer tells the number and the page that the message got", async () => {
      const topic = fresh("told");
      const answers = [
        await client.publish(cache, topic, "a"),
        await client.publish(cache, topic, "b"),
      ];
      const page = sequencePage(answers[0]!);
      expect(answers.map(sequenceNumber)).toEqual([1, 2]);
      expect(answers.map(sequencePage)).toEqual([page, page]);
      const items = await client.read(cache, topic, "sequence_number=1&sequence_page=0");
      expect(items.map((entry) => entry.item?.sequence_page)).toEqual([page, page]);
      expect(outline(items)).toEqual([1, 2]);
      // Clients parse it as a 32-bit integer (reference §1.1).
      expect(page).toBeWithin(1, 2 ** 31);
    });

    test("numbers start at 1 and are contiguous in each topic, whatever happens in the others", async () => {
      const [one, other] = [fresh("one"), fresh("other")];
      expect(await client.publishAll(cache, one, ["a", "b"])).toEqual([1, 2]);
      expect(await client.publishAll(cache, other, ["c"])).toEqual([1]);
      expect(await client.publishAll(cache, one, ["d"])).toEqual([3]);
    });

    test("concurrent publishes get different numbers without a hole", async () => {
      const topic = fresh("crowd");
      const answers = await Promise.all(
        upTo(100).map((index) => client.publish(cache, topic, `m${index}`)),
      );
      const numbers = answers.map(sequenceNumber);
      expect(numbers.toSorted((a, b) => a - b)).toEqual(upTo(100));
      const stored = texts(await client.read(cache, topic));
      numbers.forEach((number, index) => {
        expect(stored[number - 1]).toBe(`m${index + 1}`);
      });
    });

    test("a message that was acknowledged is there for whoever reads next", async () => {
      const topic = fresh("next");
      for (const number of upTo(50)) {
        await client.publish(cache, topic, `m${number}`);
        expect(outline(await client.read(cache, topic, ""))).toEqual([number]);
      }
    });

    test.each(NAMES.map((name) => ({ name })))(
      "the topic name $name is kept as it is",
      async ({ name }) => {
        const own = await client.makeCache();
        expect((await client.publish(own, name, "hi")).status).toBe(204);
        expect(texts(await client.read(own, name))).toEqual(["hi"]);
        expect((await client.topicRows(own)).map((row) => row.name)).toEqual([name]);
      },
    );

    test("an encoded letter is the letter, and a plus is a plus", async () => {
      const own = await client.makeCache();
      await client.send("POST", `/topics/${own}/%61b+c`, { body: "hi" });
      expect((await client.topicRows(own)).map((row) => row.name)).toEqual(["ab+c"]);
    });

    test("topics that differ in case are different", async () => {
      await client.publishAll(cache, "Case", ["upper"]);
      await client.publishAll(cache, "case", ["lower"]);
      expect(texts(await client.read(cache, "Case"))).toEqual(["upper"]);
    });

    // Seed: "The token may be provided in one of two places in the request".
    test("the seed's two curl lines publish the same", async () => {
      const topic = fresh("curl");
      const form = { "Content-Type": "application/x-www-form-urlencoded" };
      const path = topicPath(cache, topic);
      const token = encodeURIComponent(client.adminToken);
      const byQuery = { token: null, headers: form, body: "hello world!" };
      expect((await client.send("POST", `${path}?token=${token}`, byQuery)).status).toBe(204);
      expect(
        (await client.send("POST", path, { headers: form, body: "hello world!" })).status,
      ).toBe(204);
      const both = entries(await client.subscribe(cache, topic, "sequence_number=0"));
      expect(texts(both)).toEqual(["hello world!", "hello world!"]);
    });
  });
}
