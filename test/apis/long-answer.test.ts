// A long answer tells once when it is over, however it ends: read, left, or read too slowly.

import { expect, test } from "bun:test";
import { Deadlines } from "../../src/core/deadlines.ts";
import { longAnswer } from "../../src/http/long-answer.ts";
import { ManualClock } from "../support/manual-clock.ts";

const WHOLE = new TextEncoder().encode("0123456789abcdef".repeat(65_536));
/** Half a minute, and a second for each 16 KiB. */
const ALLOWED_MS = 30_000 + (WHOLE.length / 16_384) * 1000;

test("read to its end, it is all that there is, and over", async () => {
  using sent = send();
  expect(await new Response(sent.body).bytes()).toEqual(WHOLE);
  expect(sent.ends).toBe(1);
});

test("nothing of it is made ready before somebody reads, and it is not over before the last", async () => {
  using sent = send();
  const reader = sent.body.getReader();
  let read = 0;
  while (read < WHOLE.length) {
    expect(sent.ends).toBe(0);
    read += (await reader.read()).value?.length ?? 0;
  }
  expect(sent.ends).toBe(1);
  expect(await reader.read()).toMatchObject({ done: true });
});

test("cancelled, it is over, and so is its deadline", async () => {
  using sent = send();
  await sent.body.cancel();
  expect(sent.ends).toBe(1);
  expect(sent.deadlines.size).toBe(0);
});

test("of a client that goes away it is over, before anything was read and after", () => {
  using sent = send();
  sent.leave();
  sent.leave();
  expect(sent.ends).toBe(1);
  using late = send({ isGone: true });
  expect(late.ends).toBe(1);
  expect(late.deadlines.size).toBe(0);
});

test("read too slowly, it breaks off, so that nobody takes it for the whole", async () => {
  using sent = send();
  const reader = sent.body.getReader();
  await reader.read();
  sent.clock.advance(ALLOWED_MS - 1);
  await reader.read();
  expect(sent.ends).toBe(0);
  sent.clock.advance(200);
  expect(sent.ends).toBe(1);
  const end = await reader.read().catch((cause: unknown) => cause);
  expect(end).toMatchObject({ message: "the client reads too slowly" });
  expect(sent.ends).toBe(1);
});

function send({ isGone = false } = {}) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const client = new AbortController();
  if (isGone) client.abort();
  const request = new Request("http://localhost/", { signal: client.signal });
  let ends = 0;
  const body = longAnswer(deadlines, request, WHOLE, () => {
    ends += 1;
  });
  return {
    ...{ clock, deadlines, body },
    leave: () => client.abort(),
    get ends() {
      return ends;
    },
    [Symbol.dispose]: () => deadlines[Symbol.dispose](),
  };
}
