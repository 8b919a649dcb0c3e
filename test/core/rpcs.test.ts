// RPCs: every call has one outcome, in time, whatever its providers do.

import { describe, expect, test } from "bun:test";
import type { RevisedRecord } from "../../src/core/records/record-store.ts";
import type { RpcCall } from "../../src/core/rpc/provider.ts";
import { ACK_MS, LATE_MS, openRpcs, RESPONSE_MS, TestProvider } from "../support/open-rpcs.ts";
import { permissionsBy } from "../support/permissions.ts";
import { refusal } from "../support/refusal.ts";
import { type Scope, TestRules } from "../support/rules.ts";
import { isPending } from "../support/turns.ts";
import { user } from "../support/users.ts";

const NO_PROVIDER = { kind: "no_provider" } as const;

describe("a call", () => {
  test("reaches the provider before make returns, with all that it needs to know", () => {
    using room = openRpcs();
    const { provider } = room.provide();
    void room.make({ data: '{"a":1}' });
    expect(provider.calls).toHaveLength(1);
    const { id, name, data, requester } = provider.last;
    expect({ name, data, requester }).toEqual({
      name: "add",
      data: '{"a":1}',
      requester: user("alice"),
    });
    void room.make();
    expect(provider.last.data).toBeUndefined();
    expect(provider.last.id).not.toBe(id);
  });

  const answers: [string, (call: RpcCall) => string, unknown][] = [
    ["data", (call) => call.respond("7"), { kind: "result", data: "7" }],
    ["null", (call) => call.respond("null"), { kind: "result", data: "null" }],
    ["nothing", (call) => call.respond(), { kind: "result", data: undefined }],
    ["an error", (call) => call.fail('{"code":3}'), { kind: "error", error: '{"code":3}' }],
  ];
  test.each(answers)(
    "is answered with %s, accepted before or not, at once or later",
    async (_, answer, outcome) => {
      for (const isAccepted of [true, false]) {
        for (const isAtOnce of [true, false]) {
          using room = openRpcs();
          const told: string[] = [];
          const act = (call: RpcCall) => {
            if (isAccepted) told.push(call.accept());
            told.push(answer(call));
          };
          const { provider } = room.provide("p", isAtOnce ? act : undefined);
          const made = room.make();
          if (!isAtOnce) act(provider.last);
          expect(await made).toEqual(outcome as never);
          expect(told).toEqual(isAccepted ? ["ok", "ok"] : ["ok"]);
          expect(room.left()).toEqual([0, 0]);
        }
      }
    },
  );

  test("finds no provider where there is none of its name", async () => {
    using room = openRpcs();
    room.provide("p", undefined, "subtract");
    expect(await room.make()).toEqual(NO_PROVIDER);
    expect(await room.make({ name: "__proto__" })).toEqual(NO_PROVIDER);
    expect(room.left()).toEqual([0, 0]);
  });

  test("goes to the one of several providers that chance says", async () => {
    const rolls = [0, 0.34, 0.99, 0.5];
    using room = openRpcs({}, () => rolls.shift()!);
    const providers = ["a", "b", "c"].map((name) =>
      room.provide(name, (call) => call.respond(`"${name}"`)),
    );
    const data = [];
    for (let index = 0; index < 4; index += 1) data.push(await room.make());
    expect(
      data.map((outcome) => (outcome.kind === "result" ? outcome.data : outcome.kind)),
    ).toEqual(['"a"', '"b"', '"c"', '"b"']);
    expect(providers.map(({ provider }) => provider.calls.length)).toEqual([1, 2, 1]);
  });

  test("is told of as accepted once, when the first provider accepts", async () => {
    using room = openRpcs();
    const [a, b] = [room.provide("a").provider, room.provide("b").provider];
    const heard: string[] = [];
    const made = room.make({ onAccept: () => void heard.push("accepted") });
    expect(heard).toEqual([]);
    a.last.accept();
    expect(heard).toEqual(["accepted"]);
    a.last.reject();
    b.last.accept();
    expect(heard).toEqual(["accepted"]);
    b.last.respond();
    expect(await made).toEqual({ kind: "result", data: undefined });
  });

  test("whose requester fails to hear that it was accepted goes on", async () => {
    using room = openRpcs();
    const { provider } = room.provide();
    const made = room.make({
      onAccept: () => {
        throw new Error("mine");
      },
    });
    expect(provider.last.accept()).toBe("ok");
    expect(provider.last.respond("1")).toBe("ok");
    expect(await made).toEqual({ kind: "result", data: "1" });
    expect(room.bugs).toEqual([new Error("mine")]);
  });

  test("does not hold up another of the same name", async () => {
    using room = openRpcs();
    const { provider } = room.provide();
    const [first, second] = [room.make(), room.make()];
    provider.calls[1]!.respond("2");
    expect(await second).toEqual({ kind: "result", data: "2" });
    expect(await isPending(first)).toBe(true);
    provider.calls[0]!.respond("1");
    expect(await first).toEqual({ kind: "result", data: "1" });
  });
});

