// What the exporter of traces says of a collector that does not take them, and that it is silent once it is closed.

import { expect, test } from "bun:test";
import { Traces } from "../../src/telemetry/traces.ts";
import { until } from "../support/until.ts";

const ROUTE = { api: "api", route: "/route" };

test("a collector that takes nothing is told, and when it takes something again", async () => {
  await using room = open();
  room.status = 400;
  room.span();
  await until("the fault", () => room.said.length === 1);
  room.status = 200;
  room.span();
  await until("the recovery", () => room.said.length === 2);
  expect(room.said).toEqual([expect.stringContaining("fault: "), "recovery"]);
});

test("what is found out after the closing is told nobody, who may be another one by then", async () => {
  await using room = open();
  const held = Promise.withResolvers<void>();
  room.status = 400;
  room.held = held.promise;
  room.span();
  const closing = room.traces[Symbol.asyncDispose]();
  await until("a batch", () => room.begun === 1);
  await closing;
  held.resolve();
  // The answer to this one comes after that to the batch.
  await until("the answer", () => room.answered === 1);
  for (let n = 0; n < 20; n += 1) await (await fetch(room.endpoint, { method: "POST" })).text();
  expect(room.said).toEqual([]);
});

/** Traces, with a collector that answers as it is told to. */
function open() {
  const said: string[] = [];
  const room = {
    ...{ said, begun: 0, answered: 0, status: 200, held: Promise.resolve() },
    span: () => traces.begin(new Request("http://a")).end(ROUTE, 200),
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch() {
      room.begun += 1;
      await room.held;
      room.answered += 1;
      return Response.json({}, { status: room.status });
    },
  });
  const endpoint = `http://127.0.0.1:${server.port}/v1/traces`;
  const traces = new Traces({
    ...{ endpoint, samplePercent: 100, version: "0", region: "here" },
    onFault: (why) => said.push(`fault: ${why}`),
    onRecovery: () => said.push("recovery"),
  });
  return Object.assign(room, {
    ...{ endpoint, traces },
    async [Symbol.asyncDispose]() {
      await traces[Symbol.asyncDispose]();
      await server.stop(true);
    },
  });
}
