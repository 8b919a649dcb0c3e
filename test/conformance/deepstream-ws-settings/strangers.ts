// How many connections may be silent, all together and of one address, so that nobody keeps the others out.

import { describe, expect, test } from "bun:test";
import { openRaw, type RawConnection, rawRequest } from "../../support/raw-http.ts";
import { until } from "../../support/until.ts";
import { figures } from "../deepstream-ws/reconnects.ts";
import { WireClient } from "../deepstream-ws/wire-client.ts";
import type { OpenWith, Target } from "../target.ts";

const UPGRADE = [
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

const TOO_MANY =
  "Too many connections from this address have not logged in yet: at most 2 are allowed.\n";

export function strangers(open: OpenWith): void {
  describe("strangers", () => {
    test("the server has as many connections of strangers as it may, and none is cut off for others", async () => {
      await using room = await openRoom(open, { strangers_max: 2 });
      const { url } = room;
      const user = await WireClient.login(url, "alice");
      const silent = await WireClient.open(url);
      const introduced = await WireClient.open(url);
      introduced.send(["CONNECTION CHALLENGE", { url }]);
      await introduced.until("CONNECTION ACCEPT");
      await room.isRefused("Too many connections have not logged in yet: at most 2 are allowed.\n");
      introduced.send(["AUTH REQUEST", { data: '{"username":"bob"}' }]);
      await introduced.until("AUTH AUTH_SUCCESSFUL");
      const third = await WireClient.open(url);
      silent.close();
      await until("it is gone", async () => (await figures(room)).connections === 3);
      await WireClient.login(url, "carol");
      expect([user.isClosed, third.isClosed]).toEqual([false, false]);
    });

    const networks = [
      {
        what: "an address",
        addresses: ["192.0.2.1", "::ffff:192.0.2.1"],
        same: "192.0.2.1",
        other: "192.0.2.2",
      },
      {
        what: "a household of IPv6, which has 64 bits of its own",
        addresses: ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
        same: "2001:0DB8:1:2::3",
        other: "2001:db8:1:3::1",
      },
    ];
    test.each(networks)(
      "$what has so many of them, and keeps nobody else out",
      async ({ addresses, same, other }) => {
        await using room = await openRoom(open, { strangers_per_address_max: 2 });
        for (const address of addresses) await room.silent(address);
        await room.isRefused(TOO_MANY, same);
        const [first] = [await room.silent(other), await room.silent(other)];
        await room.isRefused(TOO_MANY, other);
        // Whoever logs in is none any more: an office is behind one address.
        for (const name of ["alice", "bob", "carol"]) await WireClient.login(room.url, name);
        first[Symbol.dispose]();
        await until("it is gone", async () => (await figures(room)).connections === 6);
        await room.silent(other);
        await room.isRefused(TOO_MANY, other);
        await room.isRefused(TOO_MANY, same);
      },
    );

    test("without a bound of one address, it may have as many as all together", async () => {
      const settings = { strangers_max: 4, strangers_per_address_max: 0 };
      await using room = await openRoom(open, settings);
      for (const _ of [1, 2, 3, 4]) await room.silent("192.0.2.1");
      await room.isRefused(/^Too many connections have not logged in yet/, "192.0.2.2");
    });
  });
}

/** A server that believes what this machine says of addresses. */
async function openRoom(open: OpenWith, connection: Readonly<Record<string, number>>) {
  const settings = {
    http: { trusted_proxies: ["127.0.0.0/8", "::1"] },
    deepstream: { connection },
  };
  const opened = new AsyncDisposableStack();
  const target: Target = opened.adopt(await open(settings), (server) => server.close());
  const connect = async (address: string | undefined): Promise<RawConnection> => {
    const raw = opened.use(await openRaw(target.url));
    const from = address === undefined ? [] : [`X-Forwarded-For: ${address}`];
    raw.write(rawRequest("GET /deepstream", [...UPGRADE, ...from]));
    return raw;
  };
  return {
    ...target,
    /** One more that says nothing. */
    async silent(address: string): Promise<RawConnection> {
      const raw = await connect(address);
      await until("it is open", () => raw.has("HTTP/1.1 101"));
      return raw;
    },
    async isRefused(sentence: string | RegExp, address?: string): Promise<void> {
      const answer = await (await connect(address)).answer();
      if (answer === "closed") throw new Error("the server hung up");
      expect([answer.status, answer.body]).toEqual([
        503,
        typeof sentence === "string" ? sentence : expect.stringMatching(sentence),
      ]);
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
