// deepstream.origins: pages of other origins may neither see nor do anything.

import { describe, expect, test } from "bun:test";
import { type Answer, DeepstreamClient, expectPlain } from "../deepstream-http/client.ts";
import { write } from "../deepstream-http/commands.ts";
import { type OpenWith, openForAll } from "../target.ts";

const LISTED = "https://good.example";
const ORIGINS = [LISTED, "http://localhost:3000"];
const OTHERS = [
  ...["https://evil.example", "https://good.example.evil.example", "http://good.example"],
  ...["https://good.example:8443", "null", "https://good.example/", "good.example", "*"],
];
const MISSING = 'CORS is configured for this. All requests must set a valid "Origin" header.';

type Send = (client: DeepstreamClient, headers: Record<string, string>) => Promise<Answer>;

const REQUESTS: readonly [string, number, Send][] = [
  ["commands", 200, (client, headers) => client.post("/api", { body: [write("x", {})] }, headers)],
  ["a login", 200, (client, headers) => client.post("/api/auth", {}, headers)],
  ["a record by GET", 404, (client, headers) => client.get("/api/records/missing", headers)],
  ["records by GET", 200, (client, headers) => client.get("/api/records", headers)],
  ["any other GET", 400, (client, headers) => client.get("/api", headers)],
  [
    "a preflight",
    204,
    (client, headers) =>
      client.send("OPTIONS", "/api", {
        headers: {
          "Access-Control-Request-Method": "POST",
          "Access-Control-Request-Headers": "content-type",
          ...headers,
        },
      }),
  ],
];

export function originRules(open: OpenWith): void {
  describe("origins", () => {
    const client = new DeepstreamClient(
      openForAll(() => open({ deepstream: { origins: ORIGINS } })),
    );

    test.each(REQUESTS)("%s", async (_, status, send) => {
      for (const origin of ORIGINS) {
        expectAllowed(await send(client, { Origin: origin }), status, origin);
      }
      const referer = { Referer: `${LISTED}/page?x=1` };
      expectAllowed(await send(client, referer), status, LISTED);
      for (const origin of OTHERS) {
        const text = `Origin "${origin}" is forbidden.`;
        expectRefused(await send(client, { Origin: origin }), text);
        expectRefused(await send(client, { ...referer, Origin: origin }), text);
      }
      const evil = { Referer: "https://evil.example/" };
      expectRefused(await send(client, evil), 'Origin "https://evil.example" is forbidden.');
      expectRefused(await send(client, { Referer: "no URL" }), MISSING);
      expectRefused(await send(client, {}), MISSING);
    });

    test("refuse before anything else is looked at, and before anything is done", async () => {
      const headers = { Origin: "https://evil.example" };
      for (const body of ["{", JSON.stringify({ body: [write("evil", {})] })]) {
        const refused = await client.post("/api", body, { ...headers, "Content-Type": "x/y" });
        expect(refused.status).toBe(403);
      }
      const read = await client.get("/api/records/evil", { Origin: LISTED });
      expectPlain(read, 404, /could not be found/);
      expect(read.headers.get("access-control-allow-origin")).toBe(LISTED);
    });

    test("do not concern health checks, nor the other API", async () => {
      expect((await client.get("/health-check")).status).toBe(200);
      const other = await client.get("/caches", { Origin: "https://evil.example" });
      expect(other.status).toBe(401);
      expect(other.headers.get("access-control-allow-origin")).toBe("*");
    });
  });
}

function expectAllowed(answer: Answer, status: number, origin: string): void {
  expect(answer.status).toBe(status);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    vary: "Origin",
  });
}

function expectRefused(answer: Answer, text: string): void {
  expectPlain(answer, 403, text);
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  expect(answer.headers.get("vary")).toBe("Origin");
}
