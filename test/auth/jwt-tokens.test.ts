// Our own tokens: what is signed comes back as it was, and nothing else does.

import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import { encodeKey } from "../../src/auth/key-form.ts";
import { KeyRing } from "../../src/auth/key-ring.ts";
import { makeSigningKey } from "../../src/core/access/signing-key.ts";
import type { TokenGrant } from "../../src/core/access/token-ports.ts";
import { refusal } from "../support/refusal.ts";
import { grantOf, hmac, openTokens, PERMISSIONS, part, unsigned } from "./tokens-bench.ts";

describe("sign and verify", () => {
  const grants: [string, Partial<TokenGrant>][] = [
    ["permissions", {}],
    ["an admin", { admin: true, permissions: [] }],
    ["no permission at all", { permissions: [] }],
    ["a name", { id: "alice", name: "alice" }],
    ["a name beyond ASCII", { id: "ålice 😀", name: "ålice 😀" }],
    ["parents", { parents: ["parent", "grandparent"] }],
    ["whose limits it uses", { parents: ["parent", "root"], account: "root" }],
    ["an expiry", { expiresAt: 1_700_000_060_456 }],
    [
      "topics and caches beyond ASCII",
      { permissions: [{ cache: "é", topic: "日本*", role: "publish" }] },
    ],
  ];
  test.each(grants)("a token comes back as it was granted: %s", async (_, differing) => {
    const { tokens, ring } = openTokens();
    const grant = grantOf(differing);
    const { principal, issuedAt } = await tokens.verify(await tokens.sign(grant));
    expect(issuedAt).toBe(grant.issuedAt);
    const { expiresAt, ...rest } = principal;
    expect(rest).toEqual({
      ids: [grant.id, ...grant.parents],
      keyId: ring.newest.id,
      name: grant.name,
      account: grant.account,
      admin: grant.admin,
      permissions: grant.admin ? [] : [...grant.permissions],
    });
    if (grant.expiresAt === undefined) expect(expiresAt).toBeUndefined();
    else expect(expiresAt).toBeCloseTo(grant.expiresAt, 0);
  });

  test("a token is good in every form of a key", async () => {
    const { tokens } = openTokens();
    const jwt = await tokens.sign(grantOf());
    const key = encodeKey("http://localhost:7070", jwt);
    for (const form of [jwt, key, key.replace(/=+$/, ""), key.replaceAll("+", " ")]) {
      expect((await tokens.verify(form)).principal.ids).toEqual(["id"]);
    }
  });

  test("the time of issue keeps its milliseconds", async () => {
    const { tokens } = openTokens();
    for (let ms = 0; ms < 1000; ms += 37) {
      const issuedAt = 1_700_000_000_000 + ms;
      const verified = await tokens.verify(await tokens.sign(grantOf({ issuedAt })));
      expect(verified.issuedAt).toBe(issuedAt);
    }
  });
});

describe("expiry", () => {
  const NOON = 1_700_000_000_000;
  const rows: [string, number, number, boolean][] = [
    ["a second before its expiry it is good", 60_000, 59_000, true],
    ["a millisecond before", 60_000, 59_999, true],
    ["at that moment it is not", 60_000, 60_000, false],
    ["a millisecond after", 60_000, 60_001, false],
    ["a minute after", 60_000, 120_000, false],
    ["a millisecond before an expiry between seconds it is good", 60_456, 60_455, true],
    ["at an expiry between seconds it is not", 60_456, 60_456, false],
    ["half a second after an expiry between seconds", 60_456, 60_956, false],
  ];
  test.each(rows)("%s", async (_, lifeMs, afterMs, isGood) => {
    const { tokens, clock } = openTokens(undefined, NOON);
    const token = await tokens.sign(grantOf({ issuedAt: NOON, expiresAt: NOON + lifeMs }));
    clock.advance(afterMs);
    if (isGood) {
      expect(await tokens.verify(token)).toBeDefined();
      return;
    }
    const error = await refusal(() => tokens.verify(token));
    expect(error.code).toBe("unauthenticated");
    expect(error.message).toMatch(/expired/);
  });

  test("a token that is not good yet is unauthenticated", async () => {
    const { tokens, forge, nowSeconds } = openTokens();
    const claims = { jti: "id", nbf: nowSeconds() + 60, millrace: { admin: true } };
    expect((await refusal(() => tokens.verify(forge(claims)))).code).toBe("unauthenticated");
  });
});

