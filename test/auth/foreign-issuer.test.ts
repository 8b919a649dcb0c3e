// Tokens of another identity provider: its keys, its issuer, its audience, its time; or nothing.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import type { ForeignIssuer } from "../../src/auth/jwt-tokens.ts";
import { refusal } from "../support/refusal.ts";
import { grantOf, hmac, openTokens, PERMISSIONS, unsigned } from "./tokens-bench.ts";

const ISSUER = "https://login.example";
const AUDIENCE = "millrace";
const CLAIM = "https://millrace.example/grant";

type Bench = ReturnType<typeof openTokens>;
type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

let provider: Provider;

beforeAll(async () => {
  provider = await openProvider();
});

afterAll(() => provider.stop());

describe("a foreign token", () => {
  test.each([["ES256"], ["RS256"], ["PS256"], ["EdDSA"]])(
    "signed with %s is good for what its claim permits",
    async (alg) => {
      const { keys, sign } = await makeKey(alg, "another");
      const own = await openProvider(() => Response.json({ keys }));
      const bench = openTokens(own.foreign);
      const token = await sign(claims(bench, { jti: "id", sub: "subject" }));
      const { principal } = await bench.tokens.verify(token);
      expect(principal).toMatchObject({ keyId: "", admin: false, permissions: PERMISSIONS });
      expect(principal).toMatchObject({ ids: ["id", "subject"], name: "id" });
      own.stop();
    },
  );

  test("is as long good as it says, give or take five seconds", async () => {
    const bench = openTokens(provider.foreign);
    const token = await provider.sign(claims(bench));
    const { principal } = await bench.tokens.verify(token);
    expect(principal.expiresAt).toBe(bench.clock.now() + 600_000);
    bench.clock.advance(604_000);
    expect(await bench.tokens.verify(token)).toBeDefined();
    bench.clock.advance(2000);
    expect((await refusal(() => bench.tokens.verify(token))).message).toMatch(/expired/);
  });

  test("without a key's id is good when one of the provider's keys fits", async () => {
    const bench = openTokens(provider.foreign);
    const token = await provider.sign(claims(bench), { kid: undefined });
    expect(await bench.tokens.verify(token)).toBeDefined();
  });

  test.each([
    [{ jti: "id", sub: undefined }, ["id"]],
    [{ jti: undefined, sub: "subject" }, ["subject"]],
    [{ jti: "auth|*", sub: `CN=*.example, O=é ${"x".repeat(230)}` }, undefined],
  ])("with the ids %j goes by them", async (named, expected) => {
    const bench = openTokens(provider.foreign);
    const { principal } = await bench.tokens.verify(await provider.sign(claims(bench, named)));
    expect<readonly string[]>(principal.ids).toEqual(expected ?? Object.values(named).map(String));
    expect(principal.name).toBe(named.jti);
  });

  test("with our own claim in place of the one agreed on may nothing", async () => {
    const bench = openTokens(provider.foreign);
    const { [CLAIM]: _, ...others } = claims(bench);
    const token = await provider.sign({ ...others, millrace: { admin: true } });
    const { principal } = await bench.tokens.verify(token);
    expect(principal).toMatchObject({ admin: false, permissions: [] });
  });

  test("does not keep our own tokens from being good", async () => {
    const bench = openTokens(provider.foreign);
    const { principal } = await bench.tokens.verify(await bench.tokens.sign(grantOf()));
    expect(principal).toMatchObject({ ids: ["id"], keyId: bench.ring.newest.id });
  });
});

describe("a foreign token is unauthenticated", () => {
  const rows: [string, (bench: Bench) => Promise<string> | string][] = [
    ["of another issuer", (bench) => provider.sign(claims(bench, { iss: "https://evil.example" }))],
    [
      "of an issuer that only begins alike",
      (bench) => provider.sign(claims(bench, { iss: `${ISSUER}.evil` })),
    ],
    ["without an issuer", (bench) => provider.sign(claims(bench, { iss: undefined }))],
    ["for another audience", (bench) => provider.sign(claims(bench, { aud: "another" }))],
    ["for several others", (bench) => provider.sign(claims(bench, { aud: ["a", "b"] }))],
    ["without an audience", (bench) => provider.sign(claims(bench, { aud: undefined }))],
    ["expired", (bench) => provider.sign(claims(bench, { exp: bench.nowSeconds() - 6 }))],
    ["not good yet", (bench) => provider.sign(claims(bench, { nbf: bench.nowSeconds() + 60 }))],
    [
      "with an expiry that is no number",
      (bench) => provider.sign(claims(bench, { exp: "never" as never })),
    ],
    [
      "signed with a key of nobody",
      async (bench) => (await makeKey("ES256", "key-1")).sign(claims(bench)),
    ],
    [
      "signed with a key that the provider does not know",
      async (bench) => (await makeKey("ES256", "unknown")).sign(claims(bench)),
    ],
    ["unsigned", (bench) => unsigned({ kid: "key-1" }, claims(bench))],
    [
      "with the provider's public key for a shared secret",
      async (bench) =>
        hmac(
          { alg: "HS256", kid: "key-1" },
          claims(bench),
          await exportSPKI(provider.pair.publicKey),
        ),
    ],
    [
      "with an empty shared secret",
      (bench) => hmac({ alg: "HS256", kid: "key-1" }, claims(bench), ""),
    ],
    [
      "in our own algorithm, by a key of nobody",
      (bench) => hmac({ alg: "HS256", kid: "unknown" }, claims(bench), "secret"),
    ],
    [
      "with a claim that is broken",
      (bench) => provider.sign(claims(bench, { [CLAIM]: { permissions: "*" } })),
    ],
    [
      "that cannot be named, without an id of its own or a subject",
      (bench) => provider.sign(claims(bench, { sub: undefined })),
    ],
    ["with an empty subject", (bench) => provider.sign(claims(bench, { sub: "" }))],
    ["with an id that is no text", (bench) => provider.sign(claims(bench, { jti: 5 }))],
    ["with an id too long", (bench) => provider.sign(claims(bench, { jti: "x".repeat(256) }))],
    ["with a line break in its subject", (bench) => provider.sign(claims(bench, { sub: "a\nb" }))],
    ["with a key brought along", async (bench) => withOwnKey(bench)],
    [
      "with the address of keys brought along",
      (bench) => provider.sign(claims(bench), { kid: "unknown", jku: "https://evil.example" }),
    ],
  ];
  test.each(rows)("%s", async (_, make) => {
    const bench = openTokens(provider.foreign);
    const token = await make(bench);
    const error = await refusal(() => bench.tokens.verify(token));
    expect(error.code).toBe("unauthenticated");
    expect(error.message).not.toContain(token.slice(-10));
  });

  test("when it names no key and several of the provider's would do, and none of them signed it", async () => {
    const [one, two, nobodys] = await Promise.all(
      ["1", "2", "3"].map((kid) => makeKey("ES256", kid)),
    );
    const own = await openProvider(() => Response.json({ keys: [...one!.keys, ...two!.keys] }));
    const bench = openTokens(own.foreign);
    const token = await nobodys!.sign(claims(bench), { kid: undefined });
    expect((await refusal(() => bench.tokens.verify(token))).code).toBe("unauthenticated");
    own.stop();
  });

  async function withOwnKey(bench: Bench): Promise<string> {
    const { keys, sign } = await makeKey("ES256", "unknown");
    return sign(claims(bench), { jwk: keys[0]! });
  }
});

