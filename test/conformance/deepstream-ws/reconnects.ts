// Connections that are cut: the client comes back, logs in and has what it had before.

import { describe, expect, test } from "bun:test";
import { openTcpProxy } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";
import type { Target } from "../target.ts";
import type { Clients } from "./clients.ts";
import { acknowledged, hear } from "./events.ts";

export function reconnects(clients: Clients, target: () => Target): void {
  describe("a connection that is cut", () => {
    test("comes back with its subscriptions, providers and watches", async () => {
      using proxy = openTcpProxy(target().url);
      const alice = await clients.login("alice", {}, proxy.url);
      const bob = await clients.login("bob");
      const heard = await hear(alice, "again");
      const there: string[] = [];
      alice.presence.subscribe((name: string, is: boolean) =>
        there.push(`${is ? "+" : "-"}${name}`),
      );
      alice.rpc.provide("again", (_: unknown, response: { send(data: unknown): void }) => {
        response.send("alice");
      });
      await acknowledged(alice);
      for (let round = 1; round <= 3; round += 1) {
        proxy.cut(true);
        await until("alice is gone", async () => (await bob.presence.getAll()).length === 0);
        proxy.mend();
        await until("alice is back", async () => (await bob.presence.getAll()).length === 1);
        await until("the event", () => {
          bob.event.emit("again", round);
          return heard.includes(round);
        });
        await until("the call", async () => {
          return (await bob.rpc.make("again", 0).catch(() => undefined)) === "alice";
        });
      }
      const carol = await clients.login("carol");
      await until("alice hears", () => there.includes("+carol"));
      carol.close();
      expect(String(alice.getConnectionState())).toBe("OPEN");
    });

    test("gives up all that it had on the server", async () => {
      using proxy = openTcpProxy(target().url);
      const bob = await clients.login("bob");
      const before = await figures(target());
      const alice = await clients.login("alice", {}, proxy.url);
      await hear(alice, "left");
      alice.rpc.provide("left", () => {});
      alice.presence.subscribe("bob", () => {});
      await acknowledged(alice);
      expect(await figures(target())).toEqual({
        connections: before.connections + 1,
        subscriptions: before.subscriptions + 3,
      });
      proxy.cut(true);
      await until("all is as before", async () => {
        return Bun.deepEquals(await figures(target()), before);
      });
      expect(await bob.rpc.make("left", 0).catch(String)).toBe("NO_RPC_PROVIDER");
    });
  });
}

/** What the server says of its connections. */
export async function figures(
  target: Target,
): Promise<{ readonly connections: number; readonly subscriptions: number }> {
  const text = await (await fetch(`${target.url.replace(/\/$/, "")}/metrics`)).text();
  const figure = (name: string) => {
    const [, value] = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "m").exec(text) ?? [];
    return Number(value);
  };
  return {
    connections: figure("millrace_connections"),
    subscriptions: figure("millrace_connection_subscriptions"),
  };
}
