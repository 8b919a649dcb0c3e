// The settings of deepstreamHub's HTTP API: who may log in to it, how, and what one request may take.

import { Type } from "@sinclair/typebox";
import { besideFile, choices, list, onOff, text, unlimited, whole, wholes } from "./shapes.ts";

const YEAR_HOURS = 8760;
const YEAR_MS = YEAR_HOURS * 3_600_000;
const TEN_MINUTES_MS = 600_000;

const http = Type.Object(
  {
    request_timeout_ms: whole(
      20_000,
      1,
      TEN_MINUTES_MS,
      "Milliseconds after which the commands of a request that are not done are answered as timed out, so that one slow command does not hold the others.",
    ),
    body_bytes_max: whole(
      1_048_576,
      1,
      67_108_864,
      "Bytes of the body of a request; bounds the memory that one can take.",
    ),
    body_bytes_in_flight_max: whole(
      67_108_864,
      2,
      17_179_869_184,
      "Bytes of the bodies of all such requests that are being received or answered: strangers send them too, so they have a share apart from that of [http].",
    ),
    answer_bytes_max: whole(
      16_777_216,
      1024,
      1_073_741_824,
      "Bytes of the answer to a batch, so that a few small commands cannot ask for gigabytes: reads beyond it fail.",
    ),
    answer_bytes_in_flight_max: whole(
      268_435_456,
      1024,
      17_179_869_184,
      "Bytes of all answers that are being made or read, those of 64 KiB or less apart: clients that do not read theirs must not fill the memory.",
    ),
  },
  { description: "One request with its batch of commands." },
);

const email = Type.Object(
  {
    sign_up: onOff(
      false,
      "Whether anybody may make a user of their own, by a POST to auth_path with /signup behind it.",
    ),
    users_max: whole(
      1_000_000,
      1,
      1_000_000_000,
      "Users that may exist; bounds what strangers who sign up can store.",
    ),
  },
  { description: 'Users who log in with an address and a password: "email" in auth.' },
);

const file = Type.Object(
  {
    path: besideFile(
      "users.yml",
      "The file of users, in YAML or JSON, relative to the configuration file.",
    ),
  },
  { description: 'Users who are listed in a file: "file" in auth.' },
);

const webhook = Type.Object(
  {
    url: text(
      "url",
      "http://127.0.0.1:6098/",
      "The URL that is asked by POST whether a login is good, and who it is.",
    ),
    timeout_ms: whole(
      2000,
      1,
      TEN_MINUTES_MS,
      "Milliseconds that one such request may take, so that logins do not pile up behind a webhook that hangs.",
    ),
    permitted_status_codes: wholes(
      200,
      599,
      100,
      [200],
      "The status codes that accept a login; another 4xx refuses it, and what is neither is an error of the server.",
    ),
    retry_status_codes: wholes(
      200,
      599,
      100,
      [404, 504],
      "The status codes that mean: ask again, because the webhook is not there just now.",
    ),
    retry_attempts: whole(
      3,
      0,
      100,
      "How often it is asked again after such a status code or no answer; 0: never.",
    ),
    retry_interval_ms: whole(5000, 0, TEN_MINUTES_MS, "Milliseconds before it is asked again."),
    promote_to_header: list(
      "header",
      16,
      "The members of the credentials that are sent to it as headers of the same name as well, for webhooks that look there.",
    ),
  },
  { description: 'Users whom another server knows: "webhook" in auth.' },
);

const rpc = Type.Object(
  {
    ack_timeout_ms: whole(
      1000,
      1,
      TEN_MINUTES_MS,
      "Milliseconds in which a provider must say that it has taken a call.",
    ),
    response_timeout_ms: whole(
      10_000,
      1,
      TEN_MINUTES_MS,
      "Milliseconds in which a provider must answer a call.",
    ),
    calls_max: whole(
      10_000,
      1,
      10_000_000,
      "Calls that may wait for an answer at once; bounds the memory they take.",
    ),
    data_bytes_max: whole(
      67_108_864,
      1024,
      17_179_869_184,
      "Bytes of the data of all such calls: it is held until the answer, for another provider to be asked.",
    ),
    requestor_name: onOff(
      false,
      "Whether a provider that is called over WebSocket is told the id of the user who calls.",
    ),
    requestor_data: onOff(false, "Whether it is told the client data of that user as well."),
  },
  { description: "Remote procedure calls." },
);

const connection = Type.Object(
  {
    login_attempts_max: whole(
      3,
      1,
      1000,
      "Failed logins after which a connection is closed, so that guessing costs a connection each time.",
    ),
    login_timeout_ms: whole(
      180_000,
      1,
      YEAR_MS,
      "Milliseconds in which a client must have logged in, so that connections of nobody do not pile up.",
    ),
    heartbeat_ms: whole(
      30_000,
      10,
      TEN_MINUTES_MS,
      "How often, in milliseconds, a client is to be heard at least, as its own heartbeatInterval says: one that is silent for two to three times as long is gone, and its connection is closed.",
    ),
    unsent_bytes_max: whole(
      16_777_216,
      65_536,
      4_294_967_295,
      "Bytes that may wait for a client to read them, beside the last message, after which it is cut off: one that does not read must not fill the memory.",
    ),
    subscriptions_max: whole(
      10_000,
      1,
      10_000_000,
      "Subscriptions, listeners and provided RPCs that one connection may have; bounds the memory they take.",
    ),
    message_bytes_max: whole(
      1_048_576,
      1024,
      67_108_864,
      "Bytes of a message of a client; a longer one is refused, and one of more than twice as many closes the connection.",
    ),
    connections_max: whole(
      100_000,
      1,
      10_000_000,
      "Connections that may be open at once, whether logged in or not; bounds the memory they take.",
    ),
    strangers_max: whole(
      1024,
      1,
      10_000_000,
      "Connections among them that have not logged in yet, after which no more are opened for the moment: each can make the server hold a message of twice message_bytes_max, whoever it is.",
    ),
    strangers_per_address_max: whole(
      128,
      0,
      10_000_000,
      "Those of them from one network address (of IPv6, the first 64 bits), so that one alone does not keep all others from logging in. Behind a proxy, all come from its address unless [http] trusted_proxies names it. 0: no limit.",
    ),
  },
  { description: "Connections of deepstream's clients by WebSocket." },
);

