// The ports that tokens need: to verify and sign them, to keep the keys, and to remember what was revoked.

import type { Permission, Principal } from "./principal.ts";
import type { StoredKey } from "./signing-key.ts";
import type { User } from "./user.ts";

/** What a token of ours says. */
export interface TokenGrant {
  /** Random unless `name` is given, which it then equals. */
  readonly id: string;
  readonly name: string | undefined;
  /** Ids of the tokens that this one was minted from, the nearest first. */
  readonly parents: readonly string[];
  /** Whose limits it uses, if not its own. */
  readonly account?: string | undefined;
  /** Whose token it is; revoking the user's id ends it as well. */
  readonly user?: User | undefined;
  readonly admin: boolean;
  readonly permissions: readonly Permission[];
  /** Milliseconds since the Unix epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number | undefined;
}

export interface VerifiedToken {
  readonly principal: Principal;
  readonly issuedAt: number;
}

export interface TokenVerifier {
  /** Checks form, algorithm, signature and expiry; throws `unauthenticated` that says which failed. */
  verify(token: string): Promise<VerifiedToken>;
  /** Whether it says that a key of this server has signed it, be it good, expired or forged. */
  isOwn(token: string): boolean;
}

export interface TokenSigner {
  /** Signs with the newest key. */
  sign(grant: TokenGrant): Promise<string>;
}

export interface KeyRotation {
  readonly keyId: string;
  /** Keys that verify nothing any more. */
  readonly endedKeyIds: readonly string[];
}

export interface SigningKeys {
  /** Makes a new key to sign with. The old ones go on verifying unless `revokeOld`. Durable when it resolves. */
  rotate(revokeOld: boolean): Promise<KeyRotation>;
}

export interface KeyStore {
  /** Newest first; made on the first call. Never empty. */
  load(): readonly StoredKey[];
  /** Durable when it returns; all or nothing. */
  save(keys: readonly StoredKey[]): void;
}

export interface RevocationStore {
  /** From a view in memory: until when tokens of this id were revoked, in milliseconds; undefined: never. */
  revokedUntil(id: string): number | undefined;
  /** Revokes every token of this id issued until now, and covers more than each one before. Durable when it resolves. */
  revoke(id: string): Promise<void>;
  /** Calls `listener` synchronously for every revoked id, after its revocation is durable and in the view. */
  onRevoke(listener: (id: string) => void): Disposable;
}
