// Spans reach a collector by OTLP over HTTP, continue the caller's trace, and tell no name and no token.

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Client } from "../conformance/momento-http/client.ts";
import { openInProcess } from "../support/in-process-server.ts";
import { TraceCollector } from "../support/trace-collector.ts";

setDefaultTimeout(180_000);

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(settings: { sample_percent?: number } = {}) {
  const collector = new TraceCollector();
  open.push(collector);
  const target = await openInProcess({ traces: { endpoint: collector.endpoint, ...settings } });
  open.push({ [Symbol.asyncDispose]: () => target.close() });
  return { collector, client: new Client(() => target) };
}

describe("a span", () => {
  test("of a request has its route, method and status, and the trace that the caller names", async () => {
    const { collector, client } = await start();
    await client.putCache("s3cret");
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
    const token = await client.token([{ cache: "s3cret", topic: "*", role: "both" }]);
    const path = `/topics/s3cret/t0pic?token=${encodeURIComponent(token)}`;
    await client.send("POST", path, { token: null, body: "a", headers });
    const span = await collector.span("POST /topics/{cacheName}/{topicName}");
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, status: { code: 0 } });
    expect(Object.fromEntries(span.attributes.map(({ key, value }) => [key, value]))).toEqual({
      "http.request.method": { stringValue: "POST" },
      "http.route": { stringValue: "/topics/{cacheName}/{topicName}" },
      "http.response.status_code": { intValue: 204 },
      "millrace.api": { stringValue: "momento-http" },
    });
    const sent = collector.bodies.join();
    for (const secret of ["s3cret", "t0pic", token, client.adminToken]) {
      expect(sent).not.toContain(secret);
    }
  });

  test("begins a trace of its own where the caller names none, or what is none", async () => {
    const { collector, client } = await start();
    await client.send("GET", "/caches", { headers: { traceparent: "00-zz-zz-01" } });
    await client.send("GET", "/nowhere");
    expect((await collector.span("GET /caches")).parentSpanId).toBeUndefined();
    expect((await collector.span("GET other")).traceId).not.toBe(TRACE);
  });

  test("is sent when the server stops, too", async () => {
    const { collector, client } = await start();
    await client.send("GET", "/health");
    await open.pop()?.[Symbol.asyncDispose]();
    await collector.span("GET /health");
  });
});

test("a caller who does not want its request traced is heeded", async () => {
  const { collector, client } = await start();
  await client.send("GET", "/caches", { headers: { traceparent: `00-${TRACE}-${PARENT}-00` } });
  await client.send("GET", "/health");
  await collector.span("GET /health");
  expect(collector.spans.map(({ name }) => name)).toEqual(["GET /health"]);
});

test("a collector that is not there keeps nobody from an answer, nor the server from stopping", async () => {
  const target = await openInProcess({ traces: { endpoint: "http://127.0.0.1:1/v1/traces" } });
  const client = new Client(() => target);
  expect((await client.send("GET", "/caches")).status).toBe(200);
  await target.close();
});
