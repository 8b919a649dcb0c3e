// GET /health tells anybody that the server is there, which one it is, and where; GET /metrics what it measures.

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
        writes: "ok",
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

  describe("metrics", () => {
    // Promised: "while the server listens on loopback, and not for requests that a proxy forwards".
    test("are there for who asks directly", async () => {
      const answer = await client.send("GET", "/metrics", { token: null });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain\b/);
      expect(answer.body).toMatch(/^millrace_waiters\{?.* \d+$/m);
    });

    test.each([
      { name: "X-Forwarded-For", value: "203.0.113.7" },
      { name: "x-forwarded-for", value: "127.0.0.1" },
      { name: "Forwarded", value: "for=203.0.113.7;proto=https" },
    ])("are nobody's path for a request with $name: $value", async ({ name, value }) => {
      const answer = await client.send("GET", "/metrics", { headers: { [name]: value } });
      expect(answer).toMatchObject({ status: 404, body: "Endpoint not found." });
    });
  });
}