describe("a provider that rejects", () => {
  test("leaves the call to the next, each is asked once, and then there is none", async () => {
    using room = openRpcs();
    const providers = ["a", "b", "c"].map((name) => room.provide(name).provider);
    const made = room.make({ data: "1" });
    const ids = providers.map(({ last }) => {
      expect(last.data).toBe("1");
      expect(last.reject()).toBe("ok");
      return last.id;
    });
    expect(await made).toEqual(NO_PROVIDER);
    expect(new Set(ids).size).toBe(1);
    expect(providers.map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    expect(room.left()).toEqual([0, 0]);
  });

  test("after it accepted leaves the call to the next too, which has its own time to accept", async () => {
    using room = openRpcs();
    const [a, b] = [room.provide("a").provider, room.provide("b").provider];
    const made = room.make();
    room.clock.advance(ACK_MS - 200);
    a.last.accept();
    a.last.reject();
    room.clock.advance(ACK_MS - 100);
    expect(await isPending(made)).toBe(true);
    b.last.respond("2");
    expect(await made).toEqual({ kind: "result", data: "2" });
    expect(room.left()).toEqual([0, 0]);
  });

  test("has no more say", async () => {
    using room = openRpcs();
    const [a, b] = [room.provide("a").provider, room.provide("b").provider];
    const made = room.make();
    a.last.reject();
    expect([a.last.accept(), a.last.respond("1"), a.last.fail("1"), a.last.reject()]).toEqual(
      Array(4).fill("unknown"),
    );
    expect(b.calls).toHaveLength(1);
    expect(await isPending(made)).toBe(true);
    b.last.respond("2");
    expect(await made).toEqual({ kind: "result", data: "2" });
  });

  test("at once is one of ten thousand, and all are asked", async () => {
    using room = openRpcs({}, Math.random);
    let asked = 0;
    for (let index = 0; index < 10_000; index += 1) {
      room.provide("p", (call) => {
        asked += 1;
        call.reject();
      });
    }
    expect(await room.make()).toEqual(NO_PROVIDER);
    expect(asked).toBe(10_000);
    expect(room.left()).toEqual([0, 0]);
  });

  test("and comes back is not asked again by the same call", async () => {
    using room = openRpcs();
    const provider = new TestProvider("p", (call) => {
      room.rpcs.provide("add", provider);
      call.reject();
    });
    room.rpcs.provide("add", provider);
    expect(await room.make()).toEqual(NO_PROVIDER);
    expect(provider.calls).toHaveLength(1);
  });

  test("leaves the call to one that came after the call was made", async () => {
    using room = openRpcs();
    const early = room.provide("early").provider;
    const made = room.make();
    const late = room.provide("late").provider;
    early.last.reject();
    late.last.respond("1");
    expect(await made).toEqual({ kind: "result", data: "1" });
  });

  test("by throwing is reported, and the next is asked", async () => {
    using room = openRpcs();
    room.provide("a", () => {
      throw new Error("mine");
    });
    room.provide("b", (call) => call.respond("2"));
    expect(await room.make()).toEqual({ kind: "result", data: "2" });
    expect(room.bugs).toEqual([new Error("mine")]);
    expect(room.left()).toEqual([0, 0]);
  });

  test("by throwing after it has answered has answered", async () => {
    using room = openRpcs();
    room.provide("a", (call) => {
      call.respond("1");
      throw new Error("mine");
    });
    const { provider } = room.provide("b");
    expect(await room.make()).toEqual({ kind: "result", data: "1" });
    expect(provider.calls).toEqual([]);
  });
});

describe("an answer that comes too often or too late", () => {
  test("a second accept is one too many, and changes nothing", async () => {
    using room = openRpcs();
    const { provider } = room.provide();
    const made = room.make();
    expect(provider.last.accept()).toBe("ok");
    expect(provider.last.accept()).toBe("multiple_accept");
    expect(provider.last.respond("1")).toBe("ok");
    expect(await made).toEqual({ kind: "result", data: "1" });
  });

  const endings: [string, (room: ReturnType<typeof openRpcs>, call: RpcCall) => void][] = [
    ["a result", (_, call) => call.respond("1")],
    ["an error", (_, call) => call.fail("1")],
    ["a rejection", (_, call) => call.reject()],
    ["the time to accept", ({ clock }) => clock.advance(ACK_MS + LATE_MS)],
    [
      "the time to respond",
      ({ clock }, call) => [call.accept(), clock.advance(RESPONSE_MS + LATE_MS)],
    ],
    ["the end of the service", ({ rpcs }) => rpcs[Symbol.dispose]()],
  ];
  test.each(endings)("after %s is unknown", async (_, end) => {
    using room = openRpcs();
    const { provider, provision } = room.provide();
    const made = room.make().catch(() => {});
    const call = provider.last;
    expect(provision.find(call.id)).toBe(call);
    end(room, call);
    await made;
    expect([call.accept(), call.respond("2"), call.fail("2"), call.reject()]).toEqual(
      Array(4).fill("unknown"),
    );
    expect(provision.find(call.id)).toBeUndefined();
    expect(room.left()).toEqual([0, 0]);
  });
});

describe("time", () => {
  test("a provider that does not accept in time ends the call, and no other is asked", async () => {
    using room = openRpcs();
    room.provide("a");
    const other = room.provide("b").provider;
    const made = room.make();
    room.clock.advance(ACK_MS - 1);
    expect(await isPending(made)).toBe(true);
    room.clock.advance(1 + LATE_MS);
    expect(await made).toEqual({ kind: "accept_timeout" });
    expect(other.calls).toEqual([]);
    expect(room.left()).toEqual([0, 0]);
  });

  test("a provider that accepts has until the response timeout, from the making of the call", async () => {
    using room = openRpcs();
    const { provider } = room.provide();
    const made = room.make();
    room.clock.advance(ACK_MS - 1);
    provider.last.accept();
    room.clock.advance(RESPONSE_MS - ACK_MS);
    expect(await isPending(made)).toBe(true);
    room.clock.advance(1 + LATE_MS);
    expect(await made).toEqual({ kind: "response_timeout" });
    expect(room.left()).toEqual([0, 0]);
  });

  test("a call that goes from one to the next ends at its response timeout all the same", async () => {
    using room = openRpcs({ responseTimeoutMs: 3000 });
    for (let index = 0; index < 10; index += 1) {
      room.provide(`p${index}`, (call) => {
        call.accept();
        room.clock.schedule(700, () => call.reject());
      });
    }
    const made = room.make();
    room.clock.advance(3000 + LATE_MS);
    expect(await made).toEqual({ kind: "response_timeout" });
    room.clock.advance(10_000);
    expect(room.left()).toEqual([0, 0]);
  });

  test("an answer leaves no deadline behind, also when the call went through several hands", async () => {
    using room = openRpcs();
    for (const name of ["a", "b"]) room.provide(name, (call) => call.reject());
    const { provider } = room.provide("c");
    const made = room.make();
    expect(room.left()).toEqual([1, 2]);
    provider.last.accept();
    expect(room.left()).toEqual([1, 1]);
    provider.last.respond();
    await made;
    expect(room.left()).toEqual([0, 0]);
  });
});

describe("a provider that goes away", () => {
  test("before it accepts leaves the call to the next", async () => {
    using room = openRpcs();
    const gone = room.provide("gone");
    const { provider } = room.provide("b");
    const made = room.make();
    gone.provision[Symbol.dispose]();
    expect(gone.provider.last.respond("1")).toBe("unknown");
    provider.last.respond("2");
    expect(await made).toEqual({ kind: "result", data: "2" });
  });

  test("before it accepts, as the last one, leaves none", async () => {
    using room = openRpcs();
    const { provision } = room.provide();
    const made = [room.make(), room.make()];
    provision[Symbol.dispose]();
    expect(await Promise.all(made)).toEqual([NO_PROVIDER, NO_PROVIDER]);
    expect(room.left()).toEqual([0, 0]);
  });

  test("after it accepted ends the call at once, because the work may be done", async () => {
    using room = openRpcs();
    const { provider, provision } = room.provide();
    const other = room.provide("b").provider;
    const made = room.make();
    provider.last.accept();
    provision[Symbol.dispose]();
    expect(await made).toEqual({ kind: "provider_gone" });
    expect(provider.last.respond("1")).toBe("unknown");
    expect(other.calls).toEqual([]);
    expect(room.left()).toEqual([0, 0]);
  });

  test("while it is being asked leaves the call to the next", async () => {
    using room = openRpcs();
    const gone = room.provide("gone", () => gone.provision[Symbol.dispose]());
    room.provide("b", (call) => call.respond("2"));
    expect(await room.make()).toEqual({ kind: "result", data: "2" });
    expect(room.left()).toEqual([0, 0]);
  });

  test("is not asked any more, and is gone once", async () => {
    using room = openRpcs();
    const { provider, provision } = room.provide();
    const other = room.provide("b").provider;
    provision[Symbol.dispose]();
    provision[Symbol.dispose]();
    void room.make();
    expect([provider.calls.length, other.calls.length]).toEqual([0, 1]);
    expect(room.rpcs.provisions).toBe(1);
  });

  test("takes the calls of another name, and of others, not along", async () => {
    using room = openRpcs();
    const provider = new TestProvider("p");
    const add = room.rpcs.provide("add", provider);
    room.rpcs.provide("subtract", provider);
    const [added, subtracted] = [room.make(), room.make({ name: "subtract" })];
    add[Symbol.dispose]();
    expect(await added).toEqual(NO_PROVIDER);
    expect(provider.last.respond("1")).toBe("ok");
    expect(await subtracted).toEqual({ kind: "result", data: "1" });
  });

  test("only from new calls keeps those that it has", async () => {
    using room = openRpcs();
    const { provider, provision } = room.provide();
    const [offered, accepted] = [room.make(), room.make()];
    provider.calls[1]!.accept();
    provision.withdraw();
    expect(await room.make()).toEqual(NO_PROVIDER);
    expect(room.rpcs.provisions).toBe(0);
    for (const call of provider.calls) expect(provision.find(call.id)?.respond("1")).toBe("ok");
    const result = { kind: "result", data: "1" } as const;
    expect(await Promise.all([offered, accepted])).toEqual([result, result]);
  });

  test("after it withdrew ends the calls that it still has", async () => {
    using room = openRpcs();
    const { provider, provision } = room.provide();
    const made = room.make();
    provider.last.accept();
    provision.withdraw();
    provision[Symbol.dispose]();
    expect(await made).toEqual({ kind: "provider_gone" });
  });

  test("finds no call of another", () => {
    using room = openRpcs();
    const a = room.provide("a");
    const b = room.provide("b");
    void room.make();
    expect(b.provision.find(a.provider.last.id)).toBeUndefined();
    expect(a.provision.find("none")).toBeUndefined();
    a.provider.last.reject();
    expect(a.provision.find(b.provider.last.id)).toBeUndefined();
    expect(b.provision.find(b.provider.last.id)).toBe(b.provider.last);
  });
});

describe("a requester that goes away", () => {
  test("ends the call", async () => {
    using room = openRpcs();
    const { provider } = room.provide();
    const requester = new AbortController();
    const made = room.make({ signal: requester.signal });
    provider.last.accept();
    requester.abort();
    expect(await made).toEqual({ kind: "aborted" });
    expect(provider.last.respond("1")).toBe("unknown");
    expect(room.left()).toEqual([0, 0]);
  });

  test("before it calls asks nobody", async () => {
    using room = openRpcs();
    const { provider } = room.provide();
    expect(await room.make({ signal: AbortSignal.abort() })).toEqual({ kind: "aborted" });
    expect(provider.calls).toEqual([]);
  });

  test("is not listened to once the call is over", async () => {
    using room = openRpcs();
    room.provide("p", (call) => call.respond("1"));
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener);
    signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
    const pending = room.make({ signal, name: "add" });
    await pending;
    expect(listeners.size).toBe(0);
    room.provide("q", undefined, "slow");
    void room.make({ signal, name: "slow" });
    expect(listeners.size).toBe(1);
    room.clock.advance(ACK_MS + LATE_MS);
    expect(listeners.size).toBe(0);
  });
});

