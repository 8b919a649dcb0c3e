// A store that does not answer holds up nobody for longer than storage.write_seconds_max.

import { expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { sequenceNumber, texts, upTo } from "../conformance/momento-http/answers.ts";
import { Client, known } from "../conformance/momento-http/client.ts";
import { expectError } from "../conformance/momento-http/expect-error.ts";
import { serve } from "../support/executable.ts";
import { holdWriter } from "../support/hold-writer.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

test("writes are answered with an unknown outcome, reads go on, and a retry is safe", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path, ["--storage-write-seconds-max=1"]);
  const client = new Client(() => server);
  await known(() => client.putCache("c"));
  const first = { headers: { "Idempotency-Key": "first" } };
  await known(() => client.publish("c", "t", "a", first));
  const headers = { "Idempotency-Key": "k" };
  {
    using _held = holdWriter(data.path);
    for (const _ of upTo(2)) {
      const answer = await client.publish("c", "t", "b", { headers });
      expectError(answer, { status: 503, code: "outcome_unknown", detail: /Idempotency-Key/ });
      expect(answer.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
    }
    expect(texts(await client.read("c", "t"))).toEqual(["a"]);
    await until("health says that the disk does not answer", async () => {
      const answer = await fetch(`${server.url}/health`);
      expect(answer.status).toBe(200);
      const { writes } = (await answer.json()) as { writes: string };
      return writes === "stalled";
    });
  }
  const again = await known(() => client.publish("c", "t", "b", { headers }));
  expect(again.status).toBe(204);
  expect(sequenceNumber(again)).toBe(2);
  expect(texts(await client.read("c", "t"))).toEqual(["a", "b"]);
  server.kill("SIGTERM");
  expect((await server.ended).exitCode).toBe(0);
});
