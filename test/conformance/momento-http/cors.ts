// CORS: pages of any origin may use the API, see the headers that it answers with, and read its errors.

import { beforeAll, describe, expect, test } from "bun:test";
import type { Answer } from "./answers.ts";
import { type Client, fresh, topicPath } from "./client.ts";

const ORIGIN = { Origin: "https://app.example" };

const PREFLIGHTS = [
  { path: "/topics/c/t", method: "POST" },
  { path: "/topics/c/t", method: "GET" },
  { path: "/topics/c/t", method: "DELETE" },
  { path: "/topics/c", method: "GET" },
  { path: "/caches", method: "GET" },
  { path: "/caches/c", method: "PUT" },
  { path: "/tokens", method: "POST" },
  { path: "/tokens/somebody", method: "DELETE" },
  { path: "/health", method: "GET" },
];

export function corsRules(client: Client): void {
  describe("CORS", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    test.each(PREFLIGHTS)(
      "the preflight of $method $path is 204 without a token",
      async ({ path, method }) => {
        const headers = {
          ...ORIGIN,
          "Access-Control-Request-Method": method,
          "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
        };
        const answer = await client.send("OPTIONS", path, { token: null, headers });
        expect(answer).toMatchObject({ status: 204, body: "" });
        expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
        const methods = list(answer, "Allow-Methods");
        expect(methods).toEqual(
          expect.arrayContaining(["get", "head", "post", "put", "delete", "options"]),
        );
        const allowed = list(answer, "Allow-Headers");
        expect(allowed).toEqual(
          expect.arrayContaining(["authorization", "content-type", "idempotency-key"]),
        );
        expect(answer.headers.get("Access-Control-Max-Age")).toBe("86400");
      },
    );

    // Promised: "(exposed to browsers)".
    test("a publish shows its number and page to the page", async () => {
      const headers = { ...ORIGIN, "Content-Type": "text/plain" };
      const answer = await client.publish(cache, fresh("t"), "hi", { headers });
      expect(answer.status).toBe(204);
      expectOpen(answer);
    });

    test("a poll, HEAD and the admin's answers are open too", async () => {
      await client.publishAll(cache, "t", ["hi"]);
      expectOpen(await client.subscribe(cache, "t", "", { headers: ORIGIN }));
      expectOpen(await client.send("HEAD", topicPath(cache, "t"), { headers: ORIGIN }));
      expectOpen(await client.send("GET", "/caches", { headers: ORIGIN }));
      expectOpen(await client.mint([{ cache, topic: "t", role: "both" }], {}, { headers: ORIGIN }));
    });

    test("/health is open too", async () => {
      expectOpen(await client.send("GET", "/health", { token: null, headers: ORIGIN }));
    });

    test("a poll that had to wait is open", async () => {
      const own = await client.makeCache();
      const poll = client.subscribe(own, "t", "", { headers: ORIGIN });
      await client.untilWaiters(own, 1);
      await client.publishAll(own, "t", ["hi"]);
      expectOpen(await poll);
    });

    test.each([
      { rule: "400", method: "GET", path: "/topics/c/t?timeout=x", token: undefined },
      { rule: "400 of a bad name", method: "GET", path: "/topics/%zz/t", token: undefined },
      { rule: "401", method: "POST", path: "/topics/c/t", token: null },
      { rule: "404 of a cache", method: "GET", path: "/topics/unknown/t", token: undefined },
      { rule: "404 of a method", method: "PATCH", path: "/topics/c/t", token: undefined },
      { rule: "404 of a path", method: "GET", path: "/nope", token: undefined },
    ])("an error is open as well: $rule", async ({ method, path, token }) => {
      const answer = await client.send(
        method,
        path,
        token === null ? { token, headers: ORIGIN } : { headers: ORIGIN },
      );
      expect(answer.status).toBeWithin(400, 500);
      expectOpen(answer);
    });

    test("no answer lets pages use a visitor's credentials", async () => {
      const answer = await client.subscribe(cache, "t2", "timeout=0", { headers: ORIGIN });
      expect(answer.headers.get("Access-Control-Allow-Credentials")).toBeNull();
    });

    test("OPTIONS without an Origin is 204 as well", async () => {
      expect((await client.send("OPTIONS", topicPath(cache, "t"), { token: null })).status).toBe(
        204,
      );
    });
  });
}

function expectOpen(answer: Answer): void {
  expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  const exposed = [
    "topic-sequence-number",
    "topic-sequence-page",
    "idempotent-replay",
    "retry-after",
  ];
  expect(list(answer, "Expose-Headers")).toEqual(expect.arrayContaining(exposed));
}

function list(answer: Answer, name: string): string[] {
  const value = answer.headers.get(`Access-Control-${name}`) ?? "";
  return value.toLowerCase().split(/\s*,\s*/);
}
