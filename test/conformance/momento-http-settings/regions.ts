// The region and the public endpoint: so that a key leads to its own region.

import { describe, expect, test } from "bun:test";
import { bareJwt } from "../momento-http/tokens.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

export function regionRules(open: OpenWith): void {
  describe("regions", () => {
    test("region shows in /health", async () => {
      await withServer(open, { region: "eu-west-1" }, async (client) => {
        const { body } = await client.send("GET", "/health", { token: null });
        expect(JSON.parse(body)).toMatchObject({ region: "eu-west-1", ready: true });
      });
    });

    test("http.public_endpoint is the endpoint of minted keys", async () => {
      const endpoint = "topics.eu-west-1.example.com";
      await withServer(open, { http: { public_endpoint: endpoint } }, async (client) => {
        const answer = await client.mint([{ cache: "c", topic: "t", role: "both" }]);
        const minted = JSON.parse(answer.body);
        expect(minted.endpoint).toBe(endpoint);
        if (bareJwt(minted.token) === minted.token) return;
        expect(JSON.parse(Buffer.from(minted.token, "base64").toString()).endpoint).toBe(endpoint);
      });
    });
  });
}
