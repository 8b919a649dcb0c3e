// The connections that have not logged in: how many there may be, in all and of one address.

import { networkOf } from "../../core/access/network.ts";
import { limitExceeded } from "../../core/errors.ts";
import type { Connection } from "./connection.ts";

export interface StrangersLimits {
  /** Connections that have not logged in. */
  readonly strangersMax: number;
  /** Those of them from one address, or from one household of IPv6; 0: no limit. */
  readonly strangersPerAddressMax: number;
}

export class Strangers {
  readonly #limits: StrangersLimits;
  readonly #networks = new Map<Connection, string>();
  /** How many come from each; no network is there without one. */
  readonly #counts = new Map<string, number>();

  constructor(limits: StrangersLimits) {
    this.#limits = limits;
  }

  /** For one more from this address; empty: it is on this machine, and of no address. Throws `limit_exceeded`. */
  requireRoom(address: string): void {
    const { strangersMax, strangersPerAddressMax } = this.#limits;
    if (this.#networks.size >= strangersMax) {
      throw limitExceeded(
        "strangers_limit_exceeded",
        `Too many connections have not logged in yet: at most ${strangersMax} are allowed.`,
      );
    }
    if (strangersPerAddressMax === 0 || address === "") return;
    if ((this.#counts.get(networkOf(address)) ?? 0) < strangersPerAddressMax) return;
    throw limitExceeded(
      "address_strangers_limit_exceeded",
      `Too many connections from this address have not logged in yet: at most ${strangersPerAddressMax} are allowed.`,
    );
  }

  add(connection: Connection, address: string): void {
    const network = networkOf(address);
    this.#networks.set(connection, network);
    this.#counts.set(network, (this.#counts.get(network) ?? 0) + 1);
  }

  /** When it has logged in, or is gone; also of one that was removed before. */
  remove(connection: Connection): void {
    const network = this.#networks.get(connection);
    if (network === undefined) return;
    this.#networks.delete(connection);
    const left = (this.#counts.get(network) ?? 0) - 1;
    if (left > 0) this.#counts.set(network, left);
    else this.#counts.delete(network);
  }
}
