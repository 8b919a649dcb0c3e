// Presence: who is there is told to whoever asks, and to whoever watches.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { DeepstreamClient as HttpClient } from "../deepstream-http/client.ts";
import type { Target } from "../target.ts";
import type { Clients } from "./clients.ts";
import { acknowledged } from "./events.ts";

export function presence(clients: Clients, target: () => Target): void {
  describe("presence", () => {
    test("all are told but the one who asks, each user once, and nobody who has no name", async () => {
      const alice = await clients.login("alice");
      for (const name of ["bob", "bob", "carol", undefined]) await clients.login(name);
      const anonymous = await clients.login();
      expect(await alice.presence.getAll()).toEqual(["bob", "carol"]);
      expect(await anonymous.presence.getAll()).toEqual(["alice", "bob", "carol"]);
      expect(await alice.presence.getAll(["alice", "bob", "zed", "open"])).toEqual({
        alice: true,
        bob: true,
        zed: false,
        open: false,
      } as never);
    });

    test("a user comes with the first connection and goes with the last", async () => {
      const alice = await clients.login("alice");
      const all: string[] = [];
      const bobs: string[] = [];
      alice.presence.subscribe((name: string, is: boolean) => all.push(`${is ? "+" : "-"}${name}`));
      alice.presence.subscribe("bob", (name: string, is: boolean) => {
        bobs.push(`${is ? "+" : "-"}${name}`);
      });
      await acknowledged(alice);
      const first = await clients.login("bob");
      const second = await clients.login("bob");
      await clients.login("carol");
      first.close();
      await clients.login("dave");
      second.close();
      await until("the leave", () => all.includes("-bob"));
      expect(all).toEqual(["+bob", "+carol", "+dave", "-bob"]);
      expect(bobs).toEqual(["+bob", "-bob"]);
    });

    test("who watches no longer hears nothing", async () => {
      const alice = await clients.login("alice");
      const zoe = await clients.login("zoe");
      const heard: string[] = [];
      const zoes: string[] = [];
      const hear = (name: string) => heard.push(name);
      alice.presence.subscribe(hear);
      alice.presence.subscribe("bob", hear);
      zoe.presence.subscribe((name: string) => zoes.push(name));
      await Promise.all([acknowledged(alice), acknowledged(zoe)]);
      alice.presence.unsubscribe(hear);
      alice.presence.unsubscribe("bob", hear);
      await acknowledged(alice);
      const bob = await clients.login("bob");
      await until("zoe hears", () => zoes.includes("bob"));
      bob.close();
      await until("zoe hears", () => zoes.length === 2);
      expect(heard).toEqual([]);
    });

    test("HTTP tells who is connected, and never counts as a connection", async () => {
      const alice = await clients.login("alice");
      const http = new HttpClient(target);
      const { body } = await http.run([
        { topic: "presence", action: "query" },
        { topic: "presence", action: "query", names: ["alice", "bob"] },
      ]);
      expect(JSON.parse(body).body).toEqual([
        { users: ["alice"], success: true },
        { users: { alice: true, bob: false }, success: true },
      ]);
      expect(await alice.presence.getAll()).toEqual([]);
    });
  });
}
