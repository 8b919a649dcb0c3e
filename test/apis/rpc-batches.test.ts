// RPCs in batches of commands: they run beside everything else, and end with their provider or with the request.

import { describe, expect, test } from "bun:test";
import { Batch } from "../../src/apis/deepstream-http/batch.ts";
import type { Command } from "../../src/apis/deepstream-http/codec.ts";
import { AnswerBudget } from "../../src/core/answer-budget.ts";
import { Events } from "../../src/core/events/events.ts";
import { Presence } from "../../src/core/presence/presence.ts";
import type { RpcCall } from "../../src/core/rpc/provider.ts";
import {
  conflict,
  DONE,
  found,
  missing,
  noProvider,
} from "../conformance/deepstream-http/commands.ts";
import { FakeEngine, type Weather } from "../support/fake-engine.ts";
import { openRecords } from "../support/open-records.ts";
import { ACK_MS, LATE_MS, openRpcs, RESPONSE_MS } from "../support/open-rpcs.ts";
import { EVERYTHING } from "../support/permissions.ts";
import { isPending, turns } from "../support/turns.ts";
import { user } from "../support/users.ts";

const REQUEST_MS = 20_000;

const TIMED_OUT = {
  success: false,
  error: "Request exceeded timeout before a response was received.",
  errorTopic: "connection",
  errorEvent: "HTTP_REQUEST_TIMEOUT",
};

const CALL: Command = { kind: "call", name: "add", data: [1, 2] };
const WRITE: Command = { kind: "write", name: "r", data: { a: 1 }, version: undefined };
const READ: Command = { kind: "read", name: "r" };

const failed = (errorEvent: string, error: RegExp) => ({
  success: false,
  error: expect.stringMatching(error),
  errorTopic: "rpc",
  errorEvent,
});

const ANSWERS: readonly [string, (call: RpcCall) => void, object][] = [
  ["a number", (call) => call.respond("7"), { data: 7, success: true }],
  ["null", (call) => call.respond("null"), { data: null, success: true }],
  ["false", (call) => call.respond("false"), { data: false, success: true }],
  ["nothing", (call) => call.respond(), { success: true }],
  [
    "an object",
    (call) => call.respond('{"success":false}'),
    { data: { success: false }, success: true },
  ],
  ["an error in words", (call) => call.fail('"always errors"'), error("always errors")],
  ["an error that is an object", (call) => call.fail('{"code":1}'), error({ code: 1 })],
  ["an error that is null", (call) => call.fail("null"), error(null)],
  ["a rejection", (call) => call.reject(), noProvider("add")],
  [
    "a bug",
    () => {
      throw new Error("of a provider");
    },
    noProvider("add"),
  ],
];

describe("an RPC is answered by", () => {
  test.each(ANSWERS)("%s", async (_, act, answer) => {
    using room = openRoom();
    const { provider } = room.provide("p", act);
    const { body } = await room.run([CALL]);
    expect(body).toEqual([answer]);
    expect(provider.last).toMatchObject({ name: "add", data: "[1,2]" });
    expect(room.left()).toEqual([0, 0]);
  });

  test("the next provider, where one rejects", async () => {
    using room = openRoom();
    room.provide("first", (call) => call.reject());
    room.provide("second", (call) => call.respond("2"));
    expect((await room.run([CALL])).body).toEqual([{ data: 2, success: true }]);
  });

  test.each([
    ["does not accept", ACK_MS, "ACCEPT_TIMEOUT", /not accepted in time/, () => {}],
    [
      "does not answer",
      RESPONSE_MS,
      "RESPONSE_TIMEOUT",
      /^The RPC response timeout was exceeded by the provider\.$/,
      (call: RpcCall) => call.accept(),
    ],
  ] as const)("an error when its provider %s", async (_, afterMs, event, text, act) => {
    using room = openRoom();
    room.provide("p", act);
    const batch = room.run([CALL, WRITE]);
    await turns();
    room.clock.advance(afterMs + LATE_MS);
    expect((await batch).body).toEqual([failed(event, text), DONE]);
  });
});

