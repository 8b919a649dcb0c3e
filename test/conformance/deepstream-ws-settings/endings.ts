// Connections that the server ends: for a token, for an administrator, for a silence, and when it stops.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { DeepstreamClient } from "../deepstream-http/client.ts";
import { query } from "../deepstream-http/commands.ts";
import { hear } from "../deepstream-ws/events.ts";
import { figures } from "../deepstream-ws/reconnects.ts";
import { WireClient } from "../deepstream-ws/wire-client.ts";
import type { OpenWith, Target } from "../target.ts";
import { openDeafClient } from "./deaf-client.ts";
import { withServer } from "./with-server.ts";

export function endings(open: OpenWith): void {
  describe("endings", () => {
    test("an administrator ends the connections of a user, and of no other", async () => {
      await withServer(open, {}, async (clients, target) => {
        const first = await WireClient.login(target.url, "alice");
        const second = await WireClient.login(target.url, "alice");
        const bob = await clients.login("bob");
        expect(await disconnect(target, "alice")).toEqual([200, { disconnected: 2 }]);
        expect(await first.closed()).toEqual({ code: 1008, reason: "disconnected" });
        await second.closed();
        expect(await bob.presence.getAll()).toEqual([]);
        expect(await disconnect(target, "alice")).toEqual([200, { disconnected: 0 }]);
        expect(bob.states).not.toContain("RECONNECTING");
        const [status] = await disconnect(target, "bob", "not a token");
        expect(status).toBe(401);
        expect(String(bob.getConnectionState())).toBe("OPEN");
      });
    });

    test("a client that was disconnected comes back by itself", async () => {
      await withServer(open, {}, async (clients, target) => {
        const alice = await clients.login("alice");
        const heard = await hear(alice, "after");
        const bob = await clients.login("bob");
        await disconnect(target, "alice");
        await until("alice hears again", () => {
          bob.event.emit("after", 1);
          return heard.length > 0;
        });
        expect(alice.states).toContain("RECONNECTING");
      });
    });

    test("the end of a user's tokens is the end of the user's connections", async () => {
      await withServer(open, {}, async (_, target) => {
        const { token } = await logIn(target, "alice");
        const byToken = await WireClient.open(target.url);
        byToken.send(
          ["CONNECTION CHALLENGE", { url: "x" }],
          ["AUTH REQUEST", { data: JSON.stringify({ token }) }],
        );
        await byToken.until("AUTH AUTH_SUCCESSFUL");
        const byName = await WireClient.login(target.url, "alice");
        const bob = await WireClient.login(target.url, "bob");
        expect(await revoke(target, "user:alice")).toBe(204);
        expect(await byToken.closed()).toEqual({ code: 1008, reason: "token_ended" });
        expect(await byName.closed()).toEqual({ code: 1008, reason: "token_ended" });
        expect(await bob.settled()).toEqual([]);
        bob.close();
      });
    });

    test("the end of one token is the end of its connections alone", async () => {
      await withServer(open, {}, async (_, target) => {
        const { token } = await logIn(target, "alice");
        const [, claims = ""] = token.split(".");
        const { jti } = JSON.parse(Buffer.from(claims, "base64url").toString());
        const byToken = await WireClient.open(target.url);
        byToken.send(
          ["CONNECTION CHALLENGE", { url: "x" }],
          ["AUTH REQUEST", { data: JSON.stringify({ token }) }],
        );
        await byToken.until("AUTH AUTH_SUCCESSFUL");
        const byName = await WireClient.login(target.url, "alice");
        expect(await revoke(target, jti)).toBe(204);
        await byToken.closed();
        expect(await byName.settled()).toEqual([]);
        byName.close();
      });
    });

    test("a client that is silent is taken for gone, one that sends heartbeats is not", async () => {
      // Long enough for heartbeats of a slow machine.
      await withServer(open, { connection: { heartbeat_ms: 2000 } }, async (_, target) => {
        const alive = await WireClient.login(target.url, "alive");
        const timer = setInterval(() => alive.send(["CONNECTION PING"]), 100);
        try {
          const silent = await WireClient.login(target.url, "silent");
          expect(await silent.closed()).toMatchObject({ code: 1001 });
          const there = await new DeepstreamClient(() => target).slot(query());
          expect(there).toEqual({ success: true, users: ["alive"] });
        } finally {
          clearInterval(timer);
        }
        alive.close();
      });
    });

    test("when the server stops, connections end, and they come back when it is there again", async () => {
      const target = await open();
      const client = await WireClient.login(target.url, "alice");
      const again = await target.restart();
      try {
        expect(await client.closed()).toMatchObject({ code: 1001 });
        expect((await figures(again)).connections).toBe(0);
      } finally {
        await again.close();
      }
    });

    test("who does not read does not keep the server from stopping", async () => {
      const target = await open();
      using _deaf = await openDeafClient(target.url, "flood");
      const bob = await WireClient.login(target.url, "bob");
      const data = JSON.stringify("x".repeat(500_000));
      for (let times = 0; times < 12; times += 1) bob.send(["EVENT EMIT", { name: "flood", data }]);
      expect(await bob.settled()).toEqual([]);
      const again = await target.restart();
      expect((await figures(again)).connections).toBe(0);
      await again.close();
    });
  });
}

async function disconnect(
  target: Target,
  user: string,
  token = target.adminToken,
): Promise<[number, unknown]> {
  const path = `/connections?user=${encodeURIComponent(user)}`;
  const answer = await fetch(target.url.replace(/\/$/, "") + path, {
    method: "DELETE",
    headers: { authorization: token },
  });
  return [answer.status, await answer.json()];
}

async function revoke(target: Target, id: string): Promise<number> {
  const path = `/tokens/${encodeURIComponent(id)}`;
  const answer = await fetch(target.url.replace(/\/$/, "") + path, {
    method: "DELETE",
    headers: { authorization: target.adminToken },
  });
  return answer.status;
}

async function logIn(target: Target, username: string): Promise<{ token: string }> {
  const answer = await fetch(`${target.url.replace(/\/$/, "")}/api/auth`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username }),
  });
  return (await answer.json()) as { token: string };
}
