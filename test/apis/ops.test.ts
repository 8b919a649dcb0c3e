// GET /health: what a load balancer and a supervisor make of each state of the server.

import { expect, test } from "bun:test";
import { type Health, ops } from "../../src/apis/ops/plugin.ts";

const ABOUT = { version: "1", commit: "c", bun: "b", region: "r", endpoint: "e" };

const rows: [Pick<Health, "status" | "writes">, number, object][] = [
  [{ status: "ready", writes: "ok" }, 200, { ready: true, live: true }],
  [{ status: "ready", writes: "failing" }, 200, { ready: true, live: true }],
  [{ status: "ready", writes: "stalled" }, 200, { ready: true, live: true }],
  [{ status: "stopping", writes: "ok" }, 503, { ready: false, live: true }],
  [{ status: "failed", writes: "dead" }, 503, { ready: false, live: false }],
];

test.each(rows)("%j is %d", async (state, status, told) => {
  const app = ops({
    cors: { allow: (_, response) => response, preflight: () => new Response() },
    health: () => ({ ...state, ...ABOUT }),
    metrics: () => undefined,
    describe: () => Promise.reject(new Error("nobody asks for it")),
    onBug: (cause) => {
      throw cause;
    },
  });
  const answer = await app.handle(new Request("http://localhost/health"));
  expect(answer.status).toBe(status);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.has("retry-after")).toBe(status === 503);
  expect(await answer.json()).toEqual({ ...state, ...ABOUT, ...told });
});
