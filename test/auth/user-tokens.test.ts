// Tokens that say who the user is: the client can read what it is told, and nothing of what it is not.

import { describe, expect, test } from "bun:test";
import { JwtTokens } from "../../src/auth/jwt-tokens.ts";
import { encodeKey } from "../../src/auth/key-form.ts";
import { KeyRing } from "../../src/auth/key-ring.ts";
import type { User } from "../../src/core/access/user.ts";
import type { Json } from "../../src/core/json.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusal } from "../support/refusal.ts";
import { grantOf, openTokens, PERMISSIONS } from "./tokens-bench.ts";

const ALICE: User = { id: "alice", clientData: { a: 1 }, serverData: { role: "s3cret" } };

describe("a user comes back as it was", () => {
  const values: [string, Json | undefined][] = [
    ["nothing", undefined],
    ["null", null],
    ["false", false],
    ["an empty string", ""],
    ["a list", [1, [2]]],
    ["an object", { a: { b: null } }],
    ["text beyond ASCII", "日本 😀"],
    ["what is as large as may be", "x".repeat(8190)],
  ];
  test.each(values)("with %s", async (_, data) => {
    const { tokens } = openTokens();
    for (const user of [
      { ...ALICE, clientData: data },
      { ...ALICE, serverData: data },
    ]) {
      const fits = {
        ...user,
        ...(data === user.clientData ? { serverData: undefined } : { clientData: undefined }),
      };
      const { principal } = await tokens.verify(await tokens.sign(grantOf({ user: fits })));
      expect(principal.user).toEqual(fits);
    }
  });

  test("and its tokens carry its id, so that revoking that ends them", async () => {
    const { tokens } = openTokens();
    const grant = grantOf({ user: ALICE, parents: ["parent"] });
    const { principal } = await tokens.verify(await tokens.sign(grant));
    expect(principal.ids).toEqual(["id", "parent", "user:alice"]);
  });
});

describe("a token of a user only", () => {
  test("permits nothing on topics, and says so by having no claim of ours", async () => {
    const { tokens } = openTokens();
    const token = await tokens.sign(grantOf({ user: ALICE, permissions: [] }));
    expect(claims(token)).not.toHaveProperty("millrace");
    const { principal } = await tokens.verify(token);
    expect(principal).toMatchObject({ admin: false, permissions: [] });
  });

  test("can permit topics beside", async () => {
    const { tokens } = openTokens();
    const { principal } = await tokens.verify(await tokens.sign(grantOf({ user: ALICE })));
    expect(principal.permissions).toEqual([...PERMISSIONS]);
    expect(principal.user).toEqual(ALICE);
  });
});

test("a token of nobody has no user", async () => {
  const { tokens } = openTokens();
  const { principal } = await tokens.verify(await tokens.sign(grantOf()));
  expect(principal.user).toBeUndefined();
});

describe("server data", () => {
  test("is not in what the client can read, and is another text each time", async () => {
    const { tokens } = openTokens();
    const [one, other] = [
      await tokens.sign(grantOf({ user: ALICE })),
      await tokens.sign(grantOf({ user: ALICE })),
    ];
    expect(claims(one)).toMatchObject({ sub: "alice", deepstream: { clientData: { a: 1 } } });
    for (const part of [...one.split("."), ...hidden(one).split(".")]) {
      expect(Buffer.from(part, "base64url").toString("latin1")).not.toMatch(/s3cret/);
    }
    expect(hidden(one)).not.toBe(hidden(other));
  });

  test("is not read with the key that signs, but with one made from it", async () => {
    const { tokens, ring } = openTokens();
    const [header, , iv, ciphertext, tag] = hidden(
      await tokens.sign(grantOf({ user: ALICE })),
    ).split(".");
    const bytes = (text = "") => Buffer.from(text, "base64url");
    const decrypt = async (raw: Uint8Array) => {
      const key = await crypto.subtle.importKey("raw", new Uint8Array(raw), "AES-GCM", false, [
        "decrypt",
      ]);
      const how = { name: "AES-GCM", iv: bytes(iv), additionalData: Buffer.from(header ?? "") };
      return await crypto.subtle.decrypt(how, key, Buffer.concat([bytes(ciphertext), bytes(tag)]));
    };
    await expect(decrypt(ring.newest.secret)).rejects.toThrow();
    const { hkdfSync } = await import("node:crypto");
    const derived = hkdfSync("sha256", ring.newest.secret, "", "millrace server data", 32);
    expect(Buffer.from(await decrypt(new Uint8Array(derived))).toString()).toBe(
      '{"role":"s3cret"}',
    );
  });

  test("is read as well after the key was rotated", async () => {
    const { tokens, ring } = openTokens();
    const token = await tokens.sign(grantOf({ user: ALICE }));
    await ring.rotate(false);
    expect((await tokens.verify(token)).principal.user).toEqual(ALICE);
  });
});

describe("claims that are not as we make them are refused", () => {
  const rows: [string, object][] = [
    ["a user who is a text", { sub: "a", deepstream: "x" }],
    ["a user who is null", { sub: "a", deepstream: null }],
    ["a user without an id", { deepstream: {} }],
    ["server data that is not encrypted", { sub: "a", deepstream: { serverData: '{"a":1}' } }],
    [
      "server data of another key",
      {
        sub: "a",
        deepstream: { serverData: "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA" },
      },
    ],
  ];
  test.each(rows)("%s", async (_, wrong) => {
    const { tokens, forge } = openTokens();
    const error = await refusal(() => tokens.verify(forge({ jti: "x", iat: 1, ...wrong })));
    expect(error.code).toBe("unauthenticated");
  });
});

describe("isOwn", () => {
  test("knows the tokens of its keys in every form, good or not, and no others", async () => {
    const { tokens, ring, clock } = openTokens();
    const token = await tokens.sign(grantOf({ expiresAt: clock.now() - 1 }));
    const key = encodeKey("http://localhost:7070", token);
    const own = [token, key, key.replace(/=+$/, ""), `${token}x`, token.slice(0, -9)];
    expect(own.map((text) => tokens.isOwn(text))).toEqual(own.map(() => true));
    const elsewhere = new JwtTokens(
      new KeyRing(new FakeEngine(new ManualClock()).keys, clock),
      clock,
      undefined,
    );
    const others = [
      await elsewhere.sign(grantOf()),
      "",
      "x",
      "a.b.c",
      "..",
      "x".repeat(1_000_000),
      "eyJ9",
    ];
    expect(others.map((text) => tokens.isOwn(text))).toEqual(others.map(() => false));
    await ring.rotate(true);
    expect(tokens.isOwn(token)).toBe(false);
  });
});

interface Claims {
  readonly deepstream: { readonly serverData: string };
}

function claims(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

function hidden(token: string): string {
  return claims(token).deepstream.serverData;
}
