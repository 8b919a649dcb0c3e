// Bounds of connections: how many, how much on each, and how much may wait for one that does not read.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { hear } from "../deepstream-ws/events.ts";
import { figures } from "../deepstream-ws/reconnects.ts";
import { type Row, WireClient } from "../deepstream-ws/wire-client.ts";
import type { OpenWith } from "../target.ts";
import { openDeafClient } from "./deaf-client.ts";
import { withServer } from "./with-server.ts";

export function limits(open: OpenWith): void {
  describe("limits", () => {
    test("a connection has as many subscriptions as it may, of all kinds together", async () => {
      const settings = { connection: { subscriptions_max: 4 } };
      await withServer(open, settings, async (_, target) => {
        const client = await WireClient.login(target.url, "alice");
        client.send(
          ["EVENT SUBSCRIBE", { names: ["a", "b"], correlationId: "0" }],
          ["RPC PROVIDE", { names: ["f"], correlationId: "0" }],
          ["PRESENCE SUBSCRIBE_ALL"],
        );
        await client.take(3);
        client.send(
          ["EVENT SUBSCRIBE", { names: ["c", "d"], correlationId: "1" }],
          ["RPC PROVIDE", { names: ["g"], correlationId: "1" }],
          ["PRESENCE SUBSCRIBE", { names: ["bob"], correlationId: "1" }],
        );
        const denied = { correlationId: "1", isError: true };
        expect(await client.settled()).toEqual([
          ["EVENT MESSAGE_DENIED", { ...denied, name: "c", originalAction: 3 }],
          ["EVENT MESSAGE_DENIED", { ...denied, name: "d", originalAction: 3 }],
          ["RPC MESSAGE_DENIED", { ...denied, name: "g", originalAction: 8 }],
          ["PRESENCE MESSAGE_DENIED", { ...denied, name: "bob", originalAction: 10 }],
        ]);
        client.send(
          ["EVENT UNSUBSCRIBE", { names: ["a"], correlationId: "2" }],
          ["PRESENCE SUBSCRIBE", { names: ["bob"], correlationId: "3" }],
        );
        expect(await client.settled()).toEqual([
          ["EVENT UNSUBSCRIBE", { correlationId: "2", isAck: true }],
          ["PRESENCE SUBSCRIBE", { correlationId: "3", isAck: true }],
        ]);
        expect(await figures(target)).toEqual({ connections: 1, subscriptions: 4 });
        client.close();
        await until("nothing is left", async () => {
          return Bun.deepEquals(await figures(target), { connections: 0, subscriptions: 0 });
        });
      });
    });

    test("the server has as many connections as it may", async () => {
      await withServer(open, { connection: { connections_max: 2 } }, async (_, target) => {
        const first = await WireClient.login(target.url, "alice");
        await WireClient.login(target.url, "bob");
        const answer = await fetch(`${target.url.replace(/\/$/, "")}/deepstream`);
        expect([answer.status, await answer.text()]).toEqual([
          503,
          "Too many connections are open: at most 2 are allowed.\n",
        ]);
        first.close();
        await until("there is room", async () => (await figures(target)).connections === 1);
        await WireClient.login(target.url, "carol");
      });
    });

    test("a message may be as long as the settings say", async () => {
      await withServer(open, { connection: { message_bytes_max: 1024 } }, async (_, target) => {
        const client = await WireClient.login(target.url, "alice");
        client.send(["EVENT EMIT", { name: "a", data: `"${"x".repeat(900)}"` }]);
        expect(await client.settled()).toEqual([]);
        client.send(["EVENT EMIT", { name: "a", data: `"${"x".repeat(1024)}"` }]);
        expect(await client.settled()).toEqual([["PARSER MAXIMUM_MESSAGE_SIZE_EXCEEDED"]]);
        client.close();
      });
    });

    test("a message has ten thousand names more than there may be subscriptions, at most", async () => {
      await withServer(open, { connection: { subscriptions_max: 4 } }, async (_, target) => {
        const client = await WireClient.login(target.url, "alice");
        const names = Array.from({ length: 10_005 }, (_, number) => String(number));
        client.send(["EVENT SUBSCRIBE", { names, correlationId: "0" }]);
        expect(await client.settled()).toEqual([["PARSER MAXIMUM_MESSAGE_SIZE_EXCEEDED"]]);
        client.send(["PRESENCE QUERY", { names: names.slice(1), correlationId: "1" }]);
        expect(await client.settled()).toHaveLength(1);
        client.close();
      });
    });

    test("a user may send as many commands a second as the settings say, each name is one", async () => {
      const target = await open({ limits: { user_commands_per_second: 3 } });
      try {
        const client = await WireClient.login(target.url, "alice");
        const other = await WireClient.login(target.url, "bob");
        // Leaves a debt of minutes, however slow the machine is.
        const names = Array.from({ length: 1000 }, (_, number) => String(number));
        client.send(
          ["EVENT SUBSCRIBE", { names, correlationId: "0" }],
          ["EVENT SUBSCRIBE", { names: ["d", "e", "f"], correlationId: "1" }],
        );
        const denied = { originalAction: 3, correlationId: "1", isError: true };
        expect(await client.settled()).toEqual([
          ["EVENT SUBSCRIBE", { correlationId: "0", isAck: true }],
          ...["d", "e", "f"].map((name): Row => ["EVENT MESSAGE_DENIED", { ...denied, name }]),
        ]);
        other.send(["EVENT SUBSCRIBE", { names: ["a"], correlationId: "0" }]);
        expect(await other.settled()).toHaveLength(1);
        client.close();
        other.close();
      } finally {
        await target.close();
      }
    });

    test("who does not read is cut off, and nobody waits for it", async () => {
      const unsent = 1_048_576;
      const settings = { connection: { unsent_bytes_max: unsent } };
      await withServer(open, settings, async (clients, target) => {
        using deaf = await openDeafClient(target.url, "flood");
        const alice = await clients.login("alice");
        const bob = await clients.login("bob");
        const heard = await hear(alice, "flood");
        const text = "x".repeat(100_000);
        expect(await bob.presence.getAll()).toEqual(["alice", "deaf"]);
        let sent = 0;
        await until("it is cut off", async () => {
          bob.event.emit("flood", text);
          sent += 1;
          return !(await bob.presence.getAll()).includes("deaf");
        });
        await until("alice has all", () => heard.length === sent);
        expect((await figures(target)).connections).toBe(2);
        // TLS reads ahead.
        expect(deaf.bytesRead).toBeLessThan(unsent);
      });
    });
  });
}
