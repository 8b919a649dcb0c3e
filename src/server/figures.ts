// The figures that the server gives of itself, gathered from the rooms that have them.

import type { Hub } from "../apis/deepstream-ws/hub.ts";
import type { Settings } from "../config/schema.ts";
import type { StoreFigures } from "../engine/sqlite/figures.ts";
import type { Writing } from "../engine/sqlite/writer-client.ts";
import type { Figures } from "../telemetry/figures.ts";
import type { DeepstreamServices } from "./deepstream-services.ts";
import type { Services } from "./services.ts";

/** An engine, as who watches it sees it. */
export interface WatchedStore {
  readonly writing: Writing;
  figures(): StoreFigures;
}

export function figuresOf(
  settings: Settings,
  store: WatchedStore,
  { waiters, bodies, tokens }: Services,
  deepstream: DeepstreamServices,
  hub: Hub,
): Figures {
  const { writing, queueBytes, ...kept } = store.figures();
  const { eventListeners, recordListeners, logins } = deepstream;
  return {
    millrace_waiters: waiters.count(),
    millrace_connections: hub.connections,
    millrace_connection_subscriptions: hub.subscriptions,
    millrace_event_subscriptions: deepstream.events.subscriptions,
    millrace_record_subscriptions: deepstream.recordSubscriptions.subscriptions,
    millrace_listened_patterns: eventListeners.sizes.patterns + recordListeners.sizes.patterns,
    millrace_rpc_calls: deepstream.rpcs.calls,
    millrace_caches: kept.caches,
    millrace_topics: kept.topics,
    millrace_topic_bytes: kept.topicBytes,
    millrace_records: kept.records,
    millrace_record_bytes: kept.recordBytes,
    millrace_users: kept.users,
    millrace_database_bytes: kept.databaseBytes,
    millrace_wal_bytes: kept.walBytes,
    millrace_disk_free_bytes: kept.freeBytes,
    millrace_write_queue_bytes: queueBytes,
    millrace_write_queue_limit_bytes: settings.storage.queue_bytes_max,
    millrace_writes_ok: writing === "ok" ? 1 : 0,
    millrace_body_bytes: bodies.bytes,
    millrace_body_limit_bytes: settings.http.body_bytes_in_flight_max,
    millrace_deepstream_body_bytes: deepstream.bodies.bytes,
    millrace_deepstream_body_limit_bytes: settings.deepstream.http.body_bytes_in_flight_max,
    millrace_deepstream_answer_bytes: deepstream.answers.bytes,
    millrace_deepstream_answer_limit_bytes: settings.deepstream.http.answer_bytes_in_flight_max,
    millrace_token_cache_hits_total: tokens.recalls,
    millrace_token_cache_misses_total: tokens.verifications,
    millrace_logins_accepted_total: logins.counts.accepted,
    millrace_logins_refused_total: logins.counts.refused,
    millrace_logins_limited_total: logins.counts.limited,
    millrace_logins_failed_total: logins.counts.failed,
  };
}
