// How long a provider has, and what it is told of who calls.

import { describe, expect, test } from "bun:test";
import { openLoginWebhook } from "../deepstream-http-settings/login-webhook.ts";
import { acknowledged } from "../deepstream-ws/events.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

const PATIENCE_MS = 60_000;

export function callTimes(open: OpenWith): void {
  describe("calls", () => {
    test("end when nobody accepts them in time", async () => {
      await withServer(open, { rpc: { ack_timeout_ms: 50 } }, async (clients) => {
        const provider = await clients.login("provider");
        const caller = await clients.login("caller");
        provider.rpc.provide("slow", (_: unknown, response: { autoAccept: boolean }) => {
          response.autoAccept = false;
        });
        await acknowledged(provider);
        expect(await caller.rpc.make("slow", 1).catch(String)).toBe("ACCEPT_TIMEOUT");
      });
    });

    test("end when nobody answers them in time", async () => {
      const rpc = { ack_timeout_ms: PATIENCE_MS, response_timeout_ms: 200 };
      await withServer(open, { rpc }, async (clients) => {
        const provider = await clients.login("provider");
        const caller = await clients.login("caller");
        provider.rpc.provide("slow", () => {});
        await acknowledged(provider);
        expect(await caller.rpc.make("slow", 1).catch(String)).toBe("RESPONSE_TIMEOUT");
      });
    });

    const told: readonly [string, Record<string, boolean>, unknown][] = [
      ["nothing", {}, undefined],
      ["the name", { requestor_name: true }, { requestorName: "admin" }],
      ["the data", { requestor_data: true }, { requestorData: { client: "data" } }],
      [
        "both",
        { requestor_name: true, requestor_data: true },
        { requestorName: "admin", requestorData: { client: "data" } },
      ],
    ];
    test.each(told)("say of their caller as much as the settings say: %s", async (_, rpc, said) => {
      using webhook = openLoginWebhook();
      const settings = {
        auth: ["webhook"],
        webhook: { url: webhook.url },
        rpc: { ack_timeout_ms: PATIENCE_MS, response_timeout_ms: PATIENCE_MS, ...rpc },
      };
      await withServer(open, settings, async (clients) => {
        const provider = clients.connect();
        await provider.login({ username: "A", password: "pw" } as never);
        const caller = clients.connect();
        await caller.login({ username: "admin", password: "pw" } as never);
        provider.rpc.provide(
          "who",
          (_: unknown, response: { send(data: unknown): void }, requester?: unknown) => {
            response.send({ said: requester });
          },
        );
        await acknowledged(provider);
        expect(await caller.rpc.make("who", 1)).toEqual(said === undefined ? {} : { said });
      });
    });
  });
}
