// Listening to patterns: who provides events is told which of them somebody subscribes to.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import type { Target } from "../target.ts";
import type { Client, Clients } from "./clients.ts";
import { acknowledged, hear } from "./events.ts";
import { WireClient } from "./wire-client.ts";

interface Response {
  accept(): void;
  reject(): void;
  onStop(callback: () => void): void;
}

export function eventListening(clients: Clients, target: () => Target): void {
  describe("listening to events", () => {
    test("a listener is told of subscriptions, before and after it came, and of their end", async () => {
      const [alice, bob, listener] = await three(clients);
      await hear(alice, "weather/berlin");
      const told = listen(listener, "^weather/.*");
      await until("the first", () => told.includes("+weather/berlin"));
      const hearing = () => {};
      bob.event.subscribe("weather/paris", hearing);
      bob.event.subscribe("news/paris", hearing);
      bob.event.subscribe("weather/berlin", hearing);
      await until("the second", () => told.includes("+weather/paris"));
      bob.event.unsubscribe("weather/paris", hearing);
      await until("the end of the second", () => told.includes("-weather/paris"));
      expect(told).toEqual(["+weather/berlin", "+weather/paris", "-weather/paris"]);
    });

    test("who rejects leaves it to another, and who goes away as well", async () => {
      const [first, second, third] = await three(clients);
      const rejected: string[] = [];
      first.event.listen("^stock/", (name: string, response: Response) => {
        rejected.push(name);
        response.reject();
      });
      const told = { second: listen(second, "^stock/"), third: listen(third, "^stock/") };
      await Promise.all([first, second, third].map(acknowledged));
      await hear(first, "stock/a");
      await until("one has it", () => told.second.length + told.third.length === 1);
      const [provider, other] =
        told.second.length === 1 ? [second, told.third] : [third, told.second];
      provider.close();
      await until("the other has it", () => other.includes("+stock/a"));
    });

    test("who listens no more is told of nothing", async () => {
      const [alice, , listener] = await three(clients);
      const told = listen(listener, "^left/");
      await acknowledged(listener);
      listener.event.unlisten("^left/");
      await acknowledged(listener);
      await hear(alice, "left/a");
      const later = listen(listener, "^marker/");
      await hear(alice, "marker/a");
      await until("the marker", () => later.length === 1);
      expect(told).toEqual([]);
    });

    test("what is no pattern is refused, and so is what could hang the server", async () => {
      const client = await WireClient.login(target().url, "l");
      for (const name of ["[", "(?=a)", "(a)\\1", "a{1000}{1000}", "", "x".repeat(257)]) {
        client.send(["EVENT LISTEN", { name }]);
        expect(await client.settled()).toEqual([
          ["EVENT INVALID_LISTEN_REGEX", { name, originalAction: 5, isError: true }],
        ]);
      }
      client.close();
    });
  });
}

async function three(clients: Clients): Promise<[Client, Client, Client]> {
  return [await clients.login("alice"), await clients.login("bob"), await clients.login("carol")];
}

/** What the listener is told from now on; it accepts all. */
function listen(client: Client, pattern: string): string[] {
  const told: string[] = [];
  client.event.listen(pattern, (name: string, response: Response) => {
    told.push(`+${name}`);
    response.onStop(() => told.push(`-${name}`));
    response.accept();
  });
  return told;
}
