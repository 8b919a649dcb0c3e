// The one schema of every setting, from which file, environment, flags, help and README follow.

import { type Static, Type } from "@sinclair/typebox";
import { deepstream, records } from "./deepstream.ts";
import { besideFile, choice, list, onOff, text, unlimited, whole } from "./shapes.ts";

const tls = Type.Object(
  {
    certificate: besideFile(
      "",
      "The file of the certificate, in PEM, and after it those that lead to its issuer, relative to the configuration file; empty: the server speaks plain HTTP.",
    ),
    key: besideFile(
      "",
      "The file of the certificate's private key, in PEM and not encrypted, relative to the configuration file.",
    ),
    check_seconds: whole(
      30,
      0,
      86_400,
      "How often, in seconds, it is looked whether these files have changed: they are taken up once they have stayed the same from one look to the next. 0: never, only by a reload.",
    ),
    http2: onOff(
      true,
      "Whether clients that can may speak HTTP/2, by which one connection carries many polls at once.",
    ),
    redirect_port: whole(
      0,
      0,
      65_535,
      "The TCP port on which plain HTTP is answered with a redirect to this server; 0: none.",
      "redirect-http",
    ),
  },
  { description: "HTTPS, where it is not a proxy that speaks it." },
);

const http = Type.Object(
  {
    host: text(
      "host",
      "127.0.0.1",
      "The address to listen on; 0.0.0.0 or :: is every address of the machine.",
      "host",
    ),
    port: whole(
      7070,
      0,
      65_535,
      "The TCP port to listen on; 0 takes a free one, which the ready line names.",
      "port",
    ),
    public_endpoint: text(
      "endpoint",
      "",
      "The endpoint written into the keys that this server makes, so that a key leads to its own region; empty: the address it listens on.",
    ),
    origins: list("origin", 1000, "The web origins whose pages may call this server; empty: any."),
    trusted_proxies: list(
      "network",
      1000,
      "The proxies whose X-Forwarded-For is believed when it says which address a client has, as addresses or networks such as 10.0.0.0/8; empty: nobody's.",
    ),
    body_bytes_in_flight_max: whole(
      268_435_456,
      65_536,
      17_179_869_184,
      "Bytes of the bodies of all requests that are being received or answered, which bounds memory however many clients send at once.",
    ),
    body_seconds_max: whole(
      60,
      1,
      3600,
      "Seconds in which a body must have arrived, so that a slow client gives back what it holds; one of 64 KiB or less has 30 seconds, unless it comes in chunks or the server speaks HTTP/2.",
    ),
    tls,
  },
  { description: "How the server listens." },
);

const storage = Type.Object(
  {
    data: text(
      "path",
      "millrace-data",
      "The directory that holds the database and the signing keys.",
      "data",
    ),
    durability: choice(
      ["full", "normal"],
      "full",
      "full: a message is on disk before it is acknowledged. normal: faster, but a power cut can lose the last moments; a crash of the server cannot.",
    ),
    checkpoint: choice(
      ["server", "external"],
      "server",
      "Who copies the write-ahead log into the database. external: another program such as litestream, which must then always run beside the server, for without it the log grows for ever.",
    ),
    upgrade_copy: onOff(
      true,
      "Whether the database is copied, to millrace.db.before-… beside it, before a newer version of Millrace changes its tables. Off: the disk need not have room for it.",
    ),
    bytes_max: unlimited(
      0,
      "Bytes that the database file may take, its write-ahead log apart, after which writes are refused; 0: no limit.",
    ),
    reserve_bytes: whole(
      33_554_432,
      0,
      Number.MAX_SAFE_INTEGER,
      "Bytes of the disk to leave free: with less, publishes are refused, so that there is room for deleting, revoking and retention. 0: none.",
    ),
    group_items_max: whole(
      1024,
      1,
      1024,
      "Writes that share one commit: more raise the throughput, fewer bound how long one commit takes.",
    ),
    queue_bytes_max: whole(
      67_108_864,
      65_536,
      17_179_869_184,
      "Bytes of publishes that may wait for a commit, which bounds memory when the disk is slower than the publishers.",
    ),
    write_seconds_max: whole(
      30,
      1,
      3600,
      "Seconds that a write may take, after which it is answered with 503 and an unknown outcome, so that no request hangs on a disk that does.",
    ),
  },
  { description: "Where state is kept and how safely." },
);