describe("limits", () => {
  test("no more data is in flight than allowed, and what has ended makes room", async () => {
    using room = openRpcs({ dataMax: 10 });
    const { provider } = room.provide();
    const first = room.make({ data: '"123456"' });
    expect(await refusal(() => room.make({ data: "123" }))).toMatchObject({
      code: "limit_exceeded",
      limit: "rpc_limit_exceeded",
    });
    const second = room.make({ data: "12" });
    provider.calls[0]?.respond();
    await first;
    const third = room.make({ data: "12345678" });
    expect(provider.calls).toHaveLength(3);
    for (const call of provider.calls.slice(1)) call.respond();
    await Promise.all([second, third]);
  });

  test("one call more than allowed is limit_exceeded, and there is room again when one is over", async () => {
    using room = openRpcs({ callsMax: 2 });
    const { provider } = room.provide();
    const made = [room.make(), room.make()];
    expect(await refusal(() => room.make())).toMatchObject({
      code: "limit_exceeded",
      limit: "rpc_limit_exceeded",
    });
    expect(provider.calls).toHaveLength(2);
    provider.calls[0]!.respond();
    await made[0];
    void room.make();
    expect(room.rpcs.calls).toBe(2);
  });

  test("a call that finds no provider takes nobody's place", async () => {
    using room = openRpcs({ callsMax: 1 });
    room.provide();
    void room.make();
    expect(await room.make({ name: "none" })).toEqual(NO_PROVIDER);
  });

  test.each(["", "a\n", "\ud800", "x".repeat(51)])("the name %j is refused", async (name) => {
    using room = openRpcs();
    for (const work of [
      () => room.make({ name }),
      () => room.rpcs.provide(name, new TestProvider("p")),
    ]) {
      const error = await refusal(work);
      expect(error.code).toBe("invalid_argument");
      expect(error.message).toContain("RPC name");
    }
    expect(room.rpcs.provisions).toBe(0);
  });
});

