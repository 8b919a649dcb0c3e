// Bodies of a publish that are refused; nothing is stored.

import { beforeAll, describe, expect, test } from "bun:test";
import { openRaw, rawHttp, rawRequest } from "../../support/raw-http.ts";
import { texts } from "./answers.ts";
import { type Client, fresh, topicPath } from "./client.ts";
import { BAD_REQUEST, expectError, limitExceeded } from "./expect-error.ts";

const NOT_UTF8 = [
  { rule: "a byte that never occurs", bytes: [0x68, 0xff, 0x69] },
  { rule: "a cut letter", bytes: [0xe2, 0x82] },
  { rule: "a byte that goes on from nothing", bytes: [0x80] },
  { rule: "a slash in two bytes", bytes: [0xc0, 0xaf] },
  { rule: "half a surrogate pair", bytes: [0xed, 0xa0, 0x80] },
  { rule: "beyond Unicode", bytes: [0xf4, 0x90, 0x80, 0x80] },
  { rule: "UTF-16 with a byte order mark", bytes: [0xff, 0xfe, 0x68, 0x00] },
];

const TEXT_TYPES = [
  "text/plain",
  "application/json",
  "application/x-www-form-urlencoded",
  "text/html",
];

const BAD_HEADERS: readonly { readonly rule: string; readonly headers: Record<string, string> }[] =
  [
    { rule: "charset latin1", headers: { "Content-Type": "text/plain; charset=iso-8859-1" } },
    { rule: "charset UTF-16", headers: { "Content-Type": 'text/plain; charset="utf-16"' } },
    { rule: "an unknown charset", headers: { "Content-Type": "text/plain;charset=x" } },
    {
      rule: "JSON in another charset",
      headers: { "Content-Type": "application/json; charset=latin1" },
    },
    { rule: "gzip", headers: { "Content-Type": "text/plain", "Content-Encoding": "gzip" } },
    {
      rule: "brotli",
      headers: { "Content-Type": "application/octet-stream", "Content-Encoding": "br" },
    },
    { rule: "an unknown encoding", headers: { "Content-Encoding": "x" } },
  ];

const TYPES = [
  "text/plain",
  "application/octet-stream",
  "application/json",
  "application/x-www-form-urlencoded",
];

