// Publishing: what is stored for each kind of body, the numbers that it gets, and the names that topics may have.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import {
  type Client,
  entries,
  fresh,
  outline,
  sequenceNumber,
  sequencePage,
  texts,
  topicPath,
  upTo,
} from "./client.ts";

type Kind = {
  readonly rule: string;
  readonly type: string | undefined;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly value: { readonly text: string } | { readonly binary: string };
};

// Seed: "To publish plain text data (UTF-8), specify `text/plain`. To publish binary data, specify
// `application/octet-stream`". Issue: "curl's default form type and application/json are verbatim text".
const KINDS: readonly Kind[] = [
  { rule: "text/plain is text", type: "text/plain", body: "hello world", value: { text: "hello world" } },
  { rule: "a UTF-8 charset changes nothing", type: "text/plain; charset=utf-8", body: "é", value: { text: "é" } },
  { rule: "types and charsets have no case", type: 'TEXT/Plain;Charset="UTF-8"', body: "日本", value: { text: "日本" } },
  { rule: "octet-stream is binary", type: "application/octet-stream", body: "hello", value: { binary: "aGVsbG8=" } },
  { rule: "octet-stream has no case", type: "Application/Octet-Stream", body: "hi", value: { binary: "aGk=" } },
  {
    rule: "binary is standard base64 with padding",
    type: "application/octet-stream",
    body: bytes(0xfb, 0xff, 0xfe, 0x00),
    value: { binary: "+//+AA==" },
  },
  {
    rule: "every byte survives",
    type: "application/octet-stream",
    body: bytes(...Array.from({ length: 256 }, (_, index) => index)),
    value: { binary: Buffer.from(Array.from({ length: 256 }, (_, index) => index)).toString("base64") },
  },
  { rule: "JSON is verbatim text", type: "application/json", body: ' {"a": 1}\n', value: { text: ' {"a": 1}\n' } },
  { rule: "broken JSON is verbatim text", type: "application/json", body: '{"a"', value: { text: '{"a"' } },
  {
    rule: "a form is verbatim text",
    type: "application/x-www-form-urlencoded",
    body: "hello world!",
    value: { text: "hello world!" },
  },
  {
    rule: "a form is not decoded",
    type: "application/x-www-form-urlencoded",
    body: "a=1&b=%20+c&b=2",
    value: { text: "a=1&b=%20+c&b=2" },
  },
  {
    rule: "a multipart form is verbatim text",
    type: "multipart/form-data; boundary=x",
    body: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
    value: { text: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n' },
  },
  { rule: "any other type is text", type: "application/xml", body: "<a>ü</a>", value: { text: "<a>ü</a>" } },
  { rule: "UTF-8 without a type is text", type: undefined, body: "grüße 😀", value: { text: "grüße 😀" } },
  { rule: "other bytes without a type are binary", type: undefined, body: bytes(0xff, 0x00), value: { binary: "/wA=" } },
  {
    rule: "a byte order mark is kept",
    type: "text/plain",
    body: bytes(0xef, 0xbb, 0xbf, 0x68, 0x69),
    value: { text: "\uFEFFhi" },
  },
  {
    rule: "quotes, controls and line separators come back",
    type: "text/plain",
    body: '"\\\u0000\u0001\t\r\n\u007f\u2028</script>',
    value: { text: '"\\\u0000\u0001\t\r\n\u007f\u2028</script>' },
  },
  { rule: "a space is a message", type: "text/plain", body: " ", value: { text: " " } },
];

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

    test.each(KINDS)("$rule", async ({ type, body, value }) => {
      const topic = fresh("kind");
      const headers: Record<string, string> = type === undefined ? {} : { "Content-Type": type };
      const answer = await client.publish(cache, topic, body, { headers });
      expect(answer).toMatchObject({ status: 204, body: "" });
      const [entry] = await client.read(cache, topic);
      expect(entry).toEqual({ item: { topic_sequence_number: 1, value } });
    });

    // Seed: "Status code: 204 No Content. The message was successfully published to the provided topic".
    test("the answer is 204 No Content, without a body", async () => {
      const line = `POST ${topicPath(cache, fresh("plain"))}`;
      const answer = await rawHttp(client.url, rawRequest(line, [`Authorization: ${client.adminToken}`], "hi"));
      expect(answer).toMatchObject({ status: 204, reason: "No Content", body: "" });
    });

    // Issue: "Topic-Sequence-Number and Topic-Sequence-Page of the answer are what the message got".
    test("the answer tells the number and the page that the message got", async () => {
      const topic = fresh("told");
      const answers = [await client.publish(cache, topic, "a"), await client.publish(cache, topic, "b")];
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
      const answers = await Promise.all(upTo(100).map((index) => client.publish(cache, topic, `m${index}`)));
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

    test.each(NAMES.map((name) => ({ name })))("the topic name $name is kept as it is", async ({ name }) => {
      const own = await client.makeCache();
      expect((await client.publish(own, name, "hi")).status).toBe(204);
      expect(texts(await client.read(own, name))).toEqual(["hi"]);
      expect((await client.topicRows(own)).map((row) => row.name)).toEqual([name]);
    });

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
      expect((await client.send("POST", path, { headers: form, body: "hello world!" })).status).toBe(204);
      const both = entries(await client.subscribe(cache, topic, "sequence_number=0"));
      expect(texts(both)).toEqual(["hello world!", "hello world!"]);
    });
  });
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}
