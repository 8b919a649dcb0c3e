// What the server says of itself each time that somebody looks.

import { Counter, Gauge, type Registry } from "prom-client";

/** By name, with what it says; those that only grow end with `_total`. */
const HELP = {
  millrace_waiters: "Requests that wait for a message.",
  millrace_connections: "WebSockets of deepstream's clients.",
  millrace_connection_subscriptions: "Subscriptions, listeners and provided RPCs of these.",
  millrace_event_subscriptions: "Names of events, times who subscribes to each.",
  millrace_record_subscriptions: "Names of records, times who subscribes to each.",
  millrace_listened_patterns: "Patterns that programs listen to.",
  millrace_rpc_calls: "RPCs that wait for their answer.",
  millrace_caches: "Caches.",
  millrace_topics: "Topics of all caches.",
  millrace_topic_bytes: "Bytes of all messages, each with its overhead.",
  millrace_records: "Records and lists.",
  millrace_record_bytes: "Bytes of all records and lists.",
  millrace_users: "Users who log in with an email address.",
  millrace_database_bytes: "Bytes of the database's file.",
  millrace_wal_bytes: "Bytes of the file of the database's write-ahead log.",
  millrace_disk_free_bytes: "Bytes that the disk has left for the data directory.",
  millrace_write_queue_bytes: "Bytes of writes that wait for the disk.",
  millrace_write_queue_limit_bytes: "Bytes that may wait, after which writes are refused.",
  millrace_writes_ok: "1 while the disk takes what is written, 0 while it does not.",
  millrace_body_bytes: "Bytes of bodies that are being received or answered.",
  millrace_body_limit_bytes: "Bytes that these may take, after which more are refused.",
  millrace_deepstream_body_bytes: "The same of bodies for deepstreamHub's API.",
  millrace_deepstream_body_limit_bytes: "Bytes that these may take, after which more are refused.",
  millrace_deepstream_answer_bytes: "Bytes of deepstreamHub's answers that are being made or read.",
  millrace_deepstream_answer_limit_bytes:
    "Bytes that these may take, after which reads are refused.",
  millrace_token_cache_hits_total: "Tokens that were found among those verified lately.",
  millrace_token_cache_misses_total: "Tokens that had to be verified.",
  millrace_logins_accepted_total: "Logins that let somebody in.",
  millrace_logins_refused_total: "Logins with credentials that were not accepted.",
  millrace_logins_limited_total: "Logins that came after too many that had failed.",
  millrace_logins_failed_total: "Logins that the server, or whom it asks, could not look at.",
} as const;

export type Figures = Readonly<Record<keyof typeof HELP, number>>;

/** Returns what takes the figures of this moment. */
export function openFigures(registry: Registry): (figures: Figures) => void {
  const setters = Object.keys(HELP).map((key) => {
    const name = key as keyof typeof HELP;
    const set = setterOf({ name, help: HELP[name], registers: [registry] });
    return (figures: Figures) => set(figures[name]);
  });
  return (figures) => {
    for (const set of setters) set(figures);
  };
}

function setterOf(metric: {
  name: string;
  help: string;
  registers: Registry[];
}): (value: number) => void {
  if (!metric.name.endsWith("_total")) {
    const gauge = new Gauge(metric);
    return (value) => gauge.set(value);
  }
  const counter = new Counter(metric);
  return (value) => {
    counter.reset();
    counter.inc(value);
  };
}
