// A server that stops answers what still comes over connections that it lets end.

import { expect, setDefaultTimeout, test } from "bun:test";
import { expectError } from "../conformance/momento-http/expect-error.ts";
import { openInProcess } from "../support/in-process-server.ts";
import { openRaw, type RawAnswer, rawRequest } from "../support/raw-http.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

const ORIGIN = "Origin: https://app.example";

test("while it stops, a request is 503 with Retry-After, which pages of other origins may read", async () => {
  const refused = await askWhileStopping("/caches");
  expectError(refused, { status: 503, code: "unavailable" });
  expect(refused.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
  expect(refused.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(refused.headers.get("Access-Control-Expose-Headers")).toContain("Retry-After");
});

test.each(["/api", "/api/v1/x", "/api/auth", "/health-check", "/deepstream"])(
  "while it stops, %s is 503 in plain text, as that API answers",
  async (path) => {
    const refused = await askWhileStopping(path);
    expect(refused).toMatchObject({
      status: 503,
      body: "The server is stopping; try again in a moment.\r\n\r\n",
    });
    expect(refused.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    expect(refused.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
    expect(refused.headers.get("Access-Control-Allow-Origin")).toBe("*");
  },
);

test("while it stops, /health says so, and pages of other origins may read it", async () => {
  const health = await askWhileStopping("/health");
  expect(health.status).toBe(503);
  expect(JSON.parse(health.body)).toMatchObject({ status: "stopping", ready: false, live: true });
  expect(health.headers.get("Access-Control-Allow-Origin")).toBe("*");
});

/** The answer to a GET that comes behind an upload, here a bad one, which the server lets end. */
async function askWhileStopping(path: string): Promise<RawAnswer> {
  // It does so for a second: on a slow machine that may be over too soon.
  return await until("both are answered", async () => {
    const target = await openInProcess();
    using connection = await openRaw(target.url);
    const authorization = `Authorization: ${target.adminToken}`;
    const headers = [authorization, "Content-Length: 2", "Expect: 100-continue"];
    connection.write(rawRequest("POST /tokens", headers));
    await until("the body is asked for", () => connection.has("100 Continue"));
    const closed = target.close();
    // At once with the body's end: Bun closes the connection after the last answer.
    connection.write(`{}${rawRequest(`GET ${path}`, [authorization, ORIGIN])}`);
    const upload = await connection.answer();
    const answer = await connection.answer();
    await closed;
    if (upload === "closed" || answer === "closed") return undefined;
    expect(upload).toMatchObject({ status: 400 });
    return answer;
  });
}
