// What a conformance suite is given: a running server's address, a token that may do all, and how it was started.

import { afterAll, beforeAll } from "bun:test";

export type Target = {
  readonly url: string;
  readonly adminToken: string;
  readonly startedWith: StartedWith;
  close(): Promise<void>;
};

/** A target whose server can be stopped in order and started again on the same data; the old one is then closed. */
export type RestartableTarget = Target & { restart(): Promise<RestartableTarget> };

/** Settings that differ from the defaults, named as in the configuration file. */
export type Overrides = {
  readonly region?: string;
  readonly http?: {
    readonly public_endpoint?: string;
    readonly origins?: readonly string[];
    readonly body_bytes_in_flight_max?: number;
    readonly body_seconds_max?: number;
    readonly trusted_proxies?: readonly string[];
    readonly tls?: Readonly<Record<string, Value>>;
  };
  readonly storage?: Numbers;
  readonly topics?: Numbers;
  readonly caches?: Numbers;
  readonly deepstream?: Readonly<Record<string, Value | Readonly<Record<string, Value>>>>;
  readonly records?: Numbers;
  readonly limits?: Numbers;
  readonly auth?: Readonly<Record<string, number | string>>;
  readonly log?: { readonly audit_file?: string };
  readonly metrics?: { readonly token_file?: string };
  readonly traces?: { readonly endpoint?: string; readonly sample_percent?: number };
};

export type OpenWith = (settings?: Overrides) => Promise<RestartableTarget>;

/** Opens a target for all tests of the group that calls this, and closes it after them. */
export function openForAll(open: () => Promise<Target>): () => Target {
  let target: Target | undefined;
  beforeAll(async () => {
    target = await open();
  });
  afterAll(async () => {
    await target?.close();
  });
  return () => {
    if (target === undefined) throw new Error("the server is not open");
    return target;
  };
}

/** The settings that tests read: the defaults unless a target overrides them. */
export type StartedWith = {
  readonly version: string;
  readonly region: string;
  readonly topics: {
    readonly message_bytes_max: number;
    readonly page_items_max: number;
    readonly page_bytes_max: number;
  };
  readonly auth: { readonly token_seconds_max: number };
};

export type Value = number | string | boolean | readonly (number | string)[];

type Numbers = Readonly<Record<string, number>>;

const DEFAULTS: StartedWith = {
  version: "0.1.0",
  region: "us-east-1",
  topics: { message_bytes_max: 1_048_576, page_items_max: 1000, page_bytes_max: 1_048_576 },
  auth: { token_seconds_max: 90_000 },
};

export function startedWith(settings: Overrides = {}): StartedWith {
  return {
    version: DEFAULTS.version,
    region: settings.region ?? DEFAULTS.region,
    topics: { ...DEFAULTS.topics, ...settings.topics },
    auth: { ...DEFAULTS.auth, ...settings.auth },
  };
}
