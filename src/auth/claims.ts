// What a token says, between its JSON claims and the core's words.

import type { JWTPayload } from "jose";
import type { Permission, Principal } from "../core/access/principal.ts";
import type { TokenGrant } from "../core/access/token-ports.ts";
import { tokenIdOf, type User } from "../core/access/user.ts";
import { ServiceError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { isTokenId, TOKEN_ID_RULE } from "../core/names.ts";

/** The claim of our own tokens; that of another issuer's is a setting. */
const OWN_CLAIM = "millrace";
/** Of tokens that say who the user is, which `sub` then names. */
const USER_CLAIM = "deepstream";

const ROLES: ReadonlySet<unknown> = new Set(["publish", "subscribe", "both"]);

/**
 * `tid` is there when the id was given by name, `par` and `acc` when the token was minted from others.
 * The client can read all of them; `hiddenData` is the user's server data as it may be seen.
 */
export function claimsOf(grant: TokenGrant, hiddenData: string | undefined): JWTPayload {
  const isOfUserOnly = grant.user !== undefined && !grant.admin && grant.permissions.length === 0;
  return {
    jti: grant.id,
    iat: grant.issuedAt / 1000,
    ...(grant.expiresAt === undefined ? {} : { exp: grant.expiresAt / 1000 }),
    ...(grant.name === undefined ? {} : { tid: grant.name }),
    ...(grant.parents.length === 0 ? {} : { par: grant.parents }),
    ...(grant.account === undefined ? {} : { acc: grant.account }),
    ...(grant.user === undefined ? {} : userClaims(grant.user, hiddenData)),
    ...(isOfUserOnly
      ? {}
      : { [OWN_CLAIM]: grant.admin ? { admin: true } : { permissions: grant.permissions } }),
  };
}

export function ownPrincipal(
  payload: JWTPayload,
  keyId: string,
  user: User | undefined,
): Principal {
  const { jti, tid, par, acc } = payload;
  if (jti === undefined) throw unusable("it has no id (claim jti)");
  return {
    ids: [jti, ...strings(par), ...(user === undefined ? [] : [tokenIdOf(user.id)])],
    keyId,
    name: typeof tid === "string" ? tid : undefined,
    account: typeof acc === "string" ? acc : undefined,
    user,
    expiresAt: expiresAt(payload),
    ...grantOf(payload[OWN_CLAIM], OWN_CLAIM),
  };
}

/** Whose token it is; `reveal` reads what `hiddenData` was when it was signed. */
export async function ownUser(
  payload: JWTPayload,
  reveal: (hiddenData: string) => Promise<Json>,
): Promise<User | undefined> {
  const claim = payload[USER_CLAIM];
  if (claim === undefined) return undefined;
  if (typeof claim !== "object" || claim === null || payload.sub === undefined) {
    throw unusable(`its claim ${USER_CLAIM} is no object, or it has no claim sub`);
  }
  const hidden = "serverData" in claim ? claim.serverData : undefined;
  return {
    id: payload.sub,
    clientData: "clientData" in claim ? (claim.clientData as Json) : undefined,
    serverData: typeof hidden === "string" ? await reveal(hidden) : undefined,
  };
}

/**
 * Its `jti` names the publisher; revoking its `jti` or its `sub` ends it. Throws `unauthenticated`
 * without either: it could be neither revoked nor told from others where limits are counted.
 */
export function foreignPrincipal(payload: JWTPayload, claim: string): Principal {
  const jti = foreignId(payload, "jti");
  const sub = foreignId(payload, "sub");
  const [id, ...ids] = [jti, sub].filter((text) => text !== undefined);
  if (id === undefined)
    throw unusable("it has neither an id (claim jti) nor a subject (claim sub)");
  return {
    ids: [id, ...ids],
    keyId: "",
    name: jti,
    expiresAt: expiresAt(payload),
    ...grantOf(payload[claim], claim),
  };
}

/** In milliseconds; a token that does not say when it was issued counts as issued at the beginning of time. */
export function issuedAt(payload: JWTPayload): number {
  return Math.round((payload.iat ?? 0) * 1000);
}

export function unusable(why: string): ServiceError {
  return new ServiceError("unauthenticated", `The token is not valid: ${why}.`);
}

function foreignId(payload: JWTPayload, claim: "jti" | "sub"): string | undefined {
  const id: unknown = payload[claim];
  if (id === undefined || (typeof id === "string" && isTokenId(id))) return id;
  throw unusable(`its claim ${claim} is no id that could be revoked (allowed: ${TOKEN_ID_RULE})`);
}

function userClaims({ id, clientData }: User, serverData: string | undefined): JWTPayload {
  // What is undefined is left out of the JSON.
  return { sub: id, [USER_CLAIM]: { clientData, serverData } };
}

function expiresAt(payload: JWTPayload): number | undefined {
  return payload.exp === undefined ? undefined : payload.exp * 1000;
}

/** No claim: no permission, so that a token for something else can do nothing here. */
function grantOf(
  value: unknown,
  claim: string,
): { admin: boolean; permissions: readonly Permission[] } {
  if (value === undefined) return { admin: false, permissions: [] };
  if (typeof value !== "object" || value === null)
    throw unusable(`its claim ${claim} is no object`);
  if ("admin" in value && value.admin === true) return { admin: true, permissions: [] };
  const permissions: unknown = "permissions" in value ? value.permissions : value;
  if (Array.isArray(permissions) && permissions.every(isPermission)) {
    return {
      admin: false,
      permissions: permissions.map(({ cache, topic, role }) => ({ cache, topic, role })),
    };
  }
  throw unusable(
    `its claim ${claim} must be {"permissions": [{"cache", "topic", "role"}]} with roles publish, subscribe or both`,
  );
}

function isPermission(value: unknown): value is Permission {
  return (
    typeof value === "object" &&
    value !== null &&
    "cache" in value &&
    typeof value.cache === "string" &&
    "topic" in value &&
    typeof value.topic === "string" &&
    "role" in value &&
    ROLES.has(value.role)
  );
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
