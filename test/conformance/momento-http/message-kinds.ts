// What is stored for each kind of body: text, binary, and what curl and programs send without saying either.

import { beforeAll, describe, expect, test } from "bun:test";
import { type Client, fresh } from "./client.ts";

type Kind = {
  readonly rule: string;
  readonly type: string | undefined;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly value: { readonly text: string } | { readonly binary: string };
};

// Seed: "To publish plain text data (UTF-8), specify `text/plain`. To publish binary data, specify
// `application/octet-stream`". Promised: "curl's default form type and application/json are verbatim text".
const KINDS: readonly Kind[] = [
  {
    rule: "text/plain is text",
    type: "text/plain",
    body: "hello world",
    value: { text: "hello world" },
  },
  {
    rule: "a UTF-8 charset changes nothing",
    type: "text/plain; charset=utf-8",
    body: "é",
    value: { text: "é" },
  },
  {
    rule: "types and charsets have no case",
    type: 'TEXT/Plain;Charset="UTF-8"',
    body: "日本",
    value: { text: "日本" },
  },
  {
    rule: "octet-stream is binary",
    type: "application/octet-stream",
    body: "hello",
    value: { binary: "aGVsbG8=" },
  },
  {
    rule: "octet-stream has no case",
    type: "Application/Octet-Stream",
    body: "hi",
    value: { binary: "aGk=" },
  },
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
    value: {
      binary: Buffer.from(Array.from({ length: 256 }, (_, index) => index)).toString("base64"),
    },
  },
  {
    rule: "JSON is verbatim text",
    type: "application/json",
    body: ' {"a": 1}\n',
    value: { text: ' {"a": 1}\n' },
  },
  {
    rule: "broken JSON is verbatim text",
    type: "application/json",
    body: '{"a"',
    value: { text: '{"a"' },
  },
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
  {
    rule: "any other type is text",
    type: "application/xml",
    body: "<a>ü</a>",
    value: { text: "<a>ü</a>" },
  },
  {
    rule: "UTF-8 without a type is text",
    type: undefined,
    body: "grüße 😀",
    value: { text: "grüße 😀" },
  },
  {
    rule: "other bytes without a type are binary",
    type: undefined,
    body: bytes(0xff, 0x00),
    value: { binary: "/wA=" },
  },
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

export function messageKindRules(client: Client): void {
  describe("kinds of messages", () => {
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
  });
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}