const topics = Type.Object(
  {
    message_bytes_max: whole(
      1_048_576,
      1,
      67_108_864,
      "Bytes of one message; bounds the memory that one publish can take.",
    ),
    wait_seconds_max: whole(
      3600,
      0,
      86_400,
      "Seconds that a poll waits at most; 0: polls never wait.",
    ),
    page_items_max: whole(
      1000,
      1,
      100_000,
      "Items in one answer of a poll; the next poll goes on from there.",
    ),
    page_bytes_max: whole(
      1_048_576,
      1024,
      67_108_864,
      "Bytes of values in one answer of a poll, which always has one item at least; in JSON they may become up to six times as many.",
    ),
    idempotency_window_seconds: whole(
      600,
      1,
      604_800,
      "Seconds for which an Idempotency-Key is remembered: how late a retry of a publish may come.",
    ),
    idempotency_keys_max: whole(
      10_000_000,
      1,
      1_000_000_000,
      "Idempotency keys remembered at once for one cache; bounds their space on disk.",
    ),
    waiters_max: whole(
      100_000,
      1,
      10_000_000,
      "Polls that may wait at once; bounds the memory they take.",
    ),
  },
  { description: "Messages and the polls for them." },
);

const caches = Type.Object(
  {
    caches_max: whole(1000, 1, 1_000_000, "Caches that may exist."),
    retention_seconds: unlimited(604_800, "Seconds for which a message is kept; 0: no limit."),
    retention_bytes: unlimited(
      1_073_741_824,
      "Bytes that a cache keeps, after which its oldest messages go; 0: no limit.",
    ),
    retention_topic_items: unlimited(
      0,
      "Messages that a topic keeps, after which its oldest go; 0: no limit.",
    ),
    topics_max: unlimited(1_000_000, "Topics in a cache; 0: no limit."),
    stored_bytes_max: unlimited(
      0,
      "Bytes that a cache may hold, after which publishes are refused; 0: no limit.",
    ),
  },
  { description: "What holds for a cache that has no retention or limits of its own." },
);

const limits = Type.Object(
  {
    token_publishes_per_second: unlimited(
      0,
      "Publishes a second by one token and those minted from it; 0: no limit.",
    ),
    token_bytes_per_second: unlimited(
      0,
      "Bytes published a second by one token and those minted from it; 0: no limit.",
    ),
    token_waiters: unlimited(
      0,
      "Polls of one token and those minted from it that may wait at once; 0: no limit.",
    ),
    cache_publishes_per_second: unlimited(0, "Publishes a second to one cache; 0: no limit."),
    cache_bytes_per_second: unlimited(0, "Bytes published a second to one cache; 0: no limit."),
    cache_waiters: unlimited(0, "Polls of one cache that may wait at once; 0: no limit."),
    user_requests_per_second: unlimited(
      0,
      "Requests a second to deepstreamHub's API by one user; 0: no limit.",
    ),
    user_commands_per_second: unlimited(
      0,
      "Commands a second in such requests by one user; 0: no limit.",
    ),
  },
  { description: "Shares of the server that one token, one cache or one user may take." },
);

const auth = Type.Object(
  {
    jwks_url: text(
      "url",
      "",
      "The key set of another identity provider whose tokens are accepted; empty: none.",
    ),
    issuer: text("line", "", "The iss claim that tokens of that provider must have."),
    audience: text("line", "", "The aud claim that tokens of that provider must have."),
    claim: text(
      "word",
      "millrace",
      "The claim of that provider's tokens that holds the permissions.",
    ),
    verified_tokens_max: whole(
      10_000,
      0,
      1_000_000,
      "Verified tokens that are remembered, so that not every request costs a verification; bounds their memory.",
    ),
    token_seconds_max: whole(
      90_000,
      1,
      31_536_000,
      "Seconds that a disposable token may live; bounds what a leaked one can do.",
    ),
  },
  { description: "Who may call." },
);

const log = Type.Object(
  {
    level: choice(
      ["debug", "info", "warning", "error"],
      "info",
      "The least severe log lines that are written: debug, info, warning or error.",
    ),
    format: choice(
      ["text", "json"],
      "text",
      "text for people, json (one object a line) for programs.",
    ),
    audit_file: besideFile(
      "",
      "A file to which every change by an administrator is added as a line of JSON, also by the command line while no server runs; empty: they are in the log only, and those without a server nowhere.",
    ),
  },
  { description: "What is written to standard error." },
);

const metrics = Type.Object(
  {
    token_file: besideFile(
      "",
      "The file with the token that GET /metrics then asks of everybody: 16 to 255 characters on one line, read at the start and by a reload. Empty: the metrics are for who asks on loopback, and for nobody through a proxy.",
    ),
  },
  { description: "Who may read GET /metrics." },
);

const traces = Type.Object(
  {
    endpoint: text(
      "url",
      "",
      "Where a collector of OpenTelemetry takes traces by OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; empty: nothing is traced.",
    ),
    sample_percent: whole(
      100,
      1,
      100,
      "Of a hundred requests, how many are traced, where the caller does not say in the header traceparent: bounds what tracing costs.",
    ),
  },
  { description: "Traces of requests, by OpenTelemetry." },
);

export const Settings = Type.Object({
  region: text(
    "region",
    "us-east-1",
    "The region that this server is in: shown in /health, logs and metrics.",
  ),
  http,
  storage,
  topics,
  caches,
  deepstream,
  records,
  limits,
  auth,
  log,
  metrics,
  traces,
});

export type Settings = Static<typeof Settings>;
