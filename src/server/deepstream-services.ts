// The core's services for deepstream's programs: who they are, and what they share.

import type { Settings } from "../config/schema.ts";
import type { Logins } from "../core/access/logins.ts";
import { type Denial, Permissions } from "../core/access/permissions.ts";
import { RateLimits } from "../core/access/rate-limits.ts";
import type { Rules } from "../core/access/rules.ts";
import { UserLimits } from "../core/access/user-limits.ts";
import { AnswerBudget } from "../core/answer-budget.ts";
import { BodyBudget } from "../core/body-budget.ts";
import type { Clock } from "../core/clock.ts";
import { Events } from "../core/events/events.ts";
import type { OnBug } from "../core/listeners.ts";
import { PatternListeners, type Subscribed } from "../core/listening/listeners.ts";
import type { RecordStore } from "../core/records/record-store.ts";
import { RecordSubscriptions } from "../core/records/record-subscriptions.ts";
import { Records } from "../core/records/records.ts";
import { StoredRecords } from "../core/records/stored-records.ts";
import { Rpcs } from "../core/rpc/rpcs.ts";
import { compileLinear } from "../patterns/linear-pattern.ts";
import type { Log } from "../telemetry/log.ts";
import { openLogins } from "./logins.ts";
import { deepstreamBodyLimits, listeningSettings, recordsLimits } from "./options.ts";
import { Pace } from "./pace.ts";
import type { Reloadable } from "./reloads.ts";
import { reloadableRules } from "./rules.ts";
import type { Services, Stores } from "./services.ts";

/** What an engine remembers of them. */
export interface DeepstreamStores extends Stores {
  readonly recordStore: RecordStore;
}

export interface DeepstreamServices extends Disposable {
  readonly permissions: Permissions;
  readonly records: Records;
  readonly storedRecords: StoredRecords;
  readonly recordSubscriptions: RecordSubscriptions;
  readonly recordListeners: PatternListeners;
  readonly eventListeners: PatternListeners;
  readonly events: Events;
  readonly rpcs: Rpcs;
  readonly logins: Logins;
  readonly userLimits: UserLimits;
  /** Apart from that of the other APIs: who sends these bodies is known only when they are here. */
  readonly bodies: BodyBudget;
  readonly answers: AnswerBudget;
  readonly reloadables: readonly Reloadable[];
}

export interface PermissionRules {
  /** Undefined: everything is permitted. */
  readonly rules: Rules | undefined;
  readonly onDenial: (denial: Denial) => void;
}

/** Others have their turn. */
const pause = () => new Promise<void>(setImmediate);

/** Throws `StartError` when the file of users cannot be used. */
export function openDeepstream(
  settings: Settings,
  stores: DeepstreamStores,
  services: Services,
  clock: Clock,
  log: Log,
  onBug: OnBug,
  { rules, onDenial }: PermissionRules,
): DeepstreamServices {
  const { deepstream, limits } = settings;
  const { deadlines, writes } = services;
  const opened = new DisposableStack();
  const names = { nameBytesMax: settings.records.name_bytes_max };
  const { recordStore } = stores;
  const pace = new Pace();
  const permissions = new Permissions(rules, {
    look: (name) => recordStore.readRevised(name),
    rest: () => pace.rest(),
    onDenial,
  });
  const records = new Records(recordStore, permissions, writes, recordsLimits(settings), onBug);
  const recordSubscriptions = opened.use(
    new RecordSubscriptions(records, recordStore, names, pause, onBug),
  );
  const events = new Events(permissions, names, onBug);
  const listenersTo = (subscribed: Subscribed) =>
    opened.use(
      new PatternListeners(
        ...([subscribed, compileLinear, listeningSettings(settings)] as const),
        ...([deadlines, pause, onBug] as const),
      ),
    );
  const recordListeners = listenersTo(recordSubscriptions);
  recordListeners.onProvider(({ name, hasProvider }) => {
    recordSubscriptions.setProvider(name, hasProvider);
  });
  const { logins, reloadables } = openLogins(settings, services, stores, clock, log);
  return {
    permissions,
    records,
    storedRecords: new StoredRecords(
      ...([recordStore, writes, recordsLimits(settings)] as const),
      ...([(name: string) => records.announce([name]), services.audit] as const),
    ),
    recordSubscriptions,
    recordListeners,
    events,
    eventListeners: listenersTo(events),
    rpcs: opened.use(
      new Rpcs(
        permissions,
        deadlines,
        {
          ...names,
          callsMax: deepstream.rpc.calls_max,
          dataMax: deepstream.rpc.data_bytes_max,
          ackTimeoutMs: deepstream.rpc.ack_timeout_ms,
          responseTimeoutMs: deepstream.rpc.response_timeout_ms,
        },
        onBug,
      ),
    ),
    logins: opened.use(logins),
    reloadables: [...reloadables, reloadableRules(permissions, clock, log)],
    bodies: new BodyBudget(deadlines, deepstreamBodyLimits(settings)),
    answers: new AnswerBudget(deepstream.http.answer_bytes_in_flight_max),
    userLimits: new UserLimits(new RateLimits(clock), {
      requestsPerSecond: limits.user_requests_per_second,
      commandsPerSecond: limits.user_commands_per_second,
    }),
    [Symbol.dispose]: () => opened.dispose(),
  };
}
