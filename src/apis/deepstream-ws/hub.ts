// All connections of the API: how many there may be, whether their clients still live, and their end.

import type { Caller } from "../../core/access/login.ts";
import { limitExceeded } from "../../core/errors.ts";
import { binaryFormat } from "./binary-format.ts";
import { Codec } from "./codec.ts";
import { Connection, type ConnectionLimits, type ConnectionServices } from "./connection.ts";
import { jsonFormat } from "./json-format.ts";
import { Strangers, type StrangersLimits } from "./strangers.ts";

export interface HubLimits extends ConnectionLimits, StrangersLimits {
  readonly connectionsMax: number;
  /** How often a client is to be heard at least. */
  readonly heartbeatMs: number;
}

const GOING_AWAY = 1001;

/** Dispose it to close all connections. */
export class Hub implements Disposable {
  readonly #services: ConnectionServices;
  readonly #limits: HubLimits;
  readonly #codecs = { binary: new Codec(binaryFormat), json: new Codec(jsonFormat) };
  readonly #open = new Set<Connection>();
  /** Those of them that have not logged in. */
  readonly #strangers: Strangers;
  readonly #surroundings = {
    total: { subscriptions: 0 },
    onOpened: (connection: Connection, address: string) => this.#add(connection, address),
    onLoggedIn: (connection: Connection) => this.#strangers.remove(connection),
    onClosed: (connection: Connection) => this.#remove(connection),
  };
  #callOffLook: (() => void) | undefined;

  constructor(services: ConnectionServices, limits: HubLimits) {
    this.#services = services;
    this.#limits = limits;
    this.#strangers = new Strangers(limits);
  }

  /** For a socket that is to be opened. Throws `limit_exceeded`. */
  connect(format: "binary" | "json", caller: Caller): Connection {
    const { connectionsMax } = this.#limits;
    if (this.#open.size >= connectionsMax) {
      throw limitExceeded(
        "connections_limit_exceeded",
        `Too many connections are open: at most ${connectionsMax} are allowed.`,
      );
    }
    this.#strangers.requireRoom(caller.address);
    return new Connection(
      this.#services,
      this.#limits,
      this.#codecs[format],
      caller,
      this.#surroundings,
    );
  }

  /** Connections, whether logged in or not. */
  get connections(): number {
    return this.#open.size;
  }

  /** Subscriptions of all connections and of all kinds. */
  get subscriptions(): number {
    return this.#surroundings.total.subscriptions;
  }

  [Symbol.dispose](): void {
    this.#callOffLook?.();
    for (const connection of [...this.#open])
      connection.close(GOING_AWAY, "the server is stopping");
  }

  #add(connection: Connection, address: string): void {
    this.#open.add(connection);
    this.#strangers.add(connection, address);
    this.#callOffLook ??= this.#lookLater();
  }

  #remove(connection: Connection): void {
    this.#open.delete(connection);
    this.#strangers.remove(connection);
  }

  #lookLater(): () => void {
    return this.#services.deadlines.after(this.#limits.heartbeatMs, () => {
      for (const connection of [...this.#open]) connection.look();
      this.#callOffLook = this.#open.size > 0 ? this.#lookLater() : undefined;
    });
  }
}
