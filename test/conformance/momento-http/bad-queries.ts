// Queries of a poll that are refused with 400, on GET and HEAD, by both editions.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { outline } from "./answers.ts";
import { type Client, topicPath } from "./client.ts";
import { BAD_REQUEST, expectError } from "./expect-error.ts";

// What neither a number nor a page may be.
const BAD_NUMBERS = [
  "-1",
  "%2D1",
  "+1",
  "%2B1",
  "1e3",
  "1E3",
  "0x10",
  "0b1",
  "1.0",
  "1.",
  ".5",
  "1_000",
  "1,000",
  "1n",
  " 1",
  "1%20",
  "%0A1",
  "NaN",
  "Infinity",
  "null",
  "true",
  "x",
  "",
  "%00",
  "%D9%A3",
  "%EF%BC%91",
  "9007199254740992",
  "18446744073709551616",
  "99999999999999999999",
  "9".repeat(400),
];

const BAD_TIMEOUTS = ["-1", "+1", "1.5", "1e1", "0x1", "x", "", "%20", "NaN", "1s", "%D9%A3"];

const BAD_QUERIES = [
  { query: "sequence_number=1&sequence_number=2" },
  { query: "sequence_number=1&sequence_number=1" },
  { query: "sequence_number=1&sequence_number=" },
  { query: "sequence_page=0&sequence_page=0" },
  { query: "timeout=1&timeout=1" },
  { query: "sequence_number" },
  { query: "sequence_page" },
  { query: "timeout" },
  { query: "sequence%5Fnumber=x" },
  { query: "sequence_number=%zz" },
  { query: "sequence_number=%" },
  { query: "sequence_number=%E0%A4%A" },
  { query: "timeout=%zz" },
];

export function badQueryRules(client: Client): void {
  describe("bad queries", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
      await client.publishAll(cache, "t", ["x"]);
    });

    /** Over a socket, since fetch would mend some of them. */
    async function expectBadRequest(query: string): Promise<void> {
      const authorization = [`Authorization: ${client.adminToken}`];
      const target = `${topicPath(cache, "t")}?${query}`;
      const get = await rawHttp(client.url, rawRequest(`GET ${target}`, authorization));
      if (get === "closed") throw new Error("the server hung up");
      expectError(get, BAD_REQUEST, [client.adminToken]);
      const head = await rawHttp(client.url, rawRequest(`HEAD ${target}`, authorization));
      expect(head).toMatchObject({ status: 400, body: "" });
    }

    test.each(BAD_NUMBERS.map((value) => ({ value: value.replaceAll(" ", "%20") })))(
      "sequence_number=$value",
      async ({ value }) => {
        await expectBadRequest(`sequence_number=${value}`);
        await expectBadRequest(`sequence_number=${value}&sequence_page=0`);
        await expectBadRequest(`sequence_number=${value}&timeout=0`);
      },
    );

    test.each(BAD_NUMBERS.map((value) => ({ value: value.replaceAll(" ", "%20") })))(
      "sequence_page=$value",
      async ({ value }) => {
        await expectBadRequest(`sequence_page=${value}`);
        await expectBadRequest(`sequence_number=1&sequence_page=${value}`);
      },
    );

    test.each(BAD_TIMEOUTS.map((value) => ({ value })))("timeout=$value", async ({ value }) => {
      await expectBadRequest(`timeout=${value}`);
      await expectBadRequest(`sequence_number=0&timeout=${value}`);
    });

    test.each(BAD_QUERIES)("?$query", async ({ query }) => {
      await expectBadRequest(query);
    });

    test("the greatest number that is exact in JavaScript is accepted, as number and as page", async () => {
      const greatest = Number.MAX_SAFE_INTEGER;
      const list = await client.read(
        cache,
        "t",
        `sequence_number=${greatest}&sequence_page=${greatest}`,
      );
      expect(outline(list)).toEqual([`${greatest - 1} → 1`, 1]);
    });

    test("none of them left a waiter", async () => {
      expect(await client.waiters(cache)).toBe(0);
    });
  });
}
