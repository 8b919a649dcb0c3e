// The rules that hold between settings.

import type { Settings } from "./schema.ts";

interface Rule {
  /** Keys that the rule looks at: when the value of one is not known, it says nothing. */
  readonly keys: readonly string[];
  /** What is wrong, as a sentence. */
  check(settings: Settings): string | undefined;
}

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
    keys: ["[storage] queue_bytes_max", "[topics] message_bytes_max"],
    check({ storage, topics }) {
      if (storage.queue_bytes_max >= topics.message_bytes_max) return undefined;
      return `[storage] queue_bytes_max is ${storage.queue_bytes_max}; it must be [topics] message_bytes_max (${topics.message_bytes_max}) at least, or the longest message never gets in.`;
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

export function brokenRules(settings: Settings, doubtful: ReadonlySet<string>): string[] {
  return rules
    .filter((rule) => !rule.keys.some((key) => doubtful.has(key)))
    .flatMap((rule) => rule.check(settings) ?? []);
}
