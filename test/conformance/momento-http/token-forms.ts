// In which forms and places a token is accepted, and which ones are refused.

import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { until } from "../../support/until.ts";
import { type Client, fresh, topicPath } from "./client.ts";
import { BOTH_TOKENS, BAD_REQUEST, expectError, UNAUTHENTICATED } from "./expect-error.ts";
import { awkwardKeyForm, bareJwt, keyForm, parseJwt, renderJwt } from "./tokens.ts";

// Issue: "Accept the base64 {endpoint, api_key} key form whole, its inner JWT, a bare JWT, with or
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

// Each makes a bad token out of a good JWT.
const BAD_TOKENS: readonly { readonly rule: string; readonly make: (jwt: string) => string }[] = [
  { rule: "a word", make: () => "garbage" },
  { rule: "three words", make: () => "a.b.c" },
  { rule: "dots", make: () => ".." },
  { rule: "a scheme alone", make: () => "Bearer" },
  { rule: "another scheme", make: (jwt) => `Basic ${jwt}` },
  { rule: "two tokens", make: (jwt) => `${jwt} ${jwt}` },
  { rule: "a JWT without its signature", make: (jwt) => jwt.slice(0, jwt.lastIndexOf(".") + 1) },
  { rule: "a JWT with half its signature", make: (jwt) => jwt.slice(0, -20) },
  { rule: "a JWT with four parts", make: (jwt) => `${jwt}.x` },
  { rule: "a JWT with a changed signature", make: (jwt) => withSignature(jwt, flip(parseJwt(jwt).signature)) },
  { rule: "a JWT that made itself admin", make: forgeAdmin },
  { rule: "a JWT that prolonged itself", make: (jwt) => withPayload(jwt, { exp: 4102444800 }) },
  { rule: "alg none", make: (jwt) => renderJwt({ ...parseJwt(jwt), header: { alg: "none" }, signature: "" }) },
  { rule: "alg None with the old signature", make: (jwt) => withHeader(jwt, { alg: "None" }) },
  { rule: "another algorithm", make: (jwt) => withHeader(jwt, { alg: "HS512" }) },
  { rule: "an unknown key", make: (jwt) => withHeader(jwt, { kid: "unknown" }) },
  { rule: "a JWT signed with an empty secret", make: (jwt) => signWith(jwt, "") },
  { rule: "a JWT signed with its own kid", make: (jwt) => signWith(jwt, String(header(jwt)["kid"])) },
  { rule: "a key form with a bad JWT", make: (jwt) => keyForm(withSignature(jwt, flip(parseJwt(jwt).signature))) },
  { rule: "a key form without api_key", make: () => base64('{"endpoint":"a"}') },
  { rule: "a key form whose api_key is a number", make: () => base64('{"endpoint":"a","api_key":5}') },
  { rule: "a key form of a key form", make: (jwt) => keyForm(keyForm(jwt)) },
  { rule: "base64 of no JSON", make: () => base64("hello world") },
  { rule: "base64 of null", make: () => base64("null") },
  { rule: "base64 of a list", make: () => base64("[]") },
  { rule: "base64 of bytes that are no text", make: () => Buffer.from([0xff, 0xfe, 0x80]).toString("base64") },
  { rule: "a long word", make: () => "x".repeat(8000) },
];

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
      test.each(SCHEMES.map((scheme) => ({ scheme })))("in the header after '$scheme'", async ({ scheme }) => {
        const token = `${scheme}${make(jwt)}`;
        expect((await client.subscribe(cache, topic, "", { token })).status).toBe(200);
        expect((await client.publish(cache, fresh("p"), "hi", { token })).status).toBe(204);
      });

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
      const answer = await rawHttp(client.url, rawRequest(`GET ${topicPath(cache, topic)}`, headers));
      expect(answer).toMatchObject({ status: 401 });
    });

    // Seed: "Status code: 401 Unauthorized. … the Momento auth token passed in is either invalid or expired."
    test("no token is 401", async () => {
      expectError(await client.publish(cache, topic, "hi", { token: null }), UNAUTHENTICATED);
      expectError(await client.subscribe(cache, topic, "", { token: null }), UNAUTHENTICATED);
      expectError(await client.subscribe(cache, topic, "", { token: "" }), UNAUTHENTICATED);
      expectError(await client.subscribe(cache, topic, "token=", { token: null }), UNAUTHENTICATED);
    });

    test.each(BAD_TOKENS)("$rule is 401, in the header and in the query", async ({ make }) => {
      const token = make(jwt);
      const query = `token=${encodeURIComponent(token)}`;
      const secrets = [token, jwt];
      expectError(await client.subscribe(cache, topic, "", { token }), UNAUTHENTICATED, secrets);
      expectError(await client.subscribe(cache, topic, query, { token: null }), UNAUTHENTICATED, secrets);
      expectError(await client.publish(cache, topic, "hi", { token }), UNAUTHENTICATED, secrets);
      expectError(await client.send("GET", "/caches", { token }), UNAUTHENTICATED, secrets);
      expect((await client.topicRow(cache, topic))?.last_sequence_number).toBe(1);
    });

    test("an expired token is 401 for everything, and its waiting poll ends with 401", async () => {
      const token = await client.token([{ cache, topic: "*", role: "both" }], { expires_in_seconds: 2 });
      const poll = client.subscribe(cache, "nothing here", "", { token });
      await client.untilWaiters(cache, 1);
      expectError(await poll, UNAUTHENTICATED, [token]);
      await client.untilWaiters(cache, 0);
      await until("the token has expired", async () => {
        const { status } = await client.subscribe(cache, topic, "", { token });
        return status === 401;
      });
      expectError(await client.publish(cache, topic, "hi", { token }), UNAUTHENTICATED, [token]);
    });
  });
}

function header(jwt: string): Record<string, unknown> {
  return { ...parseJwt(jwt).header };
}

function withHeader(jwt: string, change: object): string {
  return renderJwt({ ...parseJwt(jwt), header: { ...header(jwt), ...change } });
}

function withPayload(jwt: string, change: object): string {
  const parsed = parseJwt(jwt);
  return renderJwt({ ...parsed, payload: { ...parsed.payload, ...change } });
}

function withSignature(jwt: string, signature: string): string {
  return renderJwt({ ...parseJwt(jwt), signature });
}

function forgeAdmin(jwt: string): string {
  return withPayload(jwt, { millrace: { admin: true } });
}

function signWith(jwt: string, secret: string): string {
  const signed = jwt.slice(0, jwt.lastIndexOf("."));
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

function flip(signature: string): string {
  return `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
