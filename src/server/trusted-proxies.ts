// Which address a client has, where proxies that are trusted say so.

import { BlockList, isIP } from "node:net";

export class TrustedProxies {
  readonly #networks = new BlockList();
  readonly #count: number;

  /** Addresses, and networks such as `10.0.0.0/8`. */
  constructor(networks: readonly string[]) {
    this.#count = networks.length;
    for (const network of networks) {
      const [address = "", bits] = network.split("/");
      if (bits === undefined) this.#networks.addAddress(address, familyOf(address));
      else this.#networks.addSubnet(address, Number(bits), familyOf(address));
    }
  }

  /**
   * The nearest address that is no proxy of ours: `peer`, the other end of the connection, unless that
   * is one; else the last in X-Forwarded-For that is none. What stands before it is anybody's word.
   */
  clientOf(peer: string, forwardedFor: string | null): string {
    let nearest = addressIn(peer);
    if (this.#count === 0 || forwardedFor === null) return nearest;
    const said = forwardedFor.split(",");
    while (this.#isTrusted(nearest)) {
      const before = addressIn(said.pop() ?? "");
      // A proxy that names nobody is as far as is known.
      if (before === "") return nearest;
      nearest = before;
    }
    return nearest;
  }

  #isTrusted(address: string): boolean {
    return address !== "" && this.#networks.check(address, familyOf(address));
  }
}

/** Without the port that some proxies add, and IPv4 as itself where it comes as IPv6; empty: none. */
function addressIn(text: string): string {
  const [, bracketed, v4 = text.trim()] =
    /^\s*(?:\[(.*)\](?::\d+)?|([\d.]+):\d+)\s*$/.exec(text) ?? [];
  const address = bracketed ?? v4;
  const [, mapped = address] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  return isIP(mapped) === 0 ? "" : mapped;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
