// What programs with @deepstream/client rely on, as black-box tests of a server that is given by its address.

import { afterAll, afterEach, beforeAll, describe } from "bun:test";
import { Clients } from "./deepstream-ws/clients.ts";
import { eventListening } from "./deepstream-ws/event-listening.ts";
import { events } from "./deepstream-ws/events.ts";
import { frames } from "./deepstream-ws/frames.ts";
import { presence } from "./deepstream-ws/presence.ts";
import { reconnects } from "./deepstream-ws/reconnects.ts";
import { recordFrames } from "./deepstream-ws/record-frames.ts";
import { records } from "./deepstream-ws/records.ts";
import { rpcs } from "./deepstream-ws/rpcs.ts";
import type { Target } from "./target.ts";

const RULES: readonly ((clients: Clients, target: () => Target) => void)[] = [
  ...[events, eventListening, records, rpcs, presence, reconnects],
];

/** Opens one server with default settings for all rules. */
export function deepstreamWsConformance(name: string, open: () => Promise<Target>): void {
  describe(`deepstream's clients by WebSocket, ${name}`, () => {
    let target: Target | undefined;
    const opened = () => {
      if (target === undefined) throw new Error("the server is not open");
      return target;
    };
    const clients = new Clients(() => opened().url);
    beforeAll(async () => {
      target = await open();
    });
    afterEach(() => clients.closeAll());
    afterAll(async () => {
      await target?.close();
    });
    for (const rules of RULES) rules(clients, opened);
    frames(opened);
    recordFrames(opened);
  });
}
