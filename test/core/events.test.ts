// Events: they reach those who subscribe at that moment, in order, and nobody else.

import { describe, expect, test } from "bun:test";
import { type EmittedEvent, type EventSubscriber, Events } from "../../src/core/events/events.ts";
import type { Json } from "../../src/core/json.ts";
import { Payload } from "../../src/core/payload.ts";
import { EVERYTHING, permissionsBy } from "../support/permissions.ts";
import { refusal } from "../support/refusal.ts";
import { type Scope, TestRules } from "../support/rules.ts";
import { user } from "../support/users.ts";

const ALICE = user("alice");
const NO_RECORDS = { readRevised: () => Promise.reject(new Error("no rule looks at records")) };

describe("emit", () => {
  test("reaches every subscriber of exactly this name before it returns, in the order of subscribing", () => {
    const { events, heard, subscribe } = open();
    for (const [who, name] of [
      ["a", "news"],
      ["b", "news"],
      ["c", "new"],
      ["d", "news/x"],
      ["e", "News"],
      ["f", "news"],
    ] as const) {
      subscribe(who, name);
    }
    void events.emit(ALICE, "news", Payload.ofText('{"a":1}'));
    expect(heard).toEqual(['a news {"a":1}', 'b news {"a":1}', 'f news {"a":1}']);
  });

  test("is judged by what others will read", () => {
    const seen: unknown[] = [];
    const rule = ({ data }: Scope) => seen.push(data()) > 0;
    const rules = new TestRules({ "event.publish": { data: true, rule } });
    const { events, heard, subscribe } = open(permissionsBy(rules, NO_RECORDS));
    subscribe("a", "news");
    void events.emit(ALICE, "news", Payload.ofValue(JSON.parse("[1e400,-0]") as Json));
    expect([seen, heard]).toStrictEqual([[[null, 0]], ["a news [null,0]"]]);
  });

  test("reaches nobody where nobody subscribes", () => {
    const { events, heard } = open();
    void events.emit(ALICE, "news", Payload.ofText("1"));
    expect(heard).toEqual([]);
    expect([events.subscriptions, events.names]).toEqual([0, 0]);
  });

  test("tells no data from null", () => {
    const { events, heard, subscribe } = open();
    subscribe("a", "news");
    void events.emit(ALICE, "news", undefined);
    void events.emit(ALICE, "news", Payload.ofText("null"));
    expect(heard).toEqual(["a news undefined", "a news null"]);
  });

  test("gives all the same object, and another for another event", () => {
    const { events } = open();
    const got: EmittedEvent[] = [];
    for (let index = 0; index < 3; index += 1) {
      events.subscribe("news", { receive: (event) => got.push(event) });
    }
    void events.emit(ALICE, "news", Payload.ofText("1"));
    void events.emit(ALICE, "news", Payload.ofText("1"));
    expect(new Set(got).size).toBe(2);
    expect(got[0]).toBe(got[2]!);
    expect(got[0]).toEqual({ name: "news", data: "1" });
  });

  test("leaves the sender out, and another subscriber of the same user not", () => {
    const { events, heard, subscribe } = open();
    const sender = subscribe("sender", "news").subscriber;
    subscribe("other", "news");
    void events.emit(ALICE, "news", Payload.ofText("1"), sender);
    expect(heard).toEqual(["other news 1"]);
  });

  test("a sender that does not subscribe keeps nobody from it", () => {
    const { events, heard, subscribe } = open();
    subscribe("a", "news");
    void events.emit(ALICE, "news", Payload.ofText("1"), { receive: () => {} });
    expect(heard).toEqual(["a news 1"]);
  });

  test("a subscriber that throws keeps neither the others nor who emits from it", () => {
    const { events, heard, bugs, subscribe } = open();
    subscribe("a", "news");
    events.subscribe("news", {
      receive() {
        throw new Error("mine");
      },
    });
    subscribe("c", "news");
    void events.emit(ALICE, "news", Payload.ofText("1"));
    expect(heard).toEqual(["a news 1", "c news 1"]);
    expect(bugs).toEqual([new Error("mine")]);
  });

  test("who subscribes because of an event gets the next one", () => {
    const { events, heard, subscribe } = open();
    let isFirst = true;
    events.subscribe("news", {
      receive() {
        if (isFirst) subscribe("late", "news");
        isFirst = false;
      },
    });
    void events.emit(ALICE, "news", Payload.ofText("1"));
    expect(heard).toEqual([]);
    void events.emit(ALICE, "news", Payload.ofText("2"));
    expect(heard).toEqual(["late news 2"]);
  });

  test("who leaves because of an event that has not reached him does not get it", () => {
    const { events, heard, subscribe } = open();
    events.subscribe("news", { receive: () => late.subscription[Symbol.dispose]() });
    const late = subscribe("late", "news");
    void events.emit(ALICE, "news", Payload.ofText("1"));
    expect(heard).toEqual([]);
  });
});

