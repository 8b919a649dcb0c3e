// The rules that hold between settings.

import { isLoopback } from "./loopback.ts";
import type { Settings } from "./schema.ts";

interface Rule {
  /** Keys that the rule looks at: when the value of one is not known, it says nothing. */
  readonly keys: readonly string[];
  /** Only counts where a server is to listen with the settings. */
  readonly isForListening?: boolean;
  /** What is wrong, as a sentence. `stated` are the keys that some source gives a value, be it the default. */
  check(settings: Settings, stated: ReadonlySet<string>): string | undefined;
}

/** What the other APIs of this server answer at. */
const TAKEN = [
  ...["caches", "connections", "deepstream", "deepstream-json", "docs", "health", "health-check"],
  ...["imports", "keys", "limits", "metrics", "openapi.json", "records", "reload", "tokens"],
  ...["topics", "users"],
];

const rules: readonly Rule[] = [
  {
    keys: ["[auth] jwks_url", "[auth] issuer", "[auth] audience"],
    check({ auth }) {
      const missing = (["issuer", "audience"] as const).filter((name) => auth[name] === "");
      if (auth.jwks_url === "" || missing.length === 0) return undefined;
      const names = missing.map((name) => `[auth] ${name}`).join(" and ");
      return `[auth] jwks_url needs ${names} as well: without them, tokens made for other services would be accepted.`;
    },
  },
  {
    keys: ["[http.tls] certificate", "[http.tls] key"],
    check({ http: { tls } }) {
      if ((tls.certificate === "") === (tls.key === "")) return undefined;
      const [given, missing] = tls.key === "" ? ["certificate", "key"] : ["key", "certificate"];
      return `[http.tls] ${given} needs [http.tls] ${missing} as well: a certificate is of no use without its key.`;
    },
  },
  {
    keys: ["[http.tls] certificate", "[http.tls] redirect_port", "[http] port"],
    check({ http: { port, tls } }) {
      if (tls.redirect_port === 0) return undefined;
      if (tls.certificate === "") {
        return "[http.tls] redirect_port needs [http.tls] certificate and key as well: without them there is no HTTPS to redirect to.";
      }
      if (tls.redirect_port !== port) return undefined;
      return `[http.tls] redirect_port is ${port}, as is [http] port; they must differ.`;
    },
  },
  {
    keys: ["[storage] queue_bytes_max", "[topics] message_bytes_max"],
    check({ storage, topics }) {
      if (storage.queue_bytes_max >= topics.message_bytes_max) return undefined;
      return `[storage] queue_bytes_max is ${storage.queue_bytes_max}; it must be [topics] message_bytes_max (${topics.message_bytes_max}) at least, or the longest message never gets in.`;
    },
  },
  {
    keys: ["[storage] queue_bytes_max", "[records] record_bytes_max"],
    check({ storage, records }) {
      if (storage.queue_bytes_max >= records.record_bytes_max) return undefined;
      return `[storage] queue_bytes_max is ${storage.queue_bytes_max}; it must be [records] record_bytes_max (${records.record_bytes_max}) at least, or the largest record never gets in.`;
    },
  },
  {
    keys: ["[deepstream.http] answer_bytes_max", "[records] record_bytes_max"],
    check({ deepstream, records }) {
      const { answer_bytes_max } = deepstream.http;
      if (answer_bytes_max >= records.record_bytes_max) return undefined;
      return `[deepstream.http] answer_bytes_max is ${answer_bytes_max}; it must be [records] record_bytes_max (${records.record_bytes_max}) at least, or the largest record can never be read.`;
    },
  },
  {
    keys: ["[deepstream.http] answer_bytes_in_flight_max", "[deepstream.http] answer_bytes_max"],
    check({ deepstream }) {
      const { answer_bytes_in_flight_max, answer_bytes_max } = deepstream.http;
      if (answer_bytes_in_flight_max >= answer_bytes_max) return undefined;
      return `[deepstream.http] answer_bytes_in_flight_max is ${answer_bytes_in_flight_max}; it must be answer_bytes_max (${answer_bytes_max}) at least, or the longest answer is never given.`;
    },
  },
  {
    keys: ["[deepstream.connection] unsent_bytes_max", "[records] record_bytes_max"],
    check({ deepstream, records }) {
      const { unsent_bytes_max } = deepstream.connection;
      if (unsent_bytes_max >= records.record_bytes_max) return undefined;
      return `[deepstream.connection] unsent_bytes_max is ${unsent_bytes_max}; it must be [records] record_bytes_max (${records.record_bytes_max}) at least, or clients are cut off who are only a record behind.`;
    },
  },
  {
    keys: ["[deepstream.rpc] data_bytes_max", "[deepstream.connection] message_bytes_max"],
    check({ deepstream }) {
      const { rpc, connection } = deepstream;
      if (rpc.data_bytes_max >= connection.message_bytes_max) return undefined;
      return `[deepstream.rpc] data_bytes_max is ${rpc.data_bytes_max}; it must be [deepstream.connection] message_bytes_max (${connection.message_bytes_max}) at least, or the largest call is never made.`;
    },
  },
  {
    keys: ["[http] host", "[deepstream] auth"],
    isForListening: true,
    check({ http }, stated) {
      if (isLoopback(http.host) || stated.has("[deepstream] auth")) return undefined;
      return `[http] host is "${http.host}", which others can reach, so [deepstream] auth has to be written down: ["email"] for example, ["open"] for everybody or [] for nobody; or else --deepstream-auth open, or MILLRACE_DEEPSTREAM_AUTH=open.`;
    },
  },
  {
    keys: ["[deepstream] post_path", "[deepstream] auth_path"],
    check({ deepstream }) {
      if (deepstream.auth_path !== deepstream.post_path) return undefined;
      return `[deepstream] auth_path is "${deepstream.auth_path}", as is [deepstream] post_path; they must differ, or a login cannot be told from commands.`;
    },
  },
  pathRule("post_path"),
  pathRule("auth_path"),
  {
    keys: ["[deepstream.http] body_bytes_in_flight_max", "[deepstream.http] body_bytes_max"],
    check({ deepstream }) {
      const { body_bytes_in_flight_max, body_bytes_max } = deepstream.http;
      // A compressed body is held in both forms.
      if (body_bytes_in_flight_max >= 2 * body_bytes_max) return undefined;
      return `[deepstream.http] body_bytes_in_flight_max is ${body_bytes_in_flight_max}; it must be twice body_bytes_max (${2 * body_bytes_max}) at least, or the longest request never gets in.`;
    },
  },
  {
    keys: ["[http] body_bytes_in_flight_max", "[topics] message_bytes_max"],
    check({ http, topics }) {
      if (http.body_bytes_in_flight_max >= topics.message_bytes_max) return undefined;
      return `[http] body_bytes_in_flight_max is ${http.body_bytes_in_flight_max}; it must be [topics] message_bytes_max (${topics.message_bytes_max}) at least, or the longest message never gets in.`;
    },
  },
];

export function brokenRules(
  settings: Settings,
  doubtful: ReadonlySet<string>,
  stated: ReadonlySet<string>,
  toListen: boolean,
): string[] {
  return rules
    .filter((rule) => toListen || rule.isForListening !== true)
    .filter((rule) => !rule.keys.some((key) => doubtful.has(key)))
    .flatMap((rule) => rule.check(settings, stated) ?? []);
}

function pathRule(name: "post_path" | "auth_path"): Rule {
  return {
    keys: [`[deepstream] ${name}`],
    check({ deepstream }) {
      const [, first = ""] = deepstream[name].split("/");
      if (!TAKEN.includes(first)) return undefined;
      return `[deepstream] ${name} is "${deepstream[name]}"; paths that begin with /${first} are those of another API of this server.`;
    },
  };
}
