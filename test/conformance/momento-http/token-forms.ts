// In which forms and places a token is accepted; never in two places at once.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { type Client, fresh, topicPath } from "./client.ts";
import { BAD_REQUEST, BOTH_TOKENS, expectError } from "./expect-error.ts";
import { awkwardKeyForm, bareJwt, keyForm } from "./tokens.ts";

// Promised: "Accept the base64 {endpoint, api_key} key form whole, its inner JWT, a bare JWT, with or
// without Bearer, in the header or in ?token= (also when its +, /, = were not encoded)."
const FORMS: readonly { readonly form: string; readonly make: (jwt: string) => string }[] = [
  { form: "the key form", make: keyForm },
  { form: "the bare JWT", make: (jwt) => jwt },
  { form: "a key form with + and /", make: awkwardKeyForm },
  { form: "a key form without padding", make: (jwt) => awkwardKeyForm(jwt).replaceAll("=", "") },
  {
    form: "an URL-safe key form",
    make: (jwt) => Buffer.from(awkwardKeyForm(jwt), "base64").toString("base64url"),
  },
  {
    form: "an URL-safe key form with padding",
    make: (jwt) => awkwardKeyForm(jwt).replaceAll("+", "-").replaceAll("/", "_"),
  },
];

const SCHEMES = ["", "Bearer ", "bearer ", "BEARER "];

export function tokenFormRules(client: Client): void {
  describe("token forms", () => {
    let cache = "";
    let topic = "";
    let jwt = "";
    beforeAll(async () => {
      cache = await client.makeCache();
      topic = fresh("t");
      await client.publishAll(cache, topic, ["hi"]);
      jwt = bareJwt(await client.token([{ cache, topic: "*", role: "both" }]));
    });

    describe.each(FORMS)("$form", ({ make }) => {
      test.each(SCHEMES.map((scheme) => ({ scheme })))(
        "in the header after '$scheme'",
        async ({ scheme }) => {
          const token = `${scheme}${make(jwt)}`;
          expect((await client.subscribe(cache, topic, "", { token })).status).toBe(200);
          expect((await client.publish(cache, fresh("p"), "hi", { token })).status).toBe(204);
        },
      );

      test("in the query, encoded", async () => {
        const query = `token=${encodeURIComponent(make(jwt))}`;
        expect((await client.subscribe(cache, topic, query, { token: null })).status).toBe(200);
      });

      test("in the query, not encoded", async () => {
        const line = `GET ${topicPath(cache, topic)}?timeout=0&token=${make(jwt)}&sequence_number=0`;
        expect(await rawHttp(client.url, rawRequest(line))).toMatchObject({ status: 200 });
      });
    });

    test("the admin token is accepted bare and as a key alike", async () => {
      for (const token of [bareJwt(client.adminToken), keyForm(bareJwt(client.adminToken))]) {
        expect((await client.send("GET", "/caches", { token })).status).toBe(200);
      }
    });

    // Seed: "If both the header and query parameter are provided, the request will fail with a 400
    // Bad Request indicating only one value must be set".
    test.each([
      { rule: "publish", method: "POST", at: (path: string) => path },
      { rule: "subscribe", method: "GET", at: (path: string) => path },
      { rule: "an unknown cache", method: "GET", at: () => topicPath("unknown", "t") },
      { rule: "listing caches", method: "GET", at: () => "/caches" },
      { rule: "minting", method: "POST", at: () => "/tokens" },
    ])("header and query both: 400 that only one may be set ($rule)", async ({ method, at }) => {
      for (const other of [jwt, "garbage"]) {
        const path = `${at(topicPath(cache, topic))}?token=${encodeURIComponent(other)}`;
        const body = method === "POST" ? { body: "hi" } : {};
        const answer = await client.send(method, path, { token: jwt, ...body });
        expectError(answer, BOTH_TOKENS, [jwt]);
      }
      expect(await client.topicRow(cache, topic)).toMatchObject({ last_sequence_number: 1 });
    });

    test("two tokens in the query are 400", async () => {
      const query = `token=${jwt}&token=${jwt}`;
      expectError(await client.subscribe(cache, topic, query, { token: null }), BAD_REQUEST, [jwt]);
    });

    test("two Authorization headers are 401", async () => {
      const headers = [`Authorization: ${jwt}`, `Authorization: ${jwt}`];
      const answer = await rawHttp(
        client.url,
        rawRequest(`GET ${topicPath(cache, topic)}`, headers),
      );
      expect(answer).toMatchObject({ status: 401 });
    });
  });
}
