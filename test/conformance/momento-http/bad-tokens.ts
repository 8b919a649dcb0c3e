// Tokens that are refused with 401: none, malformed, forged, expired.

import { beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { until } from "../../support/until.ts";
import { type Client, fresh } from "./client.ts";
import { expectError, UNAUTHENTICATED } from "./expect-error.ts";
import { bareJwt, keyForm, parseJwt, renderJwt } from "./tokens.ts";

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
  {
    rule: "a JWT with a changed signature",
    make: (jwt) => withSignature(jwt, flip(parseJwt(jwt).signature)),
  },
  { rule: "a JWT that made itself admin", make: forgeAdmin },
  { rule: "a JWT that prolonged itself", make: (jwt) => withPayload(jwt, { exp: 4102444800 }) },
  {
    rule: "alg none",
    make: (jwt) => renderJwt({ ...parseJwt(jwt), header: { alg: "none" }, signature: "" }),
  },
  { rule: "alg None with the old signature", make: (jwt) => withHeader(jwt, { alg: "None" }) },
  { rule: "another algorithm", make: (jwt) => withHeader(jwt, { alg: "HS512" }) },
  { rule: "an unknown key", make: (jwt) => withHeader(jwt, { kid: "unknown" }) },
  { rule: "a JWT signed with an empty secret", make: (jwt) => signWith(jwt, "") },
  {
    rule: "a JWT signed with its own kid",
    make: (jwt) => signWith(jwt, String(header(jwt).kid)),
  },
  {
    rule: "a key form with a bad JWT",
    make: (jwt) => keyForm(withSignature(jwt, flip(parseJwt(jwt).signature))),
  },
  { rule: "a key form without api_key", make: () => base64('{"endpoint":"a"}') },
  {
    rule: "a key form whose api_key is a number",
    make: () => base64('{"endpoint":"a","api_key":5}'),
  },
  { rule: "base64 of no JSON", make: () => base64("hello world") },
  { rule: "base64 of null", make: () => base64("null") },
  { rule: "base64 of a list", make: () => base64("[]") },
  {
    rule: "base64 of bytes that are no text",
    make: () => Buffer.from([0xff, 0xfe, 0x80]).toString("base64"),
  },
  { rule: "a long word", make: () => "x".repeat(8000) },
];

export function badTokenRules(client: Client): void {
  describe("bad tokens", () => {
    let cache = "";
    let topic = "";
    let jwt = "";
    beforeAll(async () => {
      cache = await client.makeCache();
      topic = fresh("t");
      await client.publishAll(cache, topic, ["hi"]);
      jwt = bareJwt(await client.token([{ cache, topic: "*", role: "both" }]));
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
      expectError(
        await client.subscribe(cache, topic, query, { token: null }),
        UNAUTHENTICATED,
        secrets,
      );
      expectError(await client.publish(cache, topic, "hi", { token }), UNAUTHENTICATED, secrets);
      expectError(await client.send("GET", "/caches", { token }), UNAUTHENTICATED, secrets);
      expect((await client.topicRow(cache, topic))?.last_sequence_number).toBe(1);
    });

    test("an expired token is 401 for everything, and its waiting poll ends with 401", async () => {
      const { token, poll } = await waitingPoll(client, cache);
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

/** By a token that expires within seconds: on a slow machine it may be the poll that comes too late. */
async function waitingPoll(client: Client, cache: string) {
  return await until("a poll that waits", async () => {
    const expiry = { expires_in_seconds: 2 };
    const token = await client.token([{ cache, topic: "*", role: "both" }], expiry);
    const poll = client.subscribe(cache, "nothing here", "", { token });
    let isOver = false;
    void poll.then(() => (isOver = true));
    while (!isOver) if ((await client.waiters(cache)) === 1) return { token, poll };
    return undefined;
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
