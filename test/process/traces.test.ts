// The executable loads what it traces with only when there is a collector, and then it is in it.

import { expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { serve } from "../support/executable.ts";
import { TraceCollector } from "../support/trace-collector.ts";

setDefaultTimeout(180_000);

test("spans reach a collector, and an orderly stop comes to its end", async () => {
  using data = temporaryDirectory();
  await using collector = new TraceCollector();
  await using server = await serve(data.path, ["--traces-endpoint", collector.endpoint]);
  await fetch(`${server.url}/caches?token=s3cret`);
  const span = await collector.span("GET /caches");
  expect(span.attributes).toContainEqual({
    key: "http.response.status_code",
    value: { intValue: 401 },
  });
  expect(collector.bodies.join()).not.toContain("s3cret");
  server.kill("SIGTERM");
  const { exitCode, stderr } = await server.ended;
  expect(exitCode).toBe(0);
  expect(stderr).not.toMatch(/ERROR|WARN/);
});
