// POST /tokens: a token that may a part of what its caller may, for a while.

import { beforeAll, describe, expect, test } from "bun:test";
import type { Client, Permission } from "./client.ts";
import { BAD_REQUEST, expectError, FORBIDDEN, UNAUTHENTICATED } from "./expect-error.ts";
import { bareJwt, parseJwt } from "./tokens.ts";

// What a caller with the left permission gets when it asks for the right one. OWN is its cache.
const CHILDREN = [
  { has: "OWN room-* both", asks: "OWN room-1 both", status: 200 },
  { has: "OWN room-* both", asks: "OWN room-1 publish", status: 200 },
  { has: "OWN room-* both", asks: "OWN room-* subscribe", status: 200 },
  { has: "OWN room-* both", asks: "OWN room-1* both", status: 200 },
  { has: "OWN room-* both", asks: "OWN roo* both", status: 403 },
  { has: "OWN room-* both", asks: "OWN room publish", status: 403 },
  { has: "OWN room-* both", asks: "OWN * subscribe", status: 403 },
  { has: "OWN room-* both", asks: "other room-1 publish", status: 403 },
  { has: "OWN room-* both", asks: "* room-1 publish", status: 403 },
  { has: "OWN room publish", asks: "OWN room publish", status: 200 },
  { has: "OWN room publish", asks: "OWN room subscribe", status: 403 },
  { has: "OWN room publish", asks: "OWN room both", status: 403 },
  { has: "OWN room publish", asks: "OWN room* publish", status: 403 },
  { has: "OWN * subscribe", asks: "OWN anything* subscribe", status: 200 },
  { has: "OWN * subscribe", asks: "* * subscribe", status: 403 },
  { has: "* * both", asks: "* * both", status: 200 },
  { has: "* * both", asks: "OWN room publish", status: 200 },
];

const PERMISSION = { cache: "c", topic: "t", role: "both" };
const GOOD = { permissions: [PERMISSION], expires_in_seconds: 60 };

const BAD_BODIES: readonly { readonly rule: string; readonly body: unknown }[] = [
  { rule: "null", body: null },
  { rule: "a list", body: [GOOD] },
  { rule: "a text", body: "both" },
  { rule: "nothing in it", body: {} },
  { rule: "no permissions", body: { expires_in_seconds: 60 } },
  { rule: "an empty list of permissions", body: { ...GOOD, permissions: [] } },
  { rule: "permissions that are no list", body: { ...GOOD, permissions: PERMISSION } },
  { rule: "a permission that is a text", body: { ...GOOD, permissions: ["c/t"] } },
  { rule: "21 permissions", body: { ...GOOD, permissions: many(21) } },
  { rule: "the same selector twice", body: { ...GOOD, permissions: [PERMISSION, PERMISSION] } },
  {
    rule: "the same selector with two roles",
    body: { ...GOOD, permissions: [PERMISSION, { ...PERMISSION, role: "publish" }] },
  },
  { rule: "an unknown role", body: { ...GOOD, permissions: [{ ...PERMISSION, role: "admin" }] } },
  { rule: "no role", body: { ...GOOD, permissions: [{ cache: "c", topic: "t" }] } },
  { rule: "no cache", body: { ...GOOD, permissions: [{ topic: "t", role: "both" }] } },
  { rule: "no topic", body: { ...GOOD, permissions: [{ cache: "c", role: "both" }] } },
  { rule: "an empty cache", body: { ...GOOD, permissions: [{ ...PERMISSION, cache: "" }] } },
  { rule: "an empty topic", body: { ...GOOD, permissions: [{ ...PERMISSION, topic: "" }] } },
  { rule: "a number as cache", body: { ...GOOD, permissions: [{ ...PERMISSION, cache: 5 }] } },
  { rule: "a wildcard inside", body: { ...GOOD, permissions: [{ ...PERMISSION, topic: "a*b" }] } },
  { rule: "a prefix of caches", body: { ...GOOD, permissions: [{ ...PERMISSION, cache: "c*" }] } },
  {
    rule: "a name of 256 bytes",
    body: { ...GOOD, permissions: [{ ...PERMISSION, cache: "x".repeat(256) }] },
  },
  { rule: "no expiry", body: { permissions: [PERMISSION] } },
  { rule: "an expiry of 0", body: { ...GOOD, expires_in_seconds: 0 } },
  { rule: "an expiry in the past", body: { ...GOOD, expires_in_seconds: -1 } },
  { rule: "an expiry with a fraction", body: { ...GOOD, expires_in_seconds: 1.5 } },
  { rule: "an expiry in text", body: { ...GOOD, expires_in_seconds: "60" } },
  { rule: "an expiry of null", body: { ...GOOD, expires_in_seconds: null } },
  { rule: "a token id that is a number", body: { ...GOOD, token_id: 5 } },
  { rule: "an empty token id", body: { ...GOOD, token_id: "" } },
  { rule: "a token id with a line break", body: { ...GOOD, token_id: "a\nb" } },
];

