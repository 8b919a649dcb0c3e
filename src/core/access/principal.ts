// Who asks, and what that one may do on which topics.

import { ServiceError } from "../errors.ts";
import type { User } from "./user.ts";

export type Role = "publish" | "subscribe" | "both";
export type Direction = "publish" | "subscribe";

/** Names a cache (`*` for all) and a topic of it (`PREFIX*` for all that start so, `*` for all). */
export interface Permission {
  readonly cache: string;
  readonly topic: string;
  readonly role: Role;
}

export interface Principal {
  /** The token's id and those of the tokens that it was minted from; revoking any of them ends it. */
  readonly ids: readonly [string, ...string[]];
  /** The key that signed the token; empty for tokens of another issuer. */
  readonly keyId: string;
  /** The id that the token was given by name; published items carry it. */
  readonly name: string | undefined;
  /** Whose limits it uses, if not those of its own id. */
  readonly account?: string | undefined;
  /** Who it is to records, events, RPCs and presence; undefined: nobody, and none of these may be used. */
  readonly user?: User | undefined;
  readonly admin: boolean;
  readonly permissions: readonly Permission[];
  /** Milliseconds since the Unix epoch; undefined: never expires. */
  readonly expiresAt: number | undefined;
}

/** Under which id its publishes and waiting requests are counted. */
export function accountOf(principal: Principal): string {
  return principal.account ?? principal.ids[0];
}

/** Throws `permission_denied` unless the principal may publish to (subscribe to) this topic. */
export function requireTopic(
  principal: Principal,
  direction: Direction,
  cache: string,
  topic: string,
): void {
  if (principal.admin) return;
  for (const permission of principal.permissions) {
    if (permits(permission, direction, cache, topic)) return;
  }
  throw new ServiceError(
    "permission_denied",
    `The token does not allow ${direction === "publish" ? "publishing" : "subscribing"} to this topic.`,
  );
}

/** Throws `permission_denied` unless the principal may use every topic of this cache. */
export function requireWholeCache(principal: Principal, cache: string): void {
  if (principal.admin) return;
  if (principal.permissions.some((p) => covers(p.cache, cache) && p.topic === "*")) return;
  throw new ServiceError("permission_denied", "The token does not cover the whole cache.");
}

export function requireAdmin(principal: Principal): void {
  if (principal.admin) return;
  throw new ServiceError("permission_denied", "This needs an admin token.");
}

/** Whether `principal` may do all that `wanted` permits. */
export function mayGrant(principal: Principal, wanted: Permission): boolean {
  if (principal.admin) return true;
  const directions: readonly Direction[] =
    wanted.role === "both" ? ["publish", "subscribe"] : [wanted.role];
  return directions.every((direction) =>
    principal.permissions.some(
      (held) =>
        (held.role === "both" || held.role === direction) &&
        covers(held.cache, wanted.cache) &&
        coversPattern(held.topic, wanted.topic),
    ),
  );
}

function permits(held: Permission, direction: Direction, cache: string, topic: string): boolean {
  if (held.role !== "both" && held.role !== direction) return false;
  return covers(held.cache, cache) && coversPattern(held.topic, topic);
}

function covers(held: string, wanted: string): boolean {
  return held === "*" || held === wanted;
}

/** A name cannot contain `*`, so a trailing one is always the wildcard. */
function coversPattern(held: string, wanted: string): boolean {
  return held.endsWith("*") ? wanted.startsWith(held.slice(0, -1)) : held === wanted;
}
