// Tokens: recognised, minted and revoked.

import type { Clock } from "../clock.ts";
import { invalidArgument, ServiceError } from "../errors.ts";
import { TwoGenerationMap } from "../two-generation-map.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import { type Audit, requireOtherThanCommandLine } from "./audit.ts";
import { accountOf, mayGrant, type Permission, type Principal } from "./principal.ts";
import type {
  RevocationStore,
  SigningKeys,
  TokenSigner,
  TokenVerifier,
  VerifiedToken,
} from "./token-ports.ts";
import { tokenIdOf, type User } from "./user.ts";

export interface TokensLimits {
  /** How many verified tokens are remembered. */
  readonly rememberedMax: number;
  readonly secondsMax: number;
}

export interface MintRequest {
  readonly permissions: readonly Permission[];
  readonly expiresInSeconds: number;
  readonly name: string | undefined;
}

/** A token that stands on its own, as the command line makes it. */
export interface NewToken {
  /** Allows everything; `permissions` must be empty then. */
  readonly admin: boolean;
  readonly permissions: readonly Permission[];
  /** Who it is to records, events, RPCs and presence. */
  readonly user: User | undefined;
  /** Undefined: it never expires. */
  readonly expiresInSeconds: number | undefined;
  /** Undefined: its id is drawn. */
  readonly name: string | undefined;
}

export interface IssuedToken {
  readonly token: string;
  readonly id: string;
  /** Milliseconds since the Unix epoch; undefined: never. */
  readonly expiresAt: number | undefined;
}

export interface MintedToken {
  readonly token: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** Longer tokens are verified each time, so that few of them cannot fill the memory. */
const REMEMBERED_CHARACTERS_MAX = 4096;

/** A chain of tokens minted from tokens may be this long. */
const PARENTS_MAX = 8;

export class Tokens implements Disposable {
  readonly #verifier: TokenVerifier;
  readonly #signer: TokenSigner;
  readonly #keys: SigningKeys;
  readonly #revocations: RevocationStore;
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #writes: WriteDeadline;
  readonly #limits: TokensLimits;
  readonly #onEnd: (isOver: (principal: Principal) => boolean) => void;
  readonly #remembered: TwoGenerationMap<string, Principal>;
  readonly #listener: Disposable;
  /** How often tokens have ended before their time. */
  #endings = 0;
  #recalls = 0;
  #verifications = 0;

  /** `onEnd` is called when tokens end before their time, to end what still runs on them. */
  constructor(
    ports: {
      verifier: TokenVerifier;
      signer: TokenSigner;
      keys: SigningKeys;
      revocations: RevocationStore;
      audit: Audit;
    },
    clock: Clock,
    writes: WriteDeadline,
    limits: TokensLimits,
    onEnd: (isOver: (principal: Principal) => boolean) => void,
  ) {
    this.#verifier = ports.verifier;
    this.#signer = ports.signer;
    this.#keys = ports.keys;
    this.#revocations = ports.revocations;
    this.#audit = ports.audit;
    this.#clock = clock;
    this.#writes = writes;
    this.#limits = limits;
    this.#onEnd = onEnd;
    this.#remembered = new TwoGenerationMap(limits.rememberedMax);
    this.#listener = ports.revocations.onRevoke((id) =>
      this.#end((other) => other.ids.includes(id)),
    );
  }

  /** The principal of a token that was verified lately and is still good, without any waiting. */
  recall(token: string): Principal | undefined {
    const principal = this.#remembered.get(token);
    if (principal === undefined) return undefined;
    if (principal.expiresAt !== undefined && principal.expiresAt <= this.#clock.now()) {
      this.#remembered.delete(token);
      return undefined;
    }
    this.#recalls += 1;
    return principal;
  }

  /** Tokens that were found among those remembered, each time. */
  get recalls(): number {
    return this.#recalls;
  }

  /** Tokens that had to be verified, whatever came of it. */
  get verifications(): number {
    return this.#verifications;
  }

