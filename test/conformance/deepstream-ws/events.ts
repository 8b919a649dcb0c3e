// Events between clients, and from HTTP to clients.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { DeepstreamClient as HttpClient } from "../deepstream-http/client.ts";
import type { Target } from "../target.ts";
import type { Client, Clients } from "./clients.ts";

/** Of every kind of JSON, and the event that is its name alone. */
const DATA = [{ x: [1, { y: null }] }, ["a"], "text", 7, 0, "", true, false, null, undefined];

export function events(clients: Clients, target: () => Target): void {
  describe("events", () => {
    test("an event reaches all who subscribe to its name, with its data, and its sender once", async () => {
      const [alice, bob, carol] = [
        await clients.login("alice"),
        await clients.login("bob"),
        await clients.login("carol", { path: "/deepstream-json", ...JSON_MODE }),
      ];
      const heard = await Promise.all([alice, bob, carol].map((one) => hear(one, "news/a")));
      const elsewhere = await hear(alice, "news/b");
      for (const data of DATA) bob.event.emit("news/a", data as never);
      for (const each of heard) {
        await until("all events", () => each.length >= DATA.length);
        expect(each).toEqual(DATA);
      }
      expect(elsewhere).toEqual([]);
    });

    test("data that is false in the client's language arrives from the JSON form too", async () => {
      const alice = await clients.login("alice");
      const carol = await clients.login("carol", { path: "/deepstream-json", ...JSON_MODE });
      const heard = await hear(alice, "false");
      for (const data of DATA) carol.event.emit("false", data as never);
      await until("all events", () => heard.length >= DATA.length);
      expect(heard).toEqual(DATA);
    });

    test("after unsubscribing nothing comes", async () => {
      const alice = await clients.login("alice");
      const bob = await clients.login("bob");
      const heard: unknown[] = [];
      const hearing = (data: unknown) => void heard.push(data);
      alice.event.subscribe("over", hearing);
      const marker = await hear(alice, "marker");
      bob.event.emit("over", 1);
      await until("the event", () => heard.length === 1);
      alice.event.unsubscribe("over", hearing);
      await acknowledged(alice);
      bob.event.emit("over", 2);
      bob.event.emit("marker", 1);
      await until("the marker", () => marker.length === 1);
      expect(heard).toEqual([1]);
    });

    test("what is emitted over HTTP reaches all", async () => {
      const heard = await hear(await clients.login("alice"), "from/http");
      const http = new HttpClient(target);
      await http.run([
        { topic: "event", action: "emit", eventName: "from/http", data: { n: 1 } },
        { topic: "event", action: "emit", eventName: "from/http" },
      ]);
      await until("both", () => heard.length === 2);
      expect(heard).toEqual([{ n: 1 }, undefined]);
    });

    test("events of one sender keep their order, thousands of them", async () => {
      const alice = await clients.login("alice");
      const bob = await clients.login("bob");
      const heard = await hear(alice, "many");
      for (let number = 0; number < 5000; number += 1) bob.event.emit("many", number);
      await until("all", () => heard.length === 5000);
      expect(heard).toEqual(Array.from({ length: 5000 }, (_, number) => number));
    });

    test("several thousand subscriptions are one message", async () => {
      const alice = await clients.login("alice", { subscriptionInterval: 50 });
      const bob = await clients.login("bob");
      const heard: unknown[] = [];
      for (let number = 0; number < 5000; number += 1) {
        alice.event.subscribe(`bulk/${number}`, (data: unknown) => heard.push(data));
      }
      await until("the last", () => {
        bob.event.emit("bulk/4999", 4999);
        return heard.length > 0;
      });
      heard.length = 0;
      for (let number = 0; number < 5000; number += 1) bob.event.emit(`bulk/${number}`, number);
      await until("all", () => heard.includes(4998));
      expect(new Set(heard).size).toBe(5000);
      expect(alice.errors).toEqual([]);
    });
  });
}

/** How the client is told to speak JSON. */
export const JSON_MODE = { socketOptions: { jsonTransportMode: true } };

/** What the client is told from now on: the server has the subscription when it resolves. */
export async function hear(client: Client, name: string): Promise<unknown[]> {
  const heard: unknown[] = [];
  client.event.subscribe(name, (data: unknown) => heard.push(data));
  await acknowledged(client);
  return heard;
}

/** Resolves when the server has answered all subscriptions of the client. */
export async function acknowledged(client: Client): Promise<void> {
  // The client keeps what it waits for to itself.
  const { services } = client as unknown as Insides;
  await until("the acknowledgement", () => services.timeoutRegistry.register.size === 0);
}

interface Insides {
  readonly services: {
    readonly timeoutRegistry: { readonly register: ReadonlyMap<string, unknown> };
  };
}
