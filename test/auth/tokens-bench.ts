// Our own tokens with two signing keys, good or forged in every part.

import { createHmac } from "node:crypto";
import type { ForeignIssuer } from "../../src/auth/jwt-tokens.ts";
import { JwtTokens } from "../../src/auth/jwt-tokens.ts";
import { KeyRing } from "../../src/auth/key-ring.ts";
import type { TokenGrant } from "../../src/core/access/token-ports.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";

export const PERMISSIONS = [{ cache: "c", topic: "room-*", role: "both" }] as const;

export function openTokens(foreign?: ForeignIssuer, timeOfDay?: number) {
  const clock = new ManualClock(timeOfDay);
  const ring = new KeyRing(new FakeEngine(clock).keys, clock);
  const tokens = new JwtTokens(ring, clock, foreign);
  const nowSeconds = () => clock.now() / 1000;
  /** Signed with our own key, whatever it says. */
  const forge = (claims: unknown, header: object = {}, secret = ring.newest.secret) =>
    hmac({ alg: "HS256", kid: ring.newest.id, ...header }, claims, secret);
  return { clock, ring, tokens, nowSeconds, forge };
}

export function grantOf(differing: Partial<TokenGrant> = {}): TokenGrant {
  return {
    id: "id",
    name: undefined,
    parents: [],
    admin: false,
    permissions: PERMISSIONS,
    issuedAt: 1_700_000_000_123,
    expiresAt: undefined,
    ...differing,
  };
}

export function hmac(header: object, claims: unknown, secret: string | Uint8Array): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

export function unsigned(header: object, claims: unknown): string {
  return `${part({ alg: "none", ...header })}.${part(claims)}.`;
}

export function part(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
    "base64url",
  );
}