export function mintingRules(client: Client): void {
  describe("minting", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    function parse(text: string): Permission {
      const [name = "", topic = "", role = ""] = text.replace("OWN", cache).split(" ");
      return { cache: name, topic, role };
    }

    // Promised: "answers {"token","endpoint","expires_at"}".
    test("the answer is a token that works, its endpoint, and when it expires", async () => {
      const before = Math.floor(Date.now() / 1000);
      const answer = await client.mint([parse("OWN t both")], { expires_in_seconds: 600 });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Content-Type")).toMatch(/^application\/json\b/);
      const minted = JSON.parse(answer.body);
      expect(Object.keys(minted)).toEqual(["token", "endpoint", "expires_at"]);
      const after = Math.ceil(Date.now() / 1000);
      expect(minted.expires_at).toBeWithin(before + 599, after + 602);
      expect(minted.endpoint).toBeString();
      expect(minted.endpoint).not.toBe("");
      expect((await client.publish(cache, "t", "hi", { token: minted.token })).status).toBe(204);
    });

    test("it is a JWT with a pinned algorithm and a kid, which expires when it is said to", async () => {
      const minted = JSON.parse((await client.mint([parse("OWN t both")])).body);
      const { header, payload } = parseJwt(bareJwt(minted.token));
      expect(header).toMatchObject({ alg: "HS256", kid: expect.any(String) });
      expect(Math.floor(Number(payload.exp))).toBe(minted.expires_at);
    });

    test("a key leads to the endpoint that the answer names", async () => {
      const minted = JSON.parse((await client.mint([parse("OWN t both")])).body);
      if (bareJwt(minted.token) === minted.token) return;
      const key = JSON.parse(Buffer.from(minted.token, "base64").toString());
      expect(key).toEqual({ endpoint: minted.endpoint, api_key: expect.any(String) });
    });

    test("two tokens of the same wish are two tokens", async () => {
      const wish = [parse("OWN t both")];
      expect(await client.token(wish)).not.toBe(await client.token(wish));
    });

    // Promised: "never more than its caller may do".
    test.each(CHILDREN)(
      "who has '$has' asks for '$asks': $status",
      async ({ has, asks, status }) => {
        const token = await client.token([parse(has)]);
        const answer = await client.mint([parse(asks)], {}, { token });
        if (status === 403) expectError(answer, FORBIDDEN, [token]);
        else expect(answer.status).toBe(status);
      },
    );

    test("one permission too much refuses the whole wish", async () => {
      const token = await client.token([parse("OWN a both")]);
      expectError(
        await client.mint([parse("OWN a both"), parse("OWN b both")], {}, { token }),
        FORBIDDEN,
      );
    });

    test("the child may what was asked for and no more", async () => {
      const parent = await client.token([parse("OWN room-* both")]);
      const child = await client.token([parse("OWN room-1 publish")], {}, { token: parent });
      expect((await client.publish(cache, "room-1", "hi", { token: child })).status).toBe(204);
      expectError(await client.publish(cache, "room-2", "hi", { token: child }), FORBIDDEN, [
        child,
      ]);
      expectError(await client.subscribe(cache, "room-1", "", { token: child }), FORBIDDEN, [
        child,
      ]);
    });

    test("the child does not outlive its parent", async () => {
      const wish = [parse("OWN t both")];
      const parent = JSON.parse((await client.mint(wish, { expires_in_seconds: 60 })).body);
      const options = { token: parent.token };
      const child = JSON.parse(
        (await client.mint(wish, { expires_in_seconds: 600 }, options)).body,
      );
      expect(child.expires_at).toBe(parent.expires_at);
    });

    // The id shows as publisher_id: whoever was given one cannot pass for somebody else.
    test("the child has its parent's token id and no other", async () => {
      const wish = [parse("OWN t both")];
      const parent = await client.token(wish, { token_id: "parent" });
      const other = await client.mint(wish, { token_id: "somebody else" }, { token: parent });
      expectError(other, FORBIDDEN, [parent]);
      const child = await client.token(wish, {}, { token: parent });
      await client.publish(cache, "t", "hi", { token: child });
      const [entry] = await client.read(cache, "t", "sequence_page=0");
      expect(entry?.item?.publisher_id).toBe("parent");
    });

    test("nobody mints an admin token, not even an admin", async () => {
      const answer = await client.mintWith({ ...GOOD, admin: true, millrace: { admin: true } });
      if (answer.status === 200) {
        const { token } = JSON.parse(answer.body);
        expectError(await client.send("GET", "/caches", { token }), FORBIDDEN, [token]);
      } else expectError(answer, BAD_REQUEST);
    });

    test("twenty permissions and the longest life are accepted", async () => {
      const longest = client.startedWith.auth.token_seconds_max;
      expect(
        (await client.mintWith({ permissions: many(20), expires_in_seconds: longest })).status,
      ).toBe(200);
      const tooLong = { permissions: many(1), expires_in_seconds: longest + 1 };
      expectError(await client.mintWith(tooLong), BAD_REQUEST);
    });

    test.each(BAD_BODIES)("$rule: 400", async ({ body }) => {
      expectError(await client.mintWith(body), BAD_REQUEST);
    });

    test.each([{ body: "" }, { body: "{" }, { body: "permissions=all" }, { body: "\u0000" }])(
      "the body '$body', which is no JSON, is 400",
      async ({ body }) => {
        expectError(await client.send("POST", "/tokens", { body }), BAD_REQUEST);
      },
    );

    test("without a good token it is 401", async () => {
      expectError(await client.mintWith(GOOD, { token: null }), UNAUTHENTICATED);
      expectError(await client.mintWith(GOOD, { token: "garbage" }), UNAUTHENTICATED);
    });
  });
}

function many(count: number): Permission[] {
  return Array.from({ length: count }, (_, index) => ({ ...PERMISSION, topic: `t${index}` }));
}