describe("the provider's keys", () => {
  test("are fetched once for many tokens", async () => {
    let fetched = 0;
    const { keys, sign } = await makeKey("ES256", "key-1");
    const own = await openProvider(() => {
      fetched += 1;
      return Response.json({ keys });
    });
    const bench = openTokens(own.foreign);
    const token = await sign(claims(bench));
    await Promise.all(Array.from({ length: 20 }, () => bench.tokens.verify(token)));
    await bench.tokens.verify(await sign(claims(bench, { jti: "another" })));
    expect(fetched).toBe(1);
    own.stop();
  });

  const outages: [string, () => Response | Promise<Response>][] = [
    ["answers with an error", () => new Response("down", { status: 503 })],
    [
      "answers with another page",
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    ],
    ["answers with JSON that is no set of keys", () => Response.json({ hello: "world" })],
    ["leads elsewhere", () => Response.redirect("https://evil.example/keys.json")],
  ];
  test.each(outages)("when the provider %s, nobody's token is called bad", async (_, answer) => {
    const own = await openProvider(answer);
    const bench = openTokens(own.foreign);
    const token = await provider.sign(claims(bench));
    const error = await refusal(() => bench.tokens.verify(token));
    expect(error.code).toBe("identity_provider_unavailable");
    own.stop();
  });

  test("when the provider cannot be reached, our own tokens are good and its come back with it", async () => {
    const { keys, sign } = await makeKey("ES256", "key-1");
    let isDown = true;
    const own = await openProvider(() =>
      isDown ? new Response("down", { status: 500 }) : Response.json({ keys }),
    );
    const bench = openTokens(own.foreign);
    const token = await sign(claims(bench));
    expect((await refusal(() => bench.tokens.verify(token))).code).toBe(
      "identity_provider_unavailable",
    );
    expect(await bench.tokens.verify(await bench.tokens.sign(grantOf()))).toBeDefined();
    isDown = false;
    expect(await bench.tokens.verify(token)).toBeDefined();
    own.stop();
  });

  test("when nothing listens there, that is said", async () => {
    const own = await openProvider();
    own.stop();
    const bench = openTokens(own.foreign);
    const token = await provider.sign(claims(bench));
    const error = await refusal(() => bench.tokens.verify(token));
    expect(error.code).toBe("identity_provider_unavailable");
  });

  test("without a provider, its tokens are of a key that nobody knows", async () => {
    const bench = openTokens();
    const token = await provider.sign(claims(bench));
    expect((await refusal(() => bench.tokens.verify(token))).code).toBe("unauthenticated");
  });
});

/** Good ones unless they are replaced, or left out by `undefined`. */
function claims({ nowSeconds }: Bench, differing: Record<string, unknown> = {}): JWTPayload {
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "subject",
    exp: nowSeconds() + 600,
    [CLAIM]: { permissions: PERMISSIONS },
    ...differing,
  };
}

interface SigningKey {
  readonly pair: KeyPair;
  readonly keys: readonly JWK[];
  sign(payload: JWTPayload, header?: Record<string, unknown>): Promise<string>;
}

interface Provider extends SigningKey {
  readonly foreign: ForeignIssuer;
  stop(): void;
}

async function makeKey(alg: string, kid: string): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" };
  return {
    pair,
    keys: [jwk],
    sign: (payload, header = {}) =>
      new SignJWT(defined(payload))
        .setProtectedHeader(defined({ alg, kid, ...header }) as { alg: string })
        .sign(pair.privateKey),
  };
}

async function openProvider(answer?: () => Response | Promise<Response>): Promise<Provider> {
  const key = await makeKey("ES256", "key-1");
  const fetch = answer ?? (() => Response.json({ keys: key.keys }));
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  const jwksUrl = `${server.url}keys.json`;
  return {
    ...key,
    foreign: { jwksUrl, issuer: ISSUER, audience: AUDIENCE, claim: CLAIM },
    stop: () => void server.stop(true),
  };
}

function defined<Members extends object>(members: Members): Members {
  const set = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as Members;
}
