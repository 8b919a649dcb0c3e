// Events between clients, and from HTTP to clients.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import type { Clients } from "./clients.ts";

export function events(clients: Clients): void {
  describe("events", () => {
    test("an event reaches who subscribes to its name", async () => {
      const alice = await clients.login("alice");
      const bob = await clients.login("bob");
      const got: unknown[] = [];
      alice.event.subscribe("news/a", (data: unknown) => got.push(data));
      await until("the event", () => {
        bob.event.emit("news/a", { x: 1 });
        return got.length > 0;
      });
      expect(got[0]).toEqual({ x: 1 });
    });
  });
}