export function badBodyRules(client: Client): void {
  const TOO_LARGE = limitExceeded("item_size_limit_exceeded");

  describe("bad bodies", () => {
    let cache = "";
    let topic = "";
    beforeAll(async () => {
      cache = await client.makeCache();
      topic = fresh("stays empty");
    });

    async function expectNothingStored(): Promise<void> {
      expect(await client.read(cache, topic)).toEqual([]);
      expect(await client.topicRow(cache, topic)).toBeUndefined();
    }

    test.each(NOT_UTF8)("text that is not UTF-8 ($rule) is 400", async ({ bytes }) => {
      for (const type of TEXT_TYPES) {
        const headers = { "Content-Type": type };
        expectError(
          await client.publish(cache, topic, Uint8Array.from(bytes), { headers }),
          BAD_REQUEST,
        );
      }
      await expectNothingStored();
    });

    test.each(TYPES.map((type) => ({ type })))(
      "an empty body of $type is 400",
      async ({ type }) => {
        const headers = { "Content-Type": type };
        expectError(
          await client.send("POST", topicPath(cache, topic), { headers, body: "" }),
          BAD_REQUEST,
        );
        await expectNothingStored();
      },
    );

    test("no body and no type at all is 400", async () => {
      expectError(await client.send("POST", topicPath(cache, topic)), BAD_REQUEST);
      await expectNothingStored();
    });

    test.each(BAD_HEADERS)("$rule is 400", async ({ headers }) => {
      expectError(await client.publish(cache, topic, "hello", { headers }), BAD_REQUEST);
      await expectNothingStored();
    });

    test("Content-Encoding: identity is no encoding", async () => {
      const headers = { "Content-Type": "text/plain", "Content-Encoding": "identity" };
      const own = fresh("identity");
      expect((await client.publish(cache, own, "hello", { headers })).status).toBe(204);
    });

    test.each(TYPES.map((type) => ({ type })))(
      "the greatest message of $type is stored whole",
      async ({ type }) => {
        const size = client.startedWith.topics.message_bytes_max;
        const own = fresh("greatest");
        const answer = await client.publish(cache, own, "x".repeat(size), {
          headers: { "Content-Type": type },
        });
        expect(answer.status).toBe(204);
        const [entry] = await client.read(cache, own);
        const { text, binary = "" } = entry?.item?.value ?? {};
        expect(text?.length ?? Buffer.from(binary, "base64").length).toBe(size);
      },
    );

    // Promised: "a message over the size limit is 429 with its cause".
    test.each([
      { rule: "one byte over the limit", bytes: (limit: number) => limit + 1 },
      { rule: "twice the limit", bytes: (limit: number) => limit * 2 },
      { rule: "sixteen times the limit", bytes: (limit: number) => limit * 16 },
    ])("$rule is 429", async ({ bytes }) => {
      const body = new Uint8Array(bytes(client.startedWith.topics.message_bytes_max)).fill(0x78);
      const answer = await client.publish(cache, topic, body);
      expectError(answer, TOO_LARGE, [client.adminToken]);
      await expectNothingStored();
    });

    test("letters count by their bytes", async () => {
      const letters = "é".repeat(client.startedWith.topics.message_bytes_max / 2 + 1);
      expectError(await client.publish(cache, topic, letters), TOO_LARGE);
      await expectNothingStored();
    });

    test.each(["99999999999", "9007199254740991"].map((length) => ({ length })))(
      "an announced body of $length bytes is 429 before it comes",
      async ({ length }) => {
        using connection = await openRaw(client.url);
        const headers = [
          `Authorization: ${client.adminToken}`,
          "Content-Type: text/plain",
          `Content-Length: ${length}`,
        ];
        connection.write(rawRequest(`POST ${topicPath(cache, topic)}`, headers));
        const answer = await connection.answer();
        if (answer === "closed") throw new Error("the server hung up");
        expectError(answer, TOO_LARGE, [client.adminToken]);
        await expectNothingStored();
      },
    );

    test("a chunked body over the limit is 429", async () => {
      const size = client.startedWith.topics.message_bytes_max + 1;
      const head = rawRequest(`POST ${topicPath(cache, topic)}`, [
        `Authorization: ${client.adminToken}`,
        "Transfer-Encoding: chunked",
      ]);
      const answer = await rawHttp(
        client.url,
        `${head}${size.toString(16)}\r\n${"x".repeat(size)}\r\n0\r\n\r\n`,
      );
      if (answer === "closed") throw new Error("the server hung up");
      expectError(answer, TOO_LARGE, [client.adminToken]);
      await expectNothingStored();
    });

    test("a body of two megabytes is no cache and no token either", async () => {
      const body = JSON.stringify({ retention: {}, padding: "x".repeat(2_000_000) });
      expect((await client.send("PUT", "/caches/padded", { body })).status).toBeOneOf([400, 429]);
      expect((await client.send("POST", "/tokens", { body })).status).toBeOneOf([400, 429]);
      expect((await client.send("GET", "/caches/padded")).status).toBe(404);
    });

    test("a body that ends before its Content-Length is not stored", async () => {
      const connection = await openRaw(client.url);
      const headers = [
        `Authorization: ${client.adminToken}`,
        "Content-Type: text/plain",
        "Content-Length: 100",
      ];
      connection.write(`${rawRequest(`POST ${topicPath(cache, topic)}`, headers)}only this`);
      // The next request is answered after the server has seen what came before it.
      await client.publishAll(cache, "other", ["x"]);
      connection[Symbol.dispose]();
      await expectNothingStored();
    });

    test("what comes after Content-Length is no part of the message", async () => {
      const own = fresh("cut");
      const headers = [
        `Authorization: ${client.adminToken}`,
        "Content-Type: text/plain",
        "Content-Length: 5",
      ];
      const head = rawRequest(`POST ${topicPath(cache, own)}`, headers);
      // What follows is no request, and its 400 may come before the answer to the publish.
      const answer = await rawHttp(client.url, `${head}hello world\r\n\r\n`);
      expect(answer === "closed" ? 400 : answer.status).toBeOneOf([204, 400]);
      const stored = texts(await client.read(cache, own));
      expect(stored).toEqual(["hello"].slice(0, stored.length));
    });
  });
}
