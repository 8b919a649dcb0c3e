// What a WebSocket brings in takes turns with everything else, in order, and does not pile up.

import { expect, test } from "bun:test";
import type { WebSocketSession } from "../../src/http/web-socket.ts";
import { Incoming, Turn } from "../../src/server/incoming.ts";
import { turns } from "../support/turns.ts";
import { until } from "../support/until.ts";

const MS_EACH = 20;

test("messages that take long leave the others their turn, and keep their order", async () => {
  const { incoming, received } = open(MS_EACH);
  const numbers = Array.from({ length: 20 }, (_, number) => String(number));
  for (const number of numbers) expect(incoming.receive(number)).toBe(true);
  expect(received.length).toBeLessThan(10);
  await new Promise(setImmediate);
  expect(received.length).toBeLessThan(20);
  await until("all were received", () => received.length === 20);
  expect(incoming.receive("20")).toBe(true);
  await until("the next was received", () => received.length === 21);
  expect(received).toEqual([...numbers, "20"]);
});

test("messages that take little are received at once", async () => {
  // Unless the machine stops in between: then what comes seems to have taken long.
  await until("a thousand at once", () => {
    const { incoming, received } = open(0);
    for (let number = 0; number < 1000; number += 1) incoming.receive("a");
    return received.length === 1000;
  });
});

test("what waits when the connection is closed is dropped", async () => {
  const { incoming, received } = open(MS_EACH);
  for (let number = 0; number < 20; number += 1) incoming.receive("a");
  const before = received.length;
  incoming.closed();
  await turns();
  expect(received).toHaveLength(before);
});

test.each([1, 2])(
  "what waits behind message %d, which takes its time, is let go with the connection",
  async (at) => {
    const { incoming, received } = open(0, (count) =>
      count < at ? Promise.resolve() : new Promise(() => {}),
    );
    for (const frame of ["1", "2", "3"]) incoming.receive(frame);
    await until("it takes its time", () => received.length === at);
    expect(incoming.held).toBeGreaterThan(0);
    incoming.closed();
    expect(incoming.held).toBe(0);
  },
);

test("a connection for which too much waits is to be cut off", () => {
  const { incoming } = open(MS_EACH);
  const frame = "x".repeat(1_048_576);
  const taken = Array.from({ length: 40 }, () => incoming.receive(frame));
  expect(taken).toContain(false);
});

function open(ms: number, takes: (count: number) => Promise<void> | undefined = () => undefined) {
  const received: unknown[] = [];
  const session: WebSocketSession = {
    opened: () => {},
    heard: () => {},
    closed: () => {},
    received: (frame) => {
      received.push(frame);
      if (ms > 0) Bun.sleepSync(ms);
      return takes(received.length);
    },
  };
  return { incoming: new Incoming(session, new Turn()), received };
}
