// What programs with @deepstream/client meet on a server with settings of its own.

import { describe } from "bun:test";
import { callTimes } from "./deepstream-ws-settings/call-times.ts";
import { endings } from "./deepstream-ws-settings/endings.ts";
import { limits } from "./deepstream-ws-settings/limits.ts";
import { listening } from "./deepstream-ws-settings/listening.ts";
import { logins } from "./deepstream-ws-settings/logins.ts";
import { strangers } from "./deepstream-ws-settings/strangers.ts";
import type { OpenWith } from "./target.ts";

const RULES: readonly ((open: OpenWith) => void)[] = [
  logins,
  endings,
  limits,
  strangers,
  callTimes,
  listening,
];

/** Opens a server for each test, several at once: most of their time they wait. */
export function deepstreamWsSettingsConformance(name: string, open: OpenWith): void {
  describe.concurrent(`settings of deepstream's clients by WebSocket, ${name}`, () => {
    for (const rules of RULES) rules(open);
  });
}
