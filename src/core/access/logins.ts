// Who the caller is: by a token, or by credentials that the ways to log in look at in their order.

import type { Clock } from "../clock.ts";
import { ServiceError } from "../errors.ts";
import type { Json } from "../json.ts";
import { accountNameOf, type Caller, type Credentials, type LoginMethod } from "./login.ts";
import type { LoginLimits } from "./login-limits.ts";
import type { Principal } from "./principal.ts";
import type { RevocationStore } from "./token-ports.ts";
import type { Tokens } from "./tokens.ts";
import { tokenIdOf, type User } from "./user.ts";
import type { UserChanges } from "./user-changes.ts";

export interface NamedLoginMethod {
  /** What credentials call it in their member `type`. */
  readonly type: string;
  readonly method: LoginMethod;
}

export interface LoggedIn {
  readonly user: User;
  /** Ours, or what the method handed on. */
  readonly token: string;
  /** What the user's client is told. */
  readonly clientData: Json;
}

/** Who may hold a connection. */
export interface Admitted {
  readonly user: User;
  /** What ends the connection when it ends: the user's token, or all that may be revoked of the user. */
  readonly principal: Principal;
}

interface Identity {
  readonly user: User;
  /** Of the token; undefined: it was no token of ours. */
  readonly principal?: Principal;
  readonly token: string | undefined;
  /** When its token counts as issued. */
  readonly issuedAt: number;
}

/** Credentials of nobody's kind are no guess, and so are those that nobody could look at. */
type Outcome = Identity | "refused" | "not looked at";

/** A login under way. */
interface Login {
  readonly beganAt: number;
  /** What was revoked since. */
  readonly revoked: Set<string>;
}

/**
 * How many logins there were: accepted, refused for their credentials, refused because too many had
 * failed, and failed because nobody could look at them. A token of ours that is shown again is none.
 */
export interface LoginCounts {
  accepted: number;
  refused: number;
  limited: number;
  failed: number;
}

/** Members that hold nothing to guess. */
const NO_SECRETS: ReadonlySet<string> = new Set(["type", "username", "email"]);

const NO_CREDENTIALS: Credentials = {};

export class Logins implements Disposable {
  readonly #methods: readonly NamedLoginMethod[];
  readonly #tokens: Tokens;
  readonly #revocations: RevocationStore;
  readonly #changes: UserChanges;
  readonly #limits: LoginLimits;
  readonly #clock: Clock;
  readonly #tokenMs: number;
  readonly #underWay = new Set<Login>();
  readonly #counts: LoginCounts = { accepted: 0, refused: 0, limited: 0, failed: 0 };
  readonly #listener: Disposable;

