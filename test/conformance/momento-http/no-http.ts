// What is no HTTP: refused by the parser below the API, never taken for a publish, and the server goes on.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp } from "../../support/raw-http.ts";
import { type Client, fresh, topicPath } from "./client.ts";

type Row = {
  readonly rule: string;
  /** PATH is that of a topic of its own; absent: a good line. */
  readonly line?: string;
  /** Beside Host and Authorization; absent: the right length. */
  readonly headers?: string;
  /** Absent: two letters. */
  readonly body?: string;
};

const ROWS: readonly Row[] = [
  { rule: "a lower-case method", line: "post PATH HTTP/1.1" },
  { rule: "an unknown method", line: "SHOUT PATH HTTP/1.1" },
  { rule: "no method", line: " PATH HTTP/1.1" },
  { rule: "another version", line: "POST PATH HTTP/3.7" },
  { rule: "no version", line: "POST PATH" },
  { rule: "a huge path", line: `POST PATH${"x".repeat(100_000)} HTTP/1.1` },
  { rule: "a negative length", headers: "Content-Length: -2" },
  { rule: "a length that is a word", headers: "Content-Length: two" },
  { rule: "two lengths", headers: "Content-Length: 2\r\nContent-Length: 1" },
  {
    rule: "a length and chunks",
    headers: "Content-Length: 2\r\nTransfer-Encoding: chunked",
    body: "2\r\nhi\r\n0\r\n\r\n",
  },
  {
    rule: "a chunk whose size is a word",
    headers: "Transfer-Encoding: chunked",
    body: "zz\r\nhi\r\n0\r\n\r\n",
  },
  { rule: "a header without a colon", headers: "Content-Length: 2\r\nX" },
  { rule: "a space before the colon", headers: "Content-Length : 2" },
  { rule: "NUL in a header", headers: "X: a\0b\r\nContent-Length: 2" },
  { rule: "a huge header", headers: `X: ${"x".repeat(100_000)}\r\nContent-Length: 2` },
];

const GREETINGS = [
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "hello\r\n\r\n",
  "\x16\x03\x01\x00\x05hello\r\n\r\n",
];

// Of the server below the API; the API itself has no 431, 501 and 505.
const REFUSALS = [400, 404, 431, 501, 505];

export function noHttpRules(client: Client): void {
  describe("what is no HTTP", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    async function expectRefused(request: string): Promise<void> {
      const answer = await rawHttp(client.url, Buffer.from(request, "latin1"));
      if (answer !== "closed") expect(answer.status).toBeOneOf(REFUSALS);
      if (answer !== "closed") expect(answer.body).not.toContain(client.adminToken);
      expect((await client.send("GET", "/health")).status).toBe(200);
    }

    test.each(ROWS)("$rule stores nothing", async (row) => {
      const { line = "POST PATH HTTP/1.1", headers = "Content-Length: 2", body = "hi" } = row;
      const first = line.replace("PATH", topicPath(cache, fresh("nothing")));
      const head = [first, "Host: x", `Authorization: ${client.adminToken}`, headers, "", body];
      await expectRefused(head.join("\r\n"));
      expect(await client.topicRows(cache)).toEqual([]);
    });

    test.each(GREETINGS.map((greeting) => ({ greeting })))(
      "$greeting is refused",
      async ({ greeting }) => {
        await expectRefused(greeting);
      },
    );
  });
}