const listen = Type.Object(
  {
    response_timeout_ms: whole(
      500,
      1,
      TEN_MINUTES_MS,
      "Milliseconds in which a listener must accept or reject a subscription, after which the next one is asked.",
    ),
    shuffle_providers: onOff(
      true,
      "Whether chance says which of several listeners is asked first, which spreads subscriptions among them; off: in the order in which they came.",
    ),
    rematch_ms: whole(
      60_000,
      0,
      86_400_000,
      "Milliseconds after which subscriptions that no listener wanted are offered to all of them again; 0: never.",
    ),
    patterns_max: whole(
      1000,
      1,
      1_000_000,
      "Patterns that are listened to for records, and as many for events; each is tried on every name that gets its first subscriber.",
    ),
    connection_patterns_max: whole(
      100,
      1,
      1_000_000,
      "Patterns that one connection may listen to for records, and as many for events, so that one cannot use up all of them.",
    ),
    pattern_bytes_max: whole(
      256,
      1,
      8192,
      "Bytes of a pattern; bounds what it takes to understand one.",
    ),
  },
  {
    description:
      "Listeners: programs that are told which records and events others subscribe to, by patterns.",
  },
);

const login = Type.Object(
  {
    address_failures: whole(
      20,
      0,
      1_000_000,
      "Failed logins that one network address has at once, after which it waits: this slows guessing. Behind a proxy, all come from its address unless [http] trusted_proxies names it. 0: no limit.",
    ),
    address_seconds: whole(
      3,
      1,
      86_400,
      "Seconds after which an address gets back one of its failed logins.",
    ),
    account_failures: whole(
      10,
      0,
      1_000_000,
      "Failed logins that one account has at once, from wherever they come: this slows guessing from many addresses. 0: no limit.",
    ),
    account_seconds: whole(
      2,
      1,
      86_400,
      "Seconds after which an account gets back one of its failed logins; fewer than those of an address, so that one address alone cannot lock somebody else out.",
    ),
    password_checks_max: whole(
      2,
      1,
      64,
      "Passwords that are checked at once: each takes a core for tens of milliseconds and 19 MiB, on purpose.",
    ),
    password_queue_max: whole(
      64,
      0,
      10_000,
      "Passwords that may wait to be checked; more are answered with 429 at once, which bounds how long a login waits.",
    ),
  },
  { description: "How guessing passwords is slowed." },
);

export const deepstream = Type.Object(
  {
    auth: choices(
      ["open", "email", "file", "webhook"],
      ["open"],
      "The ways to log in, in the order in which they are tried. open lets in whoever brings no credentials, and must be written down where the server listens on more than loopback. Empty: only tokens.",
    ),
    permissions: besideFile(
      "",
      "The file of permission rules in deepstream's Valve language, in YAML or JSON, relative to the configuration file; empty: whoever is logged in may do everything.",
    ),
    rule_iterations_max: whole(
      3,
      1,
      100,
      "How often one rule may be evaluated for one question: once, and once more for each record that it asks for by _(); bounds what a rule can read.",
    ),
    post_path: text(
      "urlPath",
      "/api",
      "The path for commands; every path below it is one for commands as well.",
    ),
    auth_path: text("urlPath", "/api/auth", "The path to log in at, for a token."),
    auth_data: onOff(
      false,
      "Whether commands may come with credentials (authData) in place of a token, so that each request is a login.",
    ),
    token_hours: whole(
      24,
      1,
      YEAR_HOURS,
      "Hours for which a token of a login is good; bounds what a leaked one can do.",
    ),
    origins: list("origin", 1000, "The web origins whose pages may call this API; empty: any."),
    http,
    email,
    file,
    webhook,
    rpc,
    connection,
    listen,
    login,
  },
  {
    description:
      "deepstreamHub's HTTP API and connections of deepstream's clients: events, records, lists, RPCs and presence.",
  },
);

export const records = Type.Object(
  {
    record_bytes_max: whole(
      1_048_576,
      1,
      67_108_864,
      "Bytes of the data of one record or list, as JSON; bounds the memory that one write can take.",
    ),
    records_max: unlimited(
      10_000_000,
      "Records and lists that may exist, after which no new ones are made; 0: no limit.",
    ),
    stored_bytes_max: unlimited(
      10_737_418_240,
      "Bytes that all records and lists may take, after which writes that need more are refused; 0: no limit.",
    ),
    name_bytes_max: whole(
      1024,
      1,
      8192,
      "Bytes of a name of a record, list, event or RPC; bounds the space that names take in the index.",
    ),
    array_index_max: whole(
      10_000,
      0,
      1_000_000,
      "What the array indexes of one path may add up to, because each makes all those before it.",
    ),
    depth_max: whole(
      100,
      1,
      1000,
      "How many arrays and objects may lie in each other, in data and in paths; deeper ones could exhaust the stack.",
    ),
  },
  { description: "Records and lists, which are records whose data is an array." },
);
