// The connection of a request with a body: held for as long as its share, where Bun would not do so itself.

import { describe, expect, test } from "bun:test";
import { BodyBudget } from "../../src/core/body-budget.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { type BodyServices, readBody } from "../../src/http/body.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusal } from "../support/refusal.ts";

const BOUNDS = { bytesMax: 200_000, tooLarge: () => new Error("too large") };

describe("the connection of a body", () => {
  const held: [string, Request, Partial<BodyServices>?][] = [
    ["of more than 64 KiB", withLength("x".repeat(65_537))],
    ["in chunks", new Request("http://a", { method: "POST", body: chunks("x") })],
    ["of nothing", withLength("")],
    ["that is none", new Request("http://a", { method: "POST" })],
    ["on a shared connection", withLength("x"), { connectionsAreShared: true }],
  ];
  test.each(held)("%s is held until the share is given back", async (_, request, services) => {
    using room = open(services);
    const share = room.services.bodies.open();
    await readBody(room.services, request, share, BOUNDS);
    expect(room.said).toEqual(["hold"]);
    share[Symbol.dispose]();
    share[Symbol.dispose]();
    expect(room.said).toEqual(["hold", "let idle"]);
  });

  test("of a small body with a length is left to Bun", async () => {
    using room = open();
    {
      using share = room.services.bodies.open();
      await readBody(room.services, withLength("x".repeat(65_536)), share, BOUNDS);
    }
    expect(room.said).toEqual([]);
  });

  test("is let go when the body comes too late", async () => {
    using room = open();
    const share = room.services.bodies.open();
    const request = new Request("http://a", { method: "POST", body: new ReadableStream() });
    const late = refusal(() => readBody(room.services, request, share, BOUNDS));
    room.clock.advance(2000);
    expect((await late).code).toBe("body_late");
    share[Symbol.dispose]();
    expect(room.said).toEqual(["hold", "let idle"]);
  });
});

function open(differing: Partial<BodyServices> = {}) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const said: string[] = [];
  const services: BodyServices = {
    bodies: new BodyBudget(deadlines, { bytesMax: 200_000, secondsMax: 1 }),
    connectionsAreShared: false,
    holdOpen: () => said.push("hold"),
    letIdle: () => said.push("let idle"),
    ...differing,
  };
  return { clock, said, services, [Symbol.dispose]: () => deadlines[Symbol.dispose]() };
}

function withLength(body: string): Request {
  const headers = { "content-length": String(body.length) };
  return new Request("http://a", { method: "POST", headers, body });
}

function chunks(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}
