// The core's services on top of an engine.

import { JwtTokens } from "../auth/jwt-tokens.ts";
import { KeyRing } from "../auth/key-ring.ts";
import { PasswordHash } from "../auth/password-hash.ts";
import type { Settings } from "../config/schema.ts";
import type { Audit } from "../core/access/audit.ts";
import { Connections } from "../core/access/connections.ts";
import { LoginLimits } from "../core/access/login-limits.ts";
import type { PasswordHasher } from "../core/access/password-hasher.ts";
import { RateLimits } from "../core/access/rate-limits.ts";
import type { KeyStore, RevocationStore, SigningKeys } from "../core/access/token-ports.ts";
import { Tokens } from "../core/access/tokens.ts";
import { UserChanges } from "../core/access/user-changes.ts";
import type { UserStore } from "../core/access/user-store.ts";
import { Users } from "../core/access/users.ts";
import { BodyBudget } from "../core/body-budget.ts";
import type { CacheStore } from "../core/caches/cache-store.ts";
import { Caches } from "../core/caches/caches.ts";
import type { Clock } from "../core/clock.ts";
import { Deadlines } from "../core/deadlines.ts";
import type { OnBug } from "../core/listeners.ts";
import { Presence } from "../core/presence/presence.ts";
import type { TopicLog } from "../core/topics/topic-log.ts";
import { Topics } from "../core/topics/topics.ts";
import { Waiters } from "../core/topics/waiters.ts";
import { WriteDeadline } from "../core/write-deadline.ts";
import { bodyLimits, foreignIssuer, loginLimitsOptions, topicsLimits } from "./options.ts";

/** What an engine remembers; any engine will do. */
export interface Stores {
  readonly topicLog: TopicLog;
  readonly cacheStore: CacheStore;
  readonly revocations: RevocationStore;
  readonly keys: KeyStore;
  readonly userStore: UserStore;
}

export interface Services extends Disposable {
  readonly topics: Topics;
  readonly caches: Caches;
  readonly tokens: Tokens;
  readonly bodies: BodyBudget;
  readonly waiters: Waiters;
  readonly signingKeys: SigningKeys;
  readonly users: Users;
  readonly userChanges: UserChanges;
  readonly loginLimits: LoginLimits;
  readonly passwordHasher: PasswordHasher;
  readonly deadlines: Deadlines;
  readonly writes: WriteDeadline;
  readonly presence: Presence;
  readonly connections: Connections;
  readonly audit: Audit;
}

/** `onBug` takes what somebody throws who is told of something. */
export function openServices(
  settings: Settings,
  stores: Stores,
  clock: Clock,
  audit: Audit,
  onBug: OnBug,
): Services {
  const { topicLog, cacheStore, revocations } = stores;
  const { topics: topicSettings, limits, auth } = settings;
  const opened = new DisposableStack();
  const signingKeys = new KeyRing(stores.keys, clock);
  const signer = new JwtTokens(signingKeys, clock, foreignIssuer(settings));
  const waiters = new Waiters({
    serverMax: topicSettings.waiters_max,
    tokenMax: limits.token_waiters,
  });
  const deadlines = opened.use(new Deadlines(clock));
  const writes = new WriteDeadline(deadlines, settings.storage.write_seconds_max * 1000);
  const presence = new Presence(onBug);
  const connections = new Connections(deadlines, presence, audit);
  const tokens = opened.use(
    new Tokens(
      { verifier: signer, signer, keys: signingKeys, revocations, audit },
      clock,
      writes,
      { rememberedMax: auth.verified_tokens_max, secondsMax: auth.token_seconds_max },
      (isOver) => {
        waiters.endTokens(isOver);
        connections.endTokens(isOver);
      },
    ),
  );
  const rates = new RateLimits(clock);
  const limitsOfTopics = topicsLimits(settings);
  const topics = opened.use(
    new Topics(topicLog, cacheStore, waiters, rates, deadlines, writes, limitsOfTopics, audit),
  );
  const { password_checks_max, password_queue_max } = settings.deepstream.login;
  const passwordHasher = new PasswordHash(password_checks_max, password_queue_max);
  const loginLimits = new LoginLimits(clock, loginLimitsOptions(settings));
  const userChanges = new UserChanges(clock);
  return {
    topics,
    caches: new Caches(cacheStore, waiters, writes, audit),
    tokens,
    bodies: new BodyBudget(deadlines, bodyLimits(settings)),
    waiters,
    signingKeys,
    users: new Users(stores.userStore, passwordHasher, userChanges, loginLimits, writes, audit),
    userChanges,
    loginLimits,
    passwordHasher,
    deadlines,
    writes,
    presence,
    connections,
    audit,
    [Symbol.dispose]: () => opened.dispose(),
  };
}