describe("forged tokens are unauthenticated, and say why in no more than a sentence", () => {
  const CLAIMS = { jti: "id", millrace: { admin: true } };
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  type Bench = ReturnType<typeof openTokens>;

  const rows: [string, (bench: Bench) => Promise<string> | string][] = [
    ["alg none without a signature", ({ ring }) => unsigned({ kid: ring.newest.id }, CLAIMS)],
    ["alg None", ({ ring }) => unsigned({ alg: "None", kid: ring.newest.id }, CLAIMS)],
    ["alg none with our signature", ({ forge }) => forge(CLAIMS, { alg: "none" })],
    ["no alg", ({ forge }) => forge(CLAIMS, { alg: undefined })],
    ["HS512 by name, signed as HS256", ({ forge }) => forge(CLAIMS, { alg: "HS512" })],
    ["HS512 with our key", ({ ring }) => signAs("HS512", ring.newest.id, ring.newest.secret)],
    ["HS384 with our key", ({ ring }) => signAs("HS384", ring.newest.id, ring.newest.secret)],
    ["RS256 under our key's id", ({ ring }) => signAs("RS256", ring.newest.id, privateKey)],
    [
      "another secret",
      ({ forge }) => forge(CLAIMS, {}, crypto.getRandomValues(new Uint8Array(32))),
    ],
    ["an empty secret", ({ ring }) => hmac({ alg: "HS256", kid: ring.newest.id }, CLAIMS, "")],
    [
      "a key's id for its secret",
      ({ ring }) => hmac({ alg: "HS256", kid: ring.newest.id }, CLAIMS, ring.newest.id),
    ],
    ["an unknown key", ({ forge }) => forge(CLAIMS, { kid: "unknown" })],
    ["no key named", ({ forge }) => forge(CLAIMS, { kid: undefined })],
    ["a key named by what every object has", ({ forge }) => forge(CLAIMS, { kid: "__proto__" })],
    ["a key named by a number", ({ forge }) => forge(CLAIMS, { kid: 7 })],
    [
      "a key brought along",
      ({ forge }) => forge(CLAIMS, { kid: undefined, jwk: { kty: "oct", k: "AAAA" } }),
    ],
    ["a critical header", ({ forge }) => forge(CLAIMS, { crit: ["exp"] })],
    ["an unencoded payload", ({ forge }) => forge(CLAIMS, { b64: false, crit: ["b64"] })],
    [
      "a changed claim",
      async (bench) =>
        withPart(await good(bench), 1, part({ jti: "id", millrace: { admin: true } })),
    ],
    [
      "a changed signature",
      async (bench) => withPart(await good(bench), 2, part("another signature")),
    ],
    ["no signature", async (bench) => withPart(await good(bench), 2, "")],
    ["a signature cut short", async (bench) => (await good(bench)).slice(0, -4)],
    ["two parts", async (bench) => (await good(bench)).split(".").slice(0, 2).join(".")],
    ["four parts", async (bench) => `${await good(bench)}.${part("more")}`],
    ["something before it", async (bench) => ` ${await good(bench)}`],
    ["claims that are no object", ({ forge }) => forge([CLAIMS])],
    ["claims that are no JSON", ({ forge }) => forge("claims")],
    ["a header that is no JSON", () => `${part("header")}.${part(CLAIMS)}.${part("x")}`],
    ["an expiry that is no number", ({ forge }) => forge({ ...CLAIMS, exp: "never" })],
    ["no id", ({ forge }) => forge({ millrace: { admin: true } })],
    ["a word", () => "secret"],
    ["nothing", () => ""],
    ["dots", () => ".."],
    ["a key with nothing in it", () => encodeKey("http://localhost", "")],
    [
      "a key within a key",
      async (bench) => encodeKey("http://localhost", encodeKey("x", await good(bench))),
    ],
  ];
  test.each(rows)("%s", async (_, make) => {
    const bench = openTokens();
    const token = await make(bench);
    const error = await refusal(() => bench.tokens.verify(token));
    expect(error.code).toBe("unauthenticated");
    expect(error.message).toMatch(/^[^\n]{1,200}\.$/);
    if (token.length > 10) expect(error.message).not.toContain(token.slice(-10));
  });

  async function good({ tokens }: Bench): Promise<string> {
    return tokens.sign(grantOf());
  }

  function signAs(alg: string, kid: string, key: Parameters<SignJWT["sign"]>[0]): Promise<string> {
    return new SignJWT(CLAIMS).setProtectedHeader({ alg, kid }).sign(key);
  }

  function withPart(token: string, index: number, text: string): string {
    return token.split(".").toSpliced(index, 1, text).join(".");
  }
});

describe("a token that is longer than any that is needed", () => {
  test("is unauthenticated however good it is", async () => {
    const { tokens } = openTokens();
    const permissions = Array.from({ length: 400 }, (_, i) => ({
      ...PERMISSIONS[0],
      topic: `${i}`,
    }));
    const error = await refusal(async () =>
      tokens.verify(await tokens.sign(grantOf({ permissions }))),
    );
    expect(error).toMatchObject({
      code: "unauthenticated",
      message: expect.stringMatching(/long/),
    });
  });
});

describe("a public key is never taken for a shared secret", () => {
  test("an RS256 key's text as an HS256 secret is unauthenticated", async () => {
    const { publicKey } = await generateKeyPair("RS256", { extractable: true });
    const { tokens, ring } = openTokens();
    const token = hmac(
      { alg: "HS256", kid: ring.newest.id },
      { jti: "id" },
      await exportSPKI(publicKey),
    );
    expect((await refusal(() => tokens.verify(token))).code).toBe("unauthenticated");
  });
});

