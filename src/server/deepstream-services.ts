// The core's services for deepstream's programs: who they are, and what they share.

import { readFileSync } from "node:fs";
import { EmailLogin } from "../auth/email-login.ts";
import { FileLogin } from "../auth/file-login.ts";
import { parseUserFile, UserFileError } from "../auth/user-file.ts";
import { WebhookLogin } from "../auth/webhook-login.ts";
import type { Settings } from "../config/schema.ts";
import type { LoginMethod } from "../core/access/login.ts";
import { Logins } from "../core/access/logins.ts";
import { OpenLogin } from "../core/access/open-login.ts";
import { RateLimits } from "../core/access/rate-limits.ts";
import { UserLimits } from "../core/access/user-limits.ts";
import type { Clock } from "../core/clock.ts";
import { Events } from "../core/events/events.ts";
import { Presence } from "../core/presence/presence.ts";
import type { RecordStore } from "../core/records/record-store.ts";
import { Records } from "../core/records/records.ts";
import { Rpcs } from "../core/rpc/rpcs.ts";
import type { Log } from "../telemetry/log.ts";
import { recordsLimits, webhookOptions } from "./options.ts";
import type { Services, Stores } from "./services.ts";
import { StartError } from "./start-error.ts";

/** What an engine remembers of them. */
export interface DeepstreamStores extends Stores {
  readonly recordStore: RecordStore;
}

export interface DeepstreamServices extends Disposable {
  readonly records: Records;
  readonly events: Events;
  readonly rpcs: Rpcs;
  readonly presence: Presence;
  readonly logins: Logins;
  readonly userLimits: UserLimits;
}

type LoginType = Settings["deepstream"]["auth"][number];

const HOUR_MS = 3_600_000;

/** Throws `StartError` when the file of users cannot be used. */
export function openDeepstream(
  settings: Settings,
  stores: DeepstreamStores,
  services: Services,
  clock: Clock,
  log: Log,
): DeepstreamServices {
  const { deepstream, limits } = settings;
  const { deadlines, writes, tokens, loginLimits } = services;
  const opened = new DisposableStack();
  const onBug = (cause: unknown) => log.error("A listener failed", { cause: String(cause) });
  const methods = deepstream.auth.map((type) => ({
    type,
    method: methodOf(type, settings, stores, services, clock, log),
  }));
  const tokenMs = deepstream.token_hours * HOUR_MS;
  const names = { nameBytesMax: settings.records.name_bytes_max };
  return {
    records: new Records(stores.recordStore, writes, recordsLimits(settings), onBug),
    events: new Events(names, onBug),
    rpcs: opened.use(
      new Rpcs(
        deadlines,
        {
          ...names,
          callsMax: deepstream.rpc.calls_max,
          ackTimeoutMs: deepstream.rpc.ack_timeout_ms,
          responseTimeoutMs: deepstream.rpc.response_timeout_ms,
        },
        onBug,
      ),
    ),
    presence: new Presence(onBug),
    logins: opened.use(
      new Logins(methods, tokens, stores.revocations, loginLimits, clock, tokenMs),
    ),
    userLimits: new UserLimits(new RateLimits(clock), {
      requestsPerSecond: limits.user_requests_per_second,
      commandsPerSecond: limits.user_commands_per_second,
    }),
    [Symbol.dispose]: () => opened.dispose(),
  };
}

function methodOf(
  type: LoginType,
  { deepstream }: Settings,
  { userStore }: DeepstreamStores,
  { passwordHasher }: Services,
  clock: Clock,
  log: Log,
): LoginMethod {
  switch (type) {
    case "open":
      return new OpenLogin(deepstream.auth.length === 1);
    case "email":
      return new EmailLogin(userStore, passwordHasher);
    case "file":
      return new FileLogin(readUsers(deepstream.file.path), passwordHasher);
    case "webhook":
      return new WebhookLogin(
        webhookOptions(deepstream.webhook),
        clock,
        (why) => log.error("The login webhook cannot be asked", { why }),
        () => log.info("The login webhook answers again"),
      );
  }
}

function readUsers(path: string) {
  try {
    return parseUserFile(readFileSync(path, "utf8"));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    if (!(cause instanceof UserFileError) && !("code" in cause)) throw cause;
    throw new StartError(`The file of users ${path} cannot be used: ${cause.message}.`, { cause });
  }
}
