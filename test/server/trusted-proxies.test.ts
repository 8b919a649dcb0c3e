// Whose word counts for the address of a client: that of trusted proxies, and of nobody else.

import { describe, expect, test } from "bun:test";
import { TrustedProxies } from "../../src/server/trusted-proxies.ts";

const OURS = ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"];

type Row = [what: string, peer: string, forwardedFor: string | null, client: string];

describe("with proxies at loopback, 10.0.0.0/8 and fd00::/8", () => {
  const rows: Row[] = [
    ["no header", "127.0.0.1", null, "127.0.0.1"],
    ["one proxy", "127.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["one proxy, over IPv6", "::1", "2001:db8::1", "2001:db8::1"],
    ["a proxy in a network", "10.200.3.4", "192.0.2.1", "192.0.2.1"],
    ["a proxy in a network of IPv6", "fd12::3", "192.0.2.1", "192.0.2.1"],
    ["a proxy of IPv4 on a socket of IPv6", "::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["a client of IPv4 on a socket of IPv6", "::ffff:192.0.2.1", null, "192.0.2.1"],
    ["several proxies", "127.0.0.1", "192.0.2.1, 10.0.0.1,10.0.0.2", "192.0.2.1"],
    ["what the client itself made up", "127.0.0.1", "10.0.0.9, 8.8.8.8, 192.0.2.1", "192.0.2.1"],
    ["a proxy of somebody else", "127.0.0.1", "192.0.2.1, 198.51.100.1", "198.51.100.1"],
    ["proxies only", "127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["a stranger who says so", "192.0.2.9", "192.0.2.1", "192.0.2.9"],
    ["a stranger who says to be a proxy", "192.0.2.9", "127.0.0.1", "192.0.2.9"],
    ["ports", "127.0.0.1", "192.0.2.1:4711, 10.0.0.1:80", "192.0.2.1"],
    ["ports of IPv6", "127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
    ["brackets alone", "127.0.0.1", "[2001:db8::1]", "2001:db8::1"],
    ["a client in the long form", "127.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"],
    ["an empty header", "127.0.0.1", "", "127.0.0.1"],
    ["nobody that can be understood", "127.0.0.1", "192.0.2.1, unknown", "127.0.0.1"],
    ["an obfuscated client", "127.0.0.1", "_hidden, 10.0.0.1", "10.0.0.1"],
    ["commas only", "127.0.0.1", ",,,", "127.0.0.1"],
    ["no address at all", "", "192.0.2.1", ""],
  ];
  const proxies = new TrustedProxies(OURS);
  test.each(rows)("%s", (_, peer, forwardedFor, client) => {
    expect(proxies.clientOf(peer, forwardedFor)).toBe(client);
  });
});

test("without trusted proxies, nobody's word counts", () => {
  const none = new TrustedProxies([]);
  expect(none.clientOf("127.0.0.1", "192.0.2.1")).toBe("127.0.0.1");
  expect(none.clientOf("::ffff:127.0.0.1", "192.0.2.1")).toBe("127.0.0.1");
});

test("every address can be trusted", () => {
  const all = new TrustedProxies(["0.0.0.0/0", "::/0"]);
  expect(all.clientOf("192.0.2.9", "2001:db8::1, 198.51.100.1")).toBe("2001:db8::1");
});