  constructor(
    methods: readonly NamedLoginMethod[],
    tokens: Tokens,
    revocations: RevocationStore,
    changes: UserChanges,
    limits: LoginLimits,
    clock: Clock,
    tokenMs: number,
  ) {
    this.#methods = methods;
    this.#tokens = tokens;
    this.#revocations = revocations;
    this.#changes = changes;
    this.#limits = limits;
    this.#clock = clock;
    this.#tokenMs = tokenMs;
    this.#listener = revocations.onRevoke((id) => {
      for (const { revoked } of this.#underWay) revoked.add(id);
    });
  }

  /** Throws `unauthenticated`, `limit_exceeded` or `identity_provider_unavailable`. */
  async login(credentials: Credentials, caller: Caller): Promise<LoggedIn> {
    const { user, token, issuedAt } = await this.#ask(credentials, caller);
    const clientData = user.clientData ?? {};
    if (token !== undefined) return { user, token, clientData };
    const issued = await this.#tokens.issue(user, issuedAt, issuedAt + this.#tokenMs);
    return { user, token: issued.token, clientData };
  }

  /** As `login` for a single request, for which no token is made. */
  async identify(credentials: Credentials, caller: Caller): Promise<User> {
    return (await this.#ask(credentials, caller)).user;
  }

  /** As `login` for a connection, for which no token is made. */
  async admit(credentials: Credentials, caller: Caller): Promise<Admitted> {
    const { user, principal } = await this.#ask(credentials, caller);
    return { user, principal: principal ?? principalOf(user) };
  }

  /** The user of a token that was verified lately and is still good, without any waiting. */
  recall(token: string): User | undefined {
    return this.#tokens.recall(token)?.user;
  }

  /** Token undefined: the caller has none. Throws as `login` does. */
  async authenticate(token: string | undefined, caller: Caller): Promise<User> {
    const credentials = token === undefined ? NO_CREDENTIALS : { token };
    return (await this.#ask(credentials, caller)).user;
  }

  get counts(): Readonly<LoginCounts> {
    return this.#counts;
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
  }

  async #ask(credentials: Credentials, caller: Caller): Promise<Identity> {
    const { token } = credentials;
    if (typeof token === "string" && this.#tokens.isOwn(token)) return await this.#ownUser(token);
    try {
      const identity = await this.#askOthers(credentials, caller);
      this.#counts.accepted += 1;
      return identity;
    } catch (cause) {
      this.#counts[outcomeOf(cause)] += 1;
      throw cause;
    }
  }

  async #askOthers(credentials: Credentials, caller: Caller): Promise<Identity> {
    const holdsSecret = Object.keys(credentials).some((member) => !NO_SECRETS.has(member));
    const outcome = holdsSecret
      ? await this.#askLimited(credentials, caller)
      : await this.#askMethods(credentials, caller);
    if (typeof outcome === "object") return outcome;
    throw new ServiceError("unauthenticated", "The credentials were not accepted.");
  }

  async #askLimited(credentials: Credentials, caller: Caller): Promise<Outcome> {
    const attempt = await this.#limits.begin(caller.address, accountNameOf(credentials));
    let outcome: Outcome = "not looked at";
    try {
      outcome = await this.#askMethods(credentials, caller);
      return outcome;
    } finally {
      if (outcome === "not looked at") attempt.abandoned();
      else if (outcome === "refused") attempt.failed();
      else attempt.succeeded();
    }
  }

  async #ownUser(token: string): Promise<Identity> {
    const principal = await this.#tokens.authenticate(token);
    const { user } = principal;
    if (user !== undefined) return { user, principal, token, issuedAt: this.#clock.now() };
    throw new ServiceError("unauthenticated", "The token does not say whose it is.");
  }

  async #askMethods(credentials: Credentials, caller: Caller): Promise<Outcome> {
    const login: Login = { beganAt: this.#changes.loginTime(), revoked: new Set() };
    this.#underWay.add(login);
    try {
      for (const { method } of this.#methodsFor(credentials)) {
        const result = await method.login(credentials, caller);
        if (result === undefined) continue;
        if (result.kind === "refused") return "refused";
        const { user, token } = result;
        if (login.revoked.has(tokenIdOf(user.id))) return "refused";
        return { user, token, issuedAt: this.#issuedAt(user, login) };
      }
      return "not looked at";
    } finally {
      this.#underWay.delete(login);
    }
  }

  /** Credentials that name one of the ways go that way only. */
  #methodsFor({ type }: Credentials): readonly NamedLoginMethod[] {
    const named = this.#methods.filter((method) => method.type === type);
    return named.length > 0 ? named : this.#methods;
  }

  /**
   * When the login began, so that a revocation that this server is told of only later covers it; but
   * after one that was there before, though it be of this very millisecond.
   */
  #issuedAt({ id }: User, { beganAt }: Login): number {
    const until = this.#revocations.revokedUntil(tokenIdOf(id));
    return until === undefined ? beganAt : Math.max(beganAt, until + 1);
  }
}

function outcomeOf(cause: unknown): keyof LoginCounts {
  const code = cause instanceof ServiceError ? cause.code : undefined;
  if (code === "unauthenticated") return "refused";
  return code === "limit_exceeded" ? "limited" : "failed";
}

/** Without a token of its own it ends when all tokens of the user do. */
function principalOf(user: User): Principal {
  return {
    ids: [tokenIdOf(user.id)],
    keyId: "",
    name: undefined,
    user,
    admin: false,
    permissions: [],
    expiresAt: undefined,
  };
}
