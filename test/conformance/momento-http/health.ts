// GET /health tells anybody that the server is there, which one it is, and where.

import { describe, expect, test } from "bun:test";
import type { Client } from "./client.ts";

export function healthRules(client: Client): void {
  describe("health", () => {
    // Promised: "GET /health (ready, live, versions, region)".
    test("tells ready, live, versions and region without a token", async () => {
      const answer = await client.send("GET", "/health", { token: null });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Content-Type")).toMatch(/^application\/json\b/);
      expect(JSON.parse(answer.body)).toMatchObject({
        status: "ready",
        ready: true,
        live: true,
        version: client.startedWith.version,
        bun: expect.stringMatching(/^\d+\.\d+\.\d+/),
        region: client.startedWith.region,
      });
    });

    test("does not care about a bad token", async () => {
      expect((await client.send("GET", "/health", { token: "garbage" })).status).toBe(200);
      expect((await client.send("GET", "/health?token=garbage", { token: null })).status).toBe(200);
    });

    test("HEAD is the same without the body", async () => {
      expect(await client.send("HEAD", "/health", { token: null })).toMatchObject({
        status: 200,
        body: "",
      });
    });
  });
}