describe("in a batch with RPCs", () => {
  test("nobody waits for them, and answers line up when they end in another order", async () => {
    using room = openRoom();
    const { provider } = room.provide("p", (call) => call.accept());
    const batch = room.run([CALL, WRITE, READ, { ...CALL, data: undefined }, READ, CALL]);
    await turns();
    expect(provider.calls.map(({ data }) => data)).toEqual(["[1,2]", undefined, "[1,2]"]);
    expect(await room.records.read(user(), "r")).toMatchObject({ version: 1 });
    expect(await isPending(batch)).toBe(true);
    const [first, second, third] = provider.calls;
    third?.respond("3");
    first?.respond("1");
    second?.fail('"2"');
    expect(await batch).toEqual({
      result: "PARTIAL_SUCCESS",
      body: [
        ...[{ data: 1, success: true }, DONE, found(1, { a: 1 }), error("2")],
        ...[found(1, { a: 1 }), { data: 3, success: true }],
      ],
    });
  });

  test("they see the writes before them", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using room = openRoom({}, (point) => (point === "commit" ? promise : undefined));
    const { provider } = room.provide("p", (call) => call.respond());
    const batch = room.run([WRITE, CALL]);
    await turns();
    expect(provider.calls).toEqual([]);
    resolve();
    expect((await batch).result).toBe("SUCCESS");
    expect(provider.calls).toHaveLength(1);
  });

  test("what is not done by the deadline is timed out, and the rest is answered", async () => {
    using room = openRoom({ responseTimeoutMs: 2 * REQUEST_MS });
    const { provider } = room.provide("p", (call) => call.accept());
    const stale: Command = { ...WRITE, version: 1 };
    const batch = room.run([CALL, WRITE, stale, { kind: "read", name: "x" }, CALL]);
    await turns();
    room.clock.advance(REQUEST_MS - LATE_MS);
    expect(await isPending(batch)).toBe(true);
    provider.last.respond("1");
    await turns();
    room.clock.advance(2 * LATE_MS);
    expect(await batch).toEqual({
      result: "PARTIAL_SUCCESS",
      body: [
        ...[TIMED_OUT, DONE, conflict("VERSION_EXISTS", "r", 1, { a: 1 })],
        ...[missing("x"), { data: 1, success: true }],
      ],
    });
    expect(provider.calls[0]?.respond("late")).toBe("unknown");
    expect(room.left()).toEqual([0, 0]);
  });

  test("a store that does not answer holds up what comes after it, until the deadline", async () => {
    const never = new Promise<void>(() => {});
    using room = openRoom({}, (point, what) =>
      point === "commit" && what === "r" ? never : undefined,
    );
    const other: Command = { ...WRITE, name: "other" };
    const batch = room.run([WRITE, other, READ, { kind: "emit", name: "e", data: 1 }, CALL]);
    await turns();
    room.clock.advance(REQUEST_MS + LATE_MS);
    const { body } = await batch;
    expect([body[0], ...body.slice(2)]).toEqual([TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT]);
    expect(room.emitted).toEqual([]);
  });

  test("the answers of providers count towards the answer of the request", async () => {
    using room = openRoom();
    room.provide("p", (call) => call.respond(JSON.stringify("x".repeat(400))));
    room.provide("q", (call) => call.fail(JSON.stringify("x".repeat(400))), "fail");
    const { body } = await room.run([CALL, CALL, CALL, { ...CALL, name: "fail" }, CALL]);
    const large = { data: "x".repeat(400), success: true };
    const tooLong = failed("MESSAGE_DENIED", /1000 bytes/);
    expect(body).toEqual([large, large, tooLong, tooLong, tooLong]);
  });
});

function error(given: unknown) {
  return { success: false, error: given, errorTopic: "rpc" };
}

function openRoom(rpcSettings: Parameters<typeof openRpcs>[0] = {}, weather: Weather = () => {}) {
  const opened = new DisposableStack();
  const room = opened.use(openRpcs(rpcSettings));
  const engine = new FakeEngine(room.clock, weather);
  const { records } = opened.use(openRecords(engine, room.clock));
  const onBug = (cause: unknown) => {
    throw cause;
  };
  const events = new Events(EVERYTHING, { nameBytesMax: 50 }, onBug);
  const emitted: unknown[] = [];
  opened.use(events.subscribe("e", { receive: (event) => emitted.push(event) }));
  const services = {
    ...{ records, events, rpcs: room.rpcs, deadlines: room.deadlines, onBug },
    permissions: EVERYTHING,
    presence: new Presence(onBug),
  };
  const options = { timeoutMs: REQUEST_MS, answerBytesMax: 1000, depthMax: 20 };
  const answers = new AnswerBudget(1000);
  return {
    ...room,
    records,
    emitted,
    run: async (commands: readonly Command[]) => {
      using answer = answers.open();
      const text = await new Batch(services, options, user(), commands, answer).run();
      return JSON.parse(text) as { result: string; body: unknown[] };
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}
