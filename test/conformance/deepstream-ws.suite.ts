// What programs with @deepstream/client rely on, as black-box tests of a server that is given by its address.

import { afterEach, describe } from "bun:test";
import { Clients } from "./deepstream-ws/clients.ts";
import { eventListening } from "./deepstream-ws/event-listening.ts";
import { events } from "./deepstream-ws/events.ts";
import { frames } from "./deepstream-ws/frames.ts";
import { PATIENT } from "./deepstream-ws/patience.ts";
import { presence } from "./deepstream-ws/presence.ts";
import { reconnects } from "./deepstream-ws/reconnects.ts";
import { recordFrames } from "./deepstream-ws/record-frames.ts";
import { records } from "./deepstream-ws/records.ts";
import { rpcs } from "./deepstream-ws/rpcs.ts";
import { type OpenWith, openForAll, type Target } from "./target.ts";

const RULES: readonly ((clients: Clients, target: () => Target) => void)[] = [
  ...[events, eventListening, records, rpcs, presence, reconnects],
];

/** Opens one server with default settings for all rules, but for its patience. */
export function deepstreamWsConformance(name: string, open: OpenWith): void {
  describe(`deepstream's clients by WebSocket, ${name}`, () => {
    const target = openForAll(() => open({ deepstream: PATIENT }));
    const clients = new Clients(() => target().url);
    afterEach(() => clients.closeAll());
    for (const rules of RULES) rules(clients, target);
    frames(target);
    recordFrames(target);
  });
}