test("when the service ends, calls in flight are refused as stopping, and so are those that follow", async () => {
  using room = openRpcs();
  room.provide();
  const refused = [refusal(() => room.make()), refusal(() => room.make())];
  room.rpcs[Symbol.dispose]();
  refused.push(refusal(() => room.make()));
  expect((await Promise.all(refused)).map(({ code }) => code)).toEqual(Array(3).fill("stopping"));
  expect(room.left()).toEqual([0, 0]);
});

describe("calls whose rule looks at a record that takes its time", () => {
  test.each([
    ["are as many as calls", { callsMax: 3 }, undefined],
    ["hold as much as calls", { dataMax: 30 }, '"12345678"'],
  ] as const)("%s, and no more", async (_, bounds, data) => {
    const found = Promise.withResolvers<RevisedRecord>();
    const rule = ({ record }: Scope) => record("gate") === null;
    const rules = new TestRules({ "rpc.request": { records: true, rule } });
    const permissions = permissionsBy(rules, { readRevised: () => found.promise });
    using room = openRpcs(bounds, () => 0, permissions);
    const make = () => room.rpcs.make(user("alice"), "r", data);
    const waiting = [make(), make(), make()];
    expect((await refusal(make)).limit).toBe("rpc_limit_exceeded");
    found.resolve({ name: "gate", record: undefined, revision: 0 });
    expect(await Promise.all(waiting)).toEqual(Array(3).fill({ kind: "no_provider" }));
    expect(await make()).toEqual({ kind: "no_provider" });
  });
});