describe("claims", () => {
  const rows: [string, unknown, object | "unauthenticated"][] = [
    ["no claim: nothing is permitted", undefined, { admin: false, permissions: [] }],
    ["permissions", { permissions: PERMISSIONS }, { admin: false, permissions: PERMISSIONS }],
    ["a bare list of permissions", PERMISSIONS, { admin: false, permissions: PERMISSIONS }],
    ["an admin", { admin: true }, { admin: true, permissions: [] }],
    [
      "admin as a text is none",
      { admin: "true", permissions: [] },
      { admin: false, permissions: [] },
    ],
    ["admin as a number is none", { admin: 1, permissions: [] }, { admin: false, permissions: [] }],
    [
      "more members are not kept",
      { permissions: [{ ...PERMISSIONS[0], more: 1 }] },
      { permissions: PERMISSIONS },
    ],
    ["null", null, "unauthenticated"],
    ["a text", "admin", "unauthenticated"],
    ["true", true, "unauthenticated"],
    ["an empty object", {}, "unauthenticated"],
    ["permissions as a text", { permissions: "*" }, "unauthenticated"],
    ["a permission that is null", { permissions: [null] }, "unauthenticated"],
    [
      "a permission without a topic",
      { permissions: [{ cache: "c", role: "both" }] },
      "unauthenticated",
    ],
    [
      "a permission with a topic that is no text",
      { permissions: [{ ...PERMISSIONS[0], topic: 7 }] },
      "unauthenticated",
    ],
    [
      "a permission with a role that is none",
      { permissions: [{ ...PERMISSIONS[0], role: "admin" }] },
      "unauthenticated",
    ],
    [
      "one bad permission among good ones",
      { permissions: [PERMISSIONS[0], {}] },
      "unauthenticated",
    ],
  ];
  test.each(rows)("%s", async (_, millrace, expected) => {
    const { tokens, forge } = openTokens();
    const token = forge({ jti: "id", millrace });
    if (expected === "unauthenticated") {
      expect((await refusal(() => tokens.verify(token))).code).toBe("unauthenticated");
    } else {
      expect((await tokens.verify(token)).principal).toMatchObject(expected);
    }
  });

  test("a name, parents or an account that are no text are left out", async () => {
    const { tokens, forge } = openTokens();
    const { principal } = await tokens.verify(
      forge({ jti: "id", tid: 7, par: ["a", 7, null, "b"], acc: 7 }),
    );
    const { name, ids, account } = principal;
    expect([name, ids, account]).toEqual([undefined, ["id", "a", "b"], undefined]);
  });

  test("a token that does not say when it was issued counts as issued before any revocation", async () => {
    const { tokens, forge } = openTokens();
    expect((await tokens.verify(forge({ jti: "id" }))).issuedAt).toBe(0);
  });
});

describe("keys", () => {
  test("after a rotation old tokens are good and new ones are signed with the new key", async () => {
    const { tokens, ring } = openTokens();
    const [before, oldKey] = [await tokens.sign(grantOf()), ring.newest.id];
    const { keyId, endedKeyIds } = await ring.rotate(false);
    expect([keyId, endedKeyIds]).toEqual([ring.newest.id, []]);
    expect((await tokens.verify(before)).principal.keyId).toBe(oldKey);
    const after = await tokens.sign(grantOf());
    expect((await tokens.verify(after)).principal.keyId).toBe(keyId);
  });

  test("a rotation that revokes ends every older key and its tokens", async () => {
    const { tokens, ring } = openTokens();
    const olds = [];
    for (let round = 0; round < 3; round += 1) {
      olds.push({ id: ring.newest.id, token: await tokens.sign(grantOf()) });
      await ring.rotate(false);
    }
    const last = ring.newest.id;
    const { endedKeyIds } = await ring.rotate(true);
    expect(endedKeyIds.toSorted()).toEqual([...olds.map(({ id }) => id), last].toSorted());
    for (const { token } of olds) {
      expect((await refusal(() => tokens.verify(token))).code).toBe("unauthenticated");
    }
  });

  test("the number of keys that still verify is bounded, and the oldest are told as ended", async () => {
    const { ring } = openTokens();
    const first = ring.newest.id;
    const ended: string[] = [];
    for (let round = 0; round < 100; round += 1)
      ended.push(...(await ring.rotate(false)).endedKeyIds);
    expect(ended).toEqual([first]);
    expect(ring.secretOf(first)).toBeUndefined();
  });

  test("a rotation that cannot be saved changes nothing", async () => {
    const { clock } = openTokens();
    const key = makeSigningKey(0);
    const broken = {
      load: () => [key],
      save: () => {
        throw new Error("disk full");
      },
    };
    const ring = new KeyRing(broken, clock);
    expect(await ring.rotate(true).catch((cause: Error) => cause.message)).toBe("disk full");
    expect(ring.newest.id).toBe(key.id);
  });
});
