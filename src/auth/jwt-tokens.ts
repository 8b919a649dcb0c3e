// Signs our tokens and verifies ours and, where that is set, another issuer's.

import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from "jose";
import type {
  TokenGrant,
  TokenSigner,
  TokenVerifier,
  VerifiedToken,
} from "../core/access/token-ports.ts";
import type { Clock } from "../core/clock.ts";
import { ServiceError } from "../core/errors.ts";
import { claimsOf, foreignPrincipal, issuedAt, ownPrincipal, ownUser, unusable } from "./claims.ts";
import { jwtOf } from "./key-form.ts";
import type { KeyRing } from "./key-ring.ts";
import { decryptServerData, encryptServerData } from "./server-data.ts";

const OWN_ALGORITHM = "HS256";
/** Never a shared secret: who can verify must not be able to sign. */
const FOREIGN_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const TOKEN_CHARACTERS_MAX = 16_384;
const CLOCK_TOLERANCE_SECONDS = 5;

/** Another identity provider whose tokens are accepted. */
export interface ForeignIssuer {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** The claim with the permissions. */
  readonly claim: string;
}

interface Foreign extends ForeignIssuer {
  readonly keys: JWTVerifyGetKey;
}

export class JwtTokens implements TokenVerifier, TokenSigner {
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #foreign: Foreign | undefined;

  constructor(ring: KeyRing, clock: Clock, foreign: ForeignIssuer | undefined) {
    this.#ring = ring;
    this.#clock = clock;
    this.#foreign = foreign && { ...foreign, keys: keysOf(foreign.jwksUrl) };
  }

  async sign(grant: TokenGrant): Promise<string> {
    const { id, secret } = this.#ring.newest;
    const data = grant.user?.serverData;
    const hidden = data === undefined ? undefined : await encryptServerData(data, secret);
    return await new SignJWT(claimsOf(grant, hidden))
      .setProtectedHeader({ alg: OWN_ALGORITHM, kid: id })
      .sign(secret);
  }

  isOwn(token: string): boolean {
    if (token.length > TOKEN_CHARACTERS_MAX) return false;
    try {
      const { kid } = decodeProtectedHeader(jwtOf(token));
      return kid !== undefined && this.#ring.secretOf(kid) !== undefined;
    } catch {
      return false;
    }
  }

  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > TOKEN_CHARACTERS_MAX) throw unusable("it is too long");
    const jwt = jwtOf(token);
    const keyId = keyIdOf(jwt);
    const secret = keyId === undefined ? undefined : this.#ring.secretOf(keyId);
    try {
      if (keyId !== undefined && secret !== undefined) return await this.#ours(jwt, keyId, secret);
      if (this.#foreign !== undefined) return await this.#theirs(jwt, this.#foreign);
    } catch (cause) {
      throw refusal(cause);
    }
    throw unusable("this server does not know the key that signed it");
  }

  async #ours(jwt: string, keyId: string, secret: Uint8Array): Promise<VerifiedToken> {
    const { payload } = await jwtVerify(jwt, secret, {
      algorithms: [OWN_ALGORITHM],
      currentDate: this.#now(),
    });
    const user = await ownUser(payload, (hidden) => decryptServerData(hidden, secret));
    const principal = ownPrincipal(payload, keyId, user);
    // jose counts in whole seconds.
    if ((principal.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#clock.now()) {
      throw expired(payload.exp);
    }
    return { principal, issuedAt: issuedAt(payload) };
  }

  async #theirs(jwt: string, foreign: Foreign): Promise<VerifiedToken> {
    const payload = await this.#foreignPayload(jwt, foreign);
    return {
      principal: foreignPrincipal(payload, foreign.claim),
      issuedAt: issuedAt(payload),
    };
  }

  /** A token that does not name its key is tried with each of the provider's that would do. */
  async #foreignPayload(jwt: string, foreign: Foreign): Promise<JWTPayload> {
    const options = {
      algorithms: FOREIGN_ALGORITHMS,
      issuer: foreign.issuer,
      audience: foreign.audience,
      currentDate: this.#now(),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    };
    try {
      return (await jwtVerify(jwt, foreign.keys, options)).payload;
    } catch (cause) {
      if (!(cause instanceof errors.JWKSMultipleMatchingKeys)) throw cause;
      for await (const key of cause) {
        const verified = await jwtVerify(jwt, key, options).catch(unlessSignature);
        if (verified !== undefined) return verified.payload;
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }
}

function keyIdOf(jwt: string): string | undefined {
  try {
    return decodeProtectedHeader(jwt).kid;
  } catch {
    throw unusable("it is neither a key nor a JWT");
  }
}

/** Another key may be the right one; any other failure is final. */
function unlessSignature(cause: unknown): undefined {
  if (!(cause instanceof errors.JWSSignatureVerificationFailed)) throw cause;
}

function expired(exp: number | undefined): ServiceError {
  const when = exp === undefined ? "" : ` at ${new Date(exp * 1000).toISOString()}`;
  return new ServiceError("unauthenticated", `The token expired${when}.`);
}

/** What the caller is told; a cause that is not about the token goes on as it is. */
function refusal(cause: unknown): unknown {
  if (cause instanceof ServiceError) return cause;
  if (cause instanceof errors.JWTExpired) return expired(cause.payload.exp);
  if (cause instanceof errors.JWSSignatureVerificationFailed) {
    return unusable("its signature does not match");
  }
  if (cause instanceof errors.JWTClaimValidationFailed) {
    return unusable(`its claim ${cause.claim} is wrong`);
  }
  if (cause instanceof errors.JOSEAlgNotAllowed) return unusable("its algorithm is not allowed");
  if (cause instanceof errors.JWKSNoMatchingKey) {
    return unusable("the identity provider does not know the key that signed it");
  }
  return cause instanceof errors.JOSEError ? unusable("it is malformed") : cause;
}

/** The provider's keys, as jose fetches and remembers them; a provider that cannot be reached is said to be so. */
function keysOf(jwksUrl: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(jwksUrl));
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (cause) {
      const isAboutToken =
        cause instanceof errors.JWKSNoMatchingKey ||
        cause instanceof errors.JWKSMultipleMatchingKeys ||
        cause instanceof errors.JOSENotSupported;
      if (isAboutToken) throw cause;
      throw new ServiceError(
        "identity_provider_unavailable",
        "The token cannot be verified now: the identity provider's keys cannot be fetched.",
      );
    }
  };
}