  /** Throws `unauthenticated` that says what is wrong with the token. */
  async authenticate(token: string): Promise<Principal> {
    for (;;) {
      const recalled = this.recall(token);
      if (recalled !== undefined) return recalled;
      const endings = this.#endings;
      this.#verifications += 1;
      const verified = await this.#verifier.verify(token);
      // What ended meanwhile may have been this one: the verification began before.
      if (endings !== this.#endings) continue;
      this.#requireNotRevoked(verified);
      if (token.length <= REMEMBERED_CHARACTERS_MAX) {
        this.#remembered.set(token, verified.principal);
      }
      return verified.principal;
    }
  }

  /**
   * Mints a token that may do a part of what `principal` may, for a time no longer than the
   * principal's own. Throws `permission_denied` or `invalid_argument`.
   */
  async mint(principal: Principal, request: MintRequest): Promise<MintedToken> {
    requireDistinct(request.permissions);
    if (request.expiresInSeconds > this.#limits.secondsMax) {
      throw invalidArgument(
        `A token may live at most ${this.#limits.secondsMax} seconds; ask for that or less.`,
      );
    }
    for (const permission of request.permissions) requireGrantable(principal, permission);
    const parents = principal.ids.slice(0, PARENTS_MAX + 1);
    if (parents.length > PARENTS_MAX) {
      throw new ServiceError(
        "permission_denied",
        `The token was minted through ${PARENTS_MAX} others; it may mint no further one.`,
      );
    }
    requireOtherThanCommandLine(request.name);
    const name = inheritedName(principal, request.name);
    const id = name ?? crypto.randomUUID();
    const issuedAt = this.#issuedAt([id]);
    const expiresAt = Math.min(
      issuedAt + request.expiresInSeconds * 1000,
      principal.expiresAt ?? Number.POSITIVE_INFINITY,
    );
    const token = await this.#signer.sign({
      id,
      name,
      parents,
      // Minting must not multiply what one may use; an administrator's tokens each have limits of their own.
      account: principal.admin ? undefined : accountOf(principal),
      admin: false,
      permissions: request.permissions,
      issuedAt,
      expiresAt,
    });
    // What programs mint for others is their work and no administration.
    if (principal.admin) this.#audit.note(principal, "token.mint", { token: id });
    return { token, expiresAt };
  }

  /**
   * Issues whatever token an administrator wants; it stays when the administrator's own has ended.
   * Throws `permission_denied` or `invalid_argument`.
   */
  async issueFor(principal: Principal, wanted: NewToken): Promise<IssuedToken> {
    const { name, user, admin, permissions, expiresInSeconds } = wanted;
    const id = name ?? crypto.randomUUID();
    return await this.#audit.administer(
      principal,
      "token.issue",
      { token: id, admin },
      async () => {
        requireOtherThanCommandLine(name);
        requireDistinct(permissions);
        const issuedAt = this.#issuedAt([id, ...(user === undefined ? [] : [tokenIdOf(user.id)])]);
        const expiresAt =
          expiresInSeconds === undefined ? undefined : issuedAt + expiresInSeconds * 1000;
        const grant = { id, name, parents: [], user, admin, permissions, issuedAt, expiresAt };
        return { token: await this.#signer.sign(grant), id, expiresAt };
      },
    );
  }

  /** Whether the server itself has to say if it is good; else an identity provider may know it. */
  isOwn(token: string): boolean {
    return this.#verifier.isOwn(token);
  }

  /** Issues a token that says who the user is and permits nothing on topics. */
  async issue(user: User, issuedAt: number, expiresAt: number): Promise<MintedToken> {
    const token = await this.#signer.sign({
      id: crypto.randomUUID(),
      name: undefined,
      parents: [],
      user,
      admin: false,
      permissions: [],
      issuedAt,
      expiresAt,
    });
    return { token, expiresAt };
  }

  /** Revokes all tokens of this id issued until now, and those minted from them. */
  async revoke(principal: Principal, id: string): Promise<void> {
    await this.#audit.administer(principal, "token.revoke", { token: id }, () =>
      this.#writes.bound(this.#revocations.revoke(id)),
    );
  }

  async rotateKeys(principal: Principal, revokeOld: boolean): Promise<string> {
    return await this.#audit.administer(principal, "key.rotate", { revokeOld }, async () => {
      const { keyId, endedKeyIds } = await this.#keys.rotate(revokeOld);
      this.#end((other) => endedKeyIds.includes(other.keyId));
      return keyId;
    });
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
  }

  /** A revocation in this very millisecond was of the tokens before this one. */
  #issuedAt(ids: readonly string[]): number {
    const revoked = ids.map((id) => (this.#revocations.revokedUntil(id) ?? 0) + 1);
    return Math.max(this.#clock.now(), ...revoked);
  }

  #end(isOver: (principal: Principal) => boolean): void {
    this.#endings += 1;
    this.#remembered.clear();
    this.#onEnd(isOver);
  }

  #requireNotRevoked({ principal, issuedAt }: VerifiedToken): void {
    for (const id of principal.ids) {
      const until = this.#revocations.revokedUntil(id);
      if (until !== undefined && issuedAt <= until) {
        throw new ServiceError("unauthenticated", "The token was revoked.");
      }
    }
  }
}

function requireGrantable(principal: Principal, permission: Permission): void {
  if (mayGrant(principal, permission)) return;
  throw new ServiceError(
    "permission_denied",
    `The token may not grant "${permission.role}" on topic "${permission.topic}" of cache "${permission.cache}": it may not do so itself.`,
  );
}

function requireDistinct(permissions: readonly Permission[]): void {
  const selectors = new Set(permissions.map((p) => `${p.cache}\n${p.topic}`));
  if (selectors.size === permissions.length) return;
  throw invalidArgument("Two permissions name the same cache and topic; give each pair once.");
}

/**
 * A name says who publishes. A token that an administrator made may name whom it mints for; one that
 * was minted, or is another issuer's, hands on its own name and cannot pass as somebody else.
 */
function inheritedName(principal: Principal, asked: string | undefined): string | undefined {
  const isMade = principal.keyId !== "" && principal.ids.length === 1;
  if (principal.admin || isMade) return asked;
  if (asked === undefined || asked === principal.name) return principal.name;
  throw new ServiceError(
    "permission_denied",
    "A minted token may not mint one with another token_id than its own.",
  );
}
