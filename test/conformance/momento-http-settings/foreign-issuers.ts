// auth.jwks_url, auth.issuer, auth.audience: tokens of another identity provider.

import { afterAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { entries, texts } from "../momento-http/answers.ts";
import { Client } from "../momento-http/client.ts";
import {
  expectError,
  expectNoSecret,
  FORBIDDEN,
  UNAUTHENTICATED,
} from "../momento-http/expect-error.ts";
import { type OpenWith, openForAll } from "../target.ts";
import { withServer } from "./with-server.ts";

const ISSUER = "https://login.example";
const AUDIENCE = "millrace";
const ALGORITHMS = ["ES256", "RS256", "EdDSA"] as const;

type Provider = AsyncDisposable & {
  readonly url: string;
  readonly publicKey: CryptoKey;
  /** Good claims unless they are replaced, or left out by `undefined`. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
};

export function foreignIssuerRules(open: OpenWith): void {
  describe("foreign issuers", () => {
    let provider: Provider;
    const client = new Client(
      openForAll(async () => {
        provider = await openProvider("ES256");
        return await open({ auth: authOf(provider) });
      }),
    );
    afterAll(() => provider[Symbol.asyncDispose]());

    test.each(ALGORITHMS.map((algorithm) => ({ algorithm })))(
      "a token signed with $algorithm is good for what its claim permits",
      async ({ algorithm }) => {
        await withProvider(open, algorithm, {}, async (client, provider) => {
          const cache = await client.makeCache();
          const permissions = [{ cache, topic: "room-*", role: "both" }];
          const token = await provider.sign({ millrace: { permissions } });
          expect((await client.publish(cache, "room-1", "hi", { token })).status).toBe(204);
          const answer = await client.subscribe(cache, "room-1", "", { token: `Bearer ${token}` });
          expect(texts(entries(answer))).toEqual(["hi"]);
          expectError(await client.publish(cache, "lobby", "hi", { token }), FORBIDDEN, [token]);
          expectError(await client.send("GET", "/caches", { token }), FORBIDDEN, [token]);
        });
      },
    );

    test("another issuer, audience, key or time is 401", async () => {
      const cache = await client.makeCache();
      const millrace = { permissions: [{ cache, topic: "*", role: "both" }] };
      await using stranger = await openProvider("ES256");
      const bad = [
        await provider.sign({ millrace, iss: "https://evil.example" }),
        await provider.sign({ millrace, aud: "another" }),
        await provider.sign({ millrace, exp: Math.floor(Date.now() / 1000) - 3600 }),
        await provider.sign({ millrace, nbf: Math.floor(Date.now() / 1000) + 3600 }),
        await stranger.sign({ millrace }),
        await confused(provider, millrace),
        unsigned({ iss: ISSUER, aud: AUDIENCE, exp: 4102444800, millrace }),
      ];
      for (const token of bad) {
        expectError(await client.publish(cache, "t", "hi", { token }), UNAUTHENTICATED, [token]);
      }
      expect(await client.read(cache, "t")).toEqual([]);
    });

    test("a token without the claim, or with a broken one, may nothing", async () => {
      const cache = await client.makeCache();
      for (const millrace of [
        undefined,
        null,
        "admin",
        {},
        [],
        { permissions: "*" },
        { permissions: [{ cache }] },
      ]) {
        const token = await provider.sign(millrace === undefined ? {} : { millrace });
        const answer = await client.publish(cache, "t", "hi", { token });
        expect(answer.status).toBeOneOf([401, 403]);
      }
      expect(await client.read(cache, "t")).toEqual([]);
    });

    // A token that cannot be named cannot be revoked, and would share its limits with all others of its kind.
    test("a token without an id or a subject is 401 and says what is missing", async () => {
      const cache = await client.makeCache();
      const millrace = { permissions: [{ cache, topic: "*", role: "both" }] };
      const nameless = await provider.sign({ sub: undefined, millrace });
      const refused = await client.publish(cache, "t", "hi", { token: nameless });
      expectError(refused, { ...UNAUTHENTICATED, detail: /\bjti\b.*\bsub\b/ }, [nameless]);
      const named = await provider.sign({ sub: undefined, jti: "id", millrace });
      expect((await client.publish(cache, "t", "hi", { token: named })).status).toBe(204);
    });

    test.each([
      { claim: "jti", id: "7e3c/é 50%" },
      { claim: "sub", id: "oauth|*.example" },
      { claim: "sub", id: "*" },
    ])("revoking its $claim '$id' ends a token", async ({ claim, id }) => {
      const cache = await client.makeCache();
      const millrace = { permissions: [{ cache, topic: "*", role: "both" }] };
      const token = await provider.sign({ [claim]: id, millrace });
      expect((await client.publish(cache, "t", "hi", { token })).status).toBe(204);
      const answer = await client.send("DELETE", `/tokens/${encodeURIComponent(id)}`);
      expect(answer.status).toBe(204);
      expectError(await client.publish(cache, "t", "hi", { token }), UNAUTHENTICATED, [token]);
    });

    test("auth.claim names the claim with the permissions, and no other counts", async () => {
      const claim = "https://example.com/topics";
      await withProvider(open, "ES256", { claim }, async (client, provider) => {
        const cache = await client.makeCache();
        const granted = { permissions: [{ cache, topic: "*", role: "both" }] };
        const token = await provider.sign({ [claim]: granted });
        expect((await client.publish(cache, "t", "hi", { token })).status).toBe(204);
        const other = await provider.sign({ millrace: granted });
        expectError(await client.publish(cache, "t", "hi", { token: other }), FORBIDDEN, [other]);
      });
    });

    test("while the provider cannot be reached, its tokens are no good and the server's own are", async () => {
      await withProvider(open, "ES256", {}, async (client, provider) => {
        const cache = await client.makeCache();
        const permissions = [{ cache, topic: "*", role: "both" }];
        const token = await provider.sign({ millrace: { permissions } });
        await provider[Symbol.asyncDispose]();
        const refused = await client.publish(cache, "t", "hi", { token });
        expect(refused.status).toBeOneOf([401, 500]);
        expectNoSecret(refused, [token]);
        const own = await client.token(permissions);
        expect((await client.publish(cache, "t", "hi", { token: own })).status).toBe(204);
      });
    });

    test("the server's own tokens stay good beside them", async () => {
      const cache = await client.makeCache();
      const token = await client.token([{ cache, topic: "*", role: "both" }]);
      expect((await client.publish(cache, "t", "hi", { token })).status).toBe(204);
    });
  });
}

async function withProvider(
  open: OpenWith,
  algorithm: string,
  settings: { readonly claim?: string },
  use: (client: Client, provider: Provider) => Promise<void>,
): Promise<void> {
  await using provider = await openProvider(algorithm);
  const auth = { ...authOf(provider), ...settings };
  await withServer(open, { auth }, (client) => use(client, provider));
}

function authOf({ url }: Provider) {
  return { jwks_url: url, issuer: ISSUER, audience: AUDIENCE };
}

async function openProvider(algorithm: string): Promise<Provider> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "key-1", alg: algorithm, use: "sig" };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => Response.json({ keys: [jwk] }),
  });
  return {
    url: `${server.url}keys.json`,
    publicKey,
    sign: (claims) =>
      new SignJWT({
        iss: ISSUER,
        aud: AUDIENCE,
        sub: "somebody",
        exp: Math.floor(Date.now() / 1000) + 600,
        ...claims,
      })
        .setProtectedHeader({ alg: algorithm, kid: "key-1" })
        .setIssuedAt()
        .sign(privateKey),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** The public key taken for a shared secret: the oldest trick against verifiers that believe the header. */
async function confused(provider: Provider, millrace: object): Promise<string> {
  const payload = { iss: ISSUER, aud: AUDIENCE, exp: 4102444800, millrace };
  const signed = `${part({ alg: "HS256", kid: "key-1" })}.${part(payload)}`;
  const secret = await exportSPKI(provider.publicKey);
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

function unsigned(payload: object): string {
  return `${part({ alg: "none", kid: "key-1" })}.${part(payload)}.`;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
