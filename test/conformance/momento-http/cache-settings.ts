// What the body of PUT /caches/{name} may not be; a refused one changes nothing.

import { beforeAll, describe, expect, test } from "bun:test";
import { type Client, cachePath, fresh } from "./client.ts";
import { BAD_REQUEST, expectError, NO_CACHE } from "./expect-error.ts";

const BAD_BODIES: readonly { readonly body: string }[] = [
  { body: "{" },
  { body: "hello" },
  { body: "[]" },
  { body: '"text"' },
  { body: "5" },
  { body: '{"retention":5}' },
  { body: '{"retention":[]}' },
  { body: '{"retention":{"seconds":-1}}' },
  { body: '{"retention":{"seconds":1.5}}' },
  { body: '{"retention":{"seconds":"60"}}' },
  { body: '{"retention":{"seconds":true}}' },
  { body: '{"retention":{"bytes":1e300}}' },
  { body: '{"retention":{"topic_items":{}}}' },
  { body: '{"limits":"none"}' },
  { body: '{"limits":{"topics":-1}}' },
  { body: '{"limits":{"stored_bytes":0.5}}' },
  { body: '{"limits":{"publishes_per_second":"1"}}' },
  { body: '{"limits":{"bytes_per_second":[]}}' },
  { body: '{"limits":{"waiters":9007199254740992}}' },
];

export function cacheSettingRules(client: Client): void {
  describe("cache settings", () => {
    let cache = "";
    let shown = "";
    beforeAll(async () => {
      cache = await client.makeCache({ retention: { seconds: 60 } });
      shown = (await client.send("GET", cachePath(cache))).body;
    });

    test.each(BAD_BODIES)(
      "the body $body is 400, makes no cache and changes none",
      async ({ body }) => {
        const unborn = fresh("unborn");
        const options = { headers: { "Content-Type": "application/json" }, body };
        expectError(await client.send("PUT", cachePath(unborn), options), BAD_REQUEST);
        expectError(await client.send("GET", cachePath(unborn)), NO_CACHE);
        expectError(await client.send("PUT", cachePath(cache), options), BAD_REQUEST);
        expect((await client.send("GET", cachePath(cache))).body).toBe(shown);
      },
    );

    test.each([
      { type: "application/json" },
      { type: "text/plain" },
      { type: "application/x-www-form-urlencoded" },
    ])(
      "a JSON body is understood under the type $type, which curl may have chosen",
      async ({ type }) => {
        const options = {
          headers: { "Content-Type": type },
          body: '{"retention":{"topic_items":7}}',
        };
        const answer = await client.send("PUT", cachePath(fresh("typed")), options);
        expect(answer.status).toBe(201);
        expect(JSON.parse(answer.body).retention.topic_items).toBe(7);
      },
    );
  });
}
