// Unmodified clients of @deepstream/client, each with what it complained about, closed after their test.

import { DeepstreamClient } from "@deepstream/client";
import { until } from "../../support/until.ts";

export type Client = DeepstreamClient & {
  /** What the client told its error handler, by name. */
  readonly errors: string[];
  readonly states: string[];
};

type Options = NonNullable<ConstructorParameters<typeof DeepstreamClient>[1]>;

const PATIENCE_MS = 60_000;

const OPTIONS: Options = {
  // So that what is subscribed to is so at once, and a reconnect does not wait for seconds.
  subscriptionInterval: 0,
  intervalTimerResolution: 1,
  reconnectIntervalIncrement: 20,
  // Nor is it given up while a machine stops for a moment.
  maxReconnectInterval: 200,
  maxReconnectAttempts: 10_000,
  subscriptionTimeout: PATIENCE_MS,
  offlineBufferTimeout: PATIENCE_MS,
  recordReadAckTimeout: PATIENCE_MS,
  recordReadTimeout: PATIENCE_MS,
  recordDeleteTimeout: PATIENCE_MS,
  recordDiscardTimeout: PATIENCE_MS,
};

export class Clients {
  readonly #url: () => string;
  readonly #open: Client[] = [];

  /** `url` is that of the server, with any path. */
  constructor(url: () => string) {
    this.#url = url;
  }

  connect(options: Options = {}, url = this.#url()): Client {
    const errors: string[] = [];
    const states: string[] = [];
    const at = url.replace(/^http/, "ws").replace(/\/$/, "");
    const client = new DeepstreamClient(at, { ...OPTIONS, ...options });
    const watched: Client = Object.assign(client, { errors, states });
    client.on("error", (_: unknown, event: string) => errors.push(event));
    client.on("connectionStateChanged", (state: string) => states.push(state));
    this.#open.push(watched);
    return watched;
  }

  /** Without a name: as anybody. */
  async login(username?: string, options: Options = {}, url?: string): Promise<Client> {
    const client = this.connect(options, url);
    await client.login(username === undefined ? {} : { username });
    return client;
  }

  async closeAll(): Promise<void> {
    for (const client of this.#open.splice(0)) {
      // One without a connection says that it closes, and never that it has.
      const isOpen = String(client.getConnectionState()) === "OPEN";
      client.close();
      if (isOpen) await until("it is closed", () => client.getConnectionState() === "CLOSED");
    }
  }
}
