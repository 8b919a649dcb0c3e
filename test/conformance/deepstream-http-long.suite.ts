// The rules of deepstreamHub's HTTP API that take most of a minute to prove: what it waits for outlasts idle timeouts.

import { describe, expect, test } from "bun:test";
import { call } from "./deepstream-http/commands.ts";
import { withServer } from "./deepstream-http-settings/with-server.ts";
import { WireClient } from "./deepstream-ws/wire-client.ts";
import type { OpenWith } from "./target.ts";

/** More than the 30 seconds of a connection on which nothing happens, and Bun's steps of four. */
const LONG_MS = 45_000;

export function deepstreamHttpLongConformance(name: string, open: OpenWith): void {
  describe(`long waits of deepstreamHub's HTTP API, ${name}`, () => {
    test("a call may take as long as the settings say", async () => {
      const settings = {
        http: { request_timeout_ms: 2 * LONG_MS },
        rpc: { response_timeout_ms: 2 * LONG_MS },
      };
      await withServer(open, settings, async (client, { url }) => {
        const provider = await WireClient.login(url, "provider");
        provider.send(["RPC PROVIDE", { names: ["slow"], correlationId: "0" }]);
        await provider.take(1);
        const answers = [1, 100_000].map((size) => client.slot(call("slow", "x".repeat(size))));
        const calls = (await provider.take(2)).map(([, { correlationId } = {}]) => {
          return { name: "slow", correlationId };
        });
        for (const about of calls) provider.send(["RPC ACCEPT", about]);
        await Bun.sleep(LONG_MS);
        for (const about of calls) provider.send(["RPC RESPONSE", { ...about, data: "1" }]);
        for (const answer of answers) expect(await answer).toEqual({ success: true, data: 1 });
        provider.close();
      });
    }, 180_000);
  });
}
