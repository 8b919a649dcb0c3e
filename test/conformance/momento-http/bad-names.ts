// Names of caches and topics that are refused, wherever they stand; nothing comes into being by them.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import type { Answer } from "./answers.ts";
import { type Client, fresh } from "./client.ts";
import { BAD_REQUEST, expectError } from "./expect-error.ts";

// As they stand in the path, before any decoding.
const BAD_NAMES = [
  { rule: "a percent alone", name: "%" },
  { rule: "a percent at the end", name: "a%" },
  { rule: "a percent and one digit", name: "a%4" },
  { rule: "a percent without digits", name: "%zz" },
  { rule: "UTF-8 that ends early", name: "%E0%A4%A" },
  { rule: "UTF-8 that is cut", name: "%E0%A4" },
  { rule: "a byte that is no UTF-8", name: "%FF" },
  { rule: "a byte that goes on from nothing", name: "%80" },
  { rule: "a slash in two bytes", name: "%C0%AF" },
  { rule: "half a surrogate pair", name: "%ED%A0%80" },
  { rule: "beyond Unicode", name: "%F4%90%80%80" },
  { rule: "NUL", name: "a%00b" },
  { rule: "a line feed", name: "a%0Ab" },
  { rule: "a tab", name: "%09" },
  { rule: "U+001F", name: "%1F" },
  { rule: "DEL", name: "%7F" },
  { rule: "U+0085", name: "%C2%85" },
  { rule: "U+009F", name: "%C2%9F" },
  { rule: "the wildcard", name: "*" },
  { rule: "the wildcard, encoded", name: "%2A" },
  { rule: "a prefix", name: "room-*" },
  { rule: "256 bytes", name: "x".repeat(256) },
  { rule: "256 bytes in 128 letters", name: "%C3%A9".repeat(128) },
  { rule: "a thousand bytes", name: "x".repeat(1000) },
];

// Servers and clients take these out of a path before anybody decides, so that they may be no path at all.
const DOTS = [".", "..", "%2E", "%2e%2E", ".%2e"];

export function badNameRules(client: Client): void {
  describe("bad names", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    async function send(method: string, path: string): Promise<Answer> {
      const body = method === "POST" ? "hi" : "";
      const authorization = [`Authorization: ${client.adminToken}`];
      const answer = await rawHttp(
        client.url,
        rawRequest(`${method} ${path}`, authorization, body),
      );
      if (answer === "closed") throw new Error(`the server hung up on ${method} ${path}`);
      return answer;
    }

    test.each(BAD_NAMES)("a topic called $rule is 400", async ({ name }) => {
      for (const method of ["POST", "GET", "DELETE"]) {
        expectError(await send(method, `/topics/${cache}/${name}`), BAD_REQUEST);
      }
      expect(await send("HEAD", `/topics/${cache}/${name}`).catch(String)).toMatchObject({
        status: 400,
      });
      expect(await client.topicRows(cache)).toEqual([]);
    });

    test.each(BAD_NAMES)("a cache called $rule is 400", async ({ name }) => {
      expectError(await send("POST", `/topics/${name}/t`), BAD_REQUEST);
      expectError(await send("GET", `/topics/${name}/t`), BAD_REQUEST);
      expectError(await send("GET", `/topics/${name}`), BAD_REQUEST);
      for (const method of ["PUT", "GET", "DELETE"]) {
        expectError(await send(method, `/caches/${name}`), BAD_REQUEST);
      }
    });

    test.each(DOTS.map((name) => ({ name })))("the name $name leads nowhere", async ({ name }) => {
      for (const path of [`/topics/${cache}/${name}`, `/topics/${name}/t`, `/caches/${name}`]) {
        expect((await send("POST", path)).status).toBeOneOf([400, 404]);
      }
      expect((await send("PUT", `/caches/${name}`)).status).toBeOneOf([400, 404]);
      expect(await client.topicRows(cache)).toEqual([]);
    });

    test("a path cannot climb into another cache", async () => {
      const other = await client.makeCache();
      const token = await client.token([{ cache, topic: "*", role: "both" }]);
      for (const up of ["..", "%2e%2e", "..%2F..", "%2e%2e%2f"]) {
        const request = rawRequest(
          `POST /topics/${cache}/${up}/${other}/t`,
          [`Authorization: ${token}`],
          "hi",
        );
        const answer = await rawHttp(client.url, request);
        expect(answer === "closed" ? 0 : answer.status).toBeOneOf([400, 403, 404]);
      }
      expect(await client.topicRows(other)).toEqual([]);
    });

    test("an encoded slash stays within the name", async () => {
      const topic = `${fresh("a")}/../b`;
      const path = `/topics/${cache}/${encodeURIComponent(topic)}`;
      expect((await send("POST", path)).status).toBe(204);
      expect((await client.topicRows(cache)).map((row) => row.name)).toEqual([topic]);
      expect((await send("DELETE", path)).status).toBe(204);
    });

    test.each([
      { rule: "a byte that is no ASCII and no UTF-8", bytes: [0xff] },
      { rule: "a backslash", bytes: [0x5c] },
      { rule: "a space", bytes: [0x20] },
      { rule: "a control character", bytes: [0x01] },
    ])("$rule in the request line stores nothing", async ({ bytes }) => {
      const text = rawRequest(
        `POST /topics/${cache}/a?b`,
        [`Authorization: ${client.adminToken}`],
        "hi",
      );
      const request = Buffer.from(text.replace("a?b", "a\u0001b"), "latin1");
      request.set(bytes, request.indexOf(1));
      const answer = await rawHttp(client.url, request);
      expect(answer === "closed" ? 400 : answer.status).toBeOneOf([400, 404, 505]);
      expect(await client.topicRows(cache)).toEqual([]);
    });
  });
}
