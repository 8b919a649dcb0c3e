// Failed logins count for the client's address, which trusted proxies may say and nobody else.

import { describe, expect, test } from "bun:test";
import type { DeepstreamClient } from "../deepstream-http/client.ts";
import type { OpenWith, Overrides } from "../target.ts";
import { withSettings } from "./with-server.ts";

const LIMITED: Overrides = {
  deepstream: { auth: ["email"], login: { address_failures: 1, address_seconds: 86_400 } },
};

export function proxyRules(open: OpenWith): void {
  describe("behind proxies", () => {
    test("each client of a trusted proxy has failures of its own", async () => {
      const settings = { ...LIMITED, http: { trusted_proxies: ["127.0.0.0/8", "::1"] } };
      await withSettings(open, settings, async (client) => {
        expect(await failures(client, "192.0.2.1")).toEqual([401, 429]);
        expect(await failures(client, "10.9.9.9, 192.0.2.1")).toEqual([429, 429]);
        expect(await failures(client, "192.0.2.2")).toEqual([401, 429]);
        expect(await failures(client, "192.0.2.1, 127.0.0.1")).toEqual([429, 429]);
      });
    });

    test("whoever is no trusted proxy is itself the client", async () => {
      const settings = { ...LIMITED, http: { trusted_proxies: ["192.0.2.9"] } };
      await withSettings(open, settings, async (client) => {
        expect(await failures(client, "192.0.2.1")).toEqual([401, 429]);
        expect(await failures(client, "192.0.2.2")).toEqual([429, 429]);
      });
    });
  });
}

/** The statuses of two logins that cannot be right. */
async function failures(client: DeepstreamClient, forwardedFor: string): Promise<number[]> {
  const statuses: number[] = [];
  for (const email of ["a@example.com", "b@example.com"]) {
    const credentials = { type: "email", email, password: "x" };
    const headers = { "X-Forwarded-For": forwardedFor };
    statuses.push((await client.post("/api/auth", credentials, headers)).status);
  }
  return statuses;
}