describe("subscriptions", () => {
  test("end when they are disposed, once, and leave nothing", () => {
    const { events, heard, subscribe } = open();
    const first = subscribe("a", "news").subscription;
    first[Symbol.dispose]();
    expect([events.subscriptions, events.names]).toEqual([0, 0]);
    const second = subscribe("b", "news").subscription;
    first[Symbol.dispose]();
    void events.emit(ALICE, "news", Payload.ofText("1"));
    expect(heard).toEqual(["b news 1"]);
    second[Symbol.dispose]();
    expect([events.subscriptions, events.names]).toEqual([0, 0]);
  });

  test("of the same subscriber to two names end apart", () => {
    const { events, heard } = open();
    const subscriber: EventSubscriber = { receive: ({ name }) => heard.push(name) };
    const one = events.subscribe("one", subscriber);
    events.subscribe("two", subscriber);
    one[Symbol.dispose]();
    for (const name of ["one", "two"]) void events.emit(ALICE, name, undefined);
    expect(heard).toEqual(["two"]);
  });

  test("of the same subscriber to the same name count each", () => {
    const { events, heard } = open();
    const subscriber: EventSubscriber = { receive: ({ name }) => heard.push(name) };
    const first = events.subscribe("news", subscriber);
    events.subscribe("news", subscriber);
    void events.emit(ALICE, "news", undefined);
    first[Symbol.dispose]();
    void events.emit(ALICE, "news", undefined);
    expect(heard).toEqual(["news", "news", "news"]);
    expect(events.subscriptions).toBe(1);
  });

  test("of ten thousand names leave nothing when all have ended", () => {
    const { events, subscribe } = open();
    const made = Array.from({ length: 10_000 }, (_, index) => subscribe("a", `n${index}`));
    expect([events.subscriptions, events.names]).toEqual([10_000, 10_000]);
    for (const { subscription } of made) subscription[Symbol.dispose]();
    expect([events.subscriptions, events.names]).toEqual([0, 0]);
  });
});

describe("names", () => {
  test.each(["", "a\n", "\ud800", "x".repeat(21), "é".repeat(11)])(
    "%j is refused",
    async (name) => {
      const { events } = open();
      for (const work of [
        () => events.emit(ALICE, name, undefined),
        () => events.subscribe(name, { receive: () => {} }),
      ]) {
        const error = await refusal(work);
        expect(error.code).toBe("invalid_argument");
        expect(error.message).toContain("event name");
      }
      expect(events.names).toBe(0);
    },
  );

  test.each(["__proto__", "constructor", "*", "a/$b", " ", "x".repeat(20)])("%j is one", (name) => {
    const { events, heard, subscribe } = open();
    void events.emit(ALICE, name, Payload.ofText("1"));
    subscribe("a", name);
    void events.emit(ALICE, name, Payload.ofText("2"));
    expect(heard).toEqual([`a ${name} 2`]);
  });
});

function open(permissions = EVERYTHING) {
  const heard: string[] = [];
  const bugs: unknown[] = [];
  const events = new Events(permissions, { nameBytesMax: 20 }, (cause) => bugs.push(cause));
  const subscribe = (who: string, to: string) => {
    const subscriber: EventSubscriber = {
      receive: ({ name, data }) => heard.push(`${who} ${name} ${data}`),
    };
    return { subscriber, subscription: events.subscribe(to, subscriber) };
  };
  return { events, heard, bugs, subscribe };
}
