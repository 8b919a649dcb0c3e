// What programs with @deepstream/client rely on, as black-box tests of a server that is given by its address.

import { afterAll, afterEach, beforeAll, describe } from "bun:test";
import { Clients } from "./deepstream-ws/clients.ts";
import { events } from "./deepstream-ws/events.ts";
import type { Target } from "./target.ts";

/** Opens one server with default settings for all rules. */
export function deepstreamWsConformance(name: string, open: () => Promise<Target>): void {
  describe(`deepstream's clients by WebSocket, ${name}`, () => {
    let target: Target | undefined;
    const clients = new Clients(() => {
      if (target === undefined) throw new Error("the server is not open");
      return target.url;
    });
    beforeAll(async () => {
      target = await open();
    });
    afterEach(() => clients.closeAll());
    afterAll(async () => {
      await target?.close();
    });
    events(clients);
  });
}
