// Listening: who is offered which names, who provides them, and what happens when somebody is silent or leaves.

import { describe, expect, test } from "bun:test";
import {
  LATE_MS,
  openListeners,
  prompt,
  REMATCH_MS,
  RESPONSE_MS,
} from "../support/open-listeners.ts";
import { refusal } from "../support/refusal.ts";
import { turns } from "../support/turns.ts";

describe("a name that somebody subscribes to", () => {
  test("goes to the next where it may not be offered to the first", () => {
    const room = openListeners();
    const first = room.provider("p");
    first.offer = () => false;
    room.listeners.listen("a", first);
    room.listeners.listen("a", room.provider("q"));
    room.subscribe("a");
    expect(room.news()).toEqual(["q is offered a for a"]);
  });

  test("is offered to who listens to a pattern that matches, when it gets its first subscriber", () => {
    const room = openListeners();
    room.listeners.listen("^lis/", room.provider("p"));
    room.subscribe("lis/1");
    room.subscribe("lis/1");
    room.subscribe("other/lis/1");
    expect(room.news()).toEqual(["p is offered lis/1 for ^lis/"]);
  });

  test("is offered when it is there already", () => {
    const room = openListeners();
    for (const name of ["lis/1", "lis/2", "x"]) room.subscribe(name);
    room.listeners.listen("^lis/", room.provider("p"));
    expect(room.news()).toEqual(["p is offered lis/1 for ^lis/", "p is offered lis/2 for ^lis/"]);
  });

  test("has a provider when it is accepted, until nobody subscribes", () => {
    const room = openListeners();
    const listener = room.listeners.listen("a", room.provider("p"));
    const subscriptions = [room.subscribe("a"), room.subscribe("a")];
    expect([listener.accept("a"), listener.accept("a")]).toEqual(["ok", "ok"]);
    expect(room.listeners.hasProvider("a")).toBe(true);
    for (const subscription of subscriptions) subscription[Symbol.dispose]();
    expect(room.listeners.hasProvider("a")).toBe(false);
    expect(room.news()).toEqual(["p is offered a for a", "a has a provider", "p loses a"]);
    room.subscribe("a");
    expect(room.news()).toEqual(["p is offered a for a"]);
  });

  test("goes to the next when it is rejected, to each once, and to nobody after all have", () => {
    const room = openListeners();
    const [p, q] = ["p", "q"].map((who) => room.listeners.listen("a", room.provider(who)));
    room.subscribe("a");
    expect([p!.reject("a"), p!.reject("a"), q!.reject("a")]).toEqual(["ok", "unknown", "ok"]);
    expect(room.news()).toEqual(["p is offered a for a", "q is offered a for a"]);
    expect(room.deadlines.size).toBe(1);
  });

  test("is offered to who comes later, but to nobody who had it", () => {
    const room = openListeners();
    const p = room.listeners.listen("a", room.provider("p"));
    room.subscribe("a");
    p.reject("a");
    room.listeners.listen("a|b", room.provider("q")).accept("a");
    expect(room.news()).toEqual([
      ...["p is offered a for a", "q is offered a for a|b", "a has a provider"],
    ]);
    room.listeners.listen("a", room.provider("r"));
    expect(room.news()).toEqual([]);
  });

  test("is offered for another pattern of the same provider", () => {
    const room = openListeners();
    const provider = room.provider("p");
    const [first, second] = ["a", "a+"].map((pattern) => room.listeners.listen(pattern, provider));
    room.subscribe("a");
    first!.reject("a");
    expect([first!.accept("a"), second!.accept("a")]).toEqual(["unknown", "ok"]);
    expect(room.news()).toEqual([
      ...["p is offered a for a", "p is offered a for a+", "p loses a", "a has a provider"],
    ]);
  });

  test("that nobody wanted is offered to all again after a time", () => {
    const room = openListeners();
    const [p, q] = ["p", "q"].map((who) => room.listeners.listen("a", room.provider(who)));
    const subscription = room.subscribe("a");
    for (const listener of [p, q]) listener!.reject("a");
    room.news();
    room.clock.advance(REMATCH_MS + LATE_MS);
    expect(room.news()).toEqual(["p is offered a for a"]);
    p!.accept("a");
    room.clock.advance(REMATCH_MS + LATE_MS);
    expect(room.news()).toEqual(["a has a provider"]);
    subscription[Symbol.dispose]();
    for (const listener of [p, q]) listener![Symbol.dispose]();
    expect([room.listeners.sizes, room.deadlines.size]).toEqual([
      { patterns: 0, matches: 0, jobs: 0 },
      0,
    ]);
  });

  test("goes to who chance says, unless chance is out of it", () => {
    const rooms = [
      openListeners({}, () => 0.99),
      openListeners({ shuffleProviders: false }, () => 0.99),
    ];
    const asked = rooms.map((room) => {
      for (const who of ["p", "q", "r"]) room.listeners.listen("a", room.provider(who));
      room.subscribe("a");
      return room.news()[0];
    });
    expect(asked).toEqual(["r is offered a for a", "p is offered a for a"]);
  });
});

describe("who is silent", () => {
  test("is passed over, and told so", () => {
    const room = openListeners();
    room.listeners.listen("a", room.provider("p"));
    room.listeners.listen("a", room.provider("q")).pattern;
    room.subscribe("a");
    room.clock.advance(RESPONSE_MS - LATE_MS);
    expect(room.news()).toEqual(["p is offered a for a"]);
    room.clock.advance(2 * LATE_MS);
    expect(room.news()).toEqual(["p is late for a", "q is offered a for a"]);
  });

  test("may still accept before another does, and loses it after", () => {
    const room = openListeners();
    const [p, q, r] = ["p", "q", "r"].map((who) => room.listeners.listen("a", room.provider(who)));
    room.subscribe("a");
    room.clock.advance(2 * (RESPONSE_MS + LATE_MS));
    room.news();
    expect(p!.accept("a")).toBe("ok");
    expect(room.news()).toEqual(["r loses a", "a has a provider"]);
    expect([q!.accept("a"), r!.accept("a")]).toEqual(["ok", "unknown"]);
    expect(room.news()).toEqual(["q loses a", "r loses a"]);
    p![Symbol.dispose]();
    expect(room.news()).toEqual(["a has no provider", "q is offered a for a"]);
  });

  test("and then rejects is not asked again", () => {
    const room = openListeners({ rematchMs: 0 });
    const p = room.listeners.listen("a", room.provider("p"));
    room.subscribe("a");
    room.clock.advance(RESPONSE_MS + LATE_MS);
    expect([p.reject("a"), p.reject("a"), p.accept("a")]).toEqual(["ok", "unknown", "unknown"]);
    expect(room.deadlines.size).toBe(0);
  });
});

describe("who leaves", () => {
  test("leaves what it provides to others, who are all asked again", () => {
    const room = openListeners();
    const [p, q] = ["p", "q"].map((who) => room.listeners.listen("a", room.provider(who)));
    room.subscribe("a");
    p!.reject("a");
    q!.accept("a");
    room.news();
    q![Symbol.dispose]();
    q![Symbol.dispose]();
    expect(room.news()).toEqual(["a has no provider", "p is offered a for a"]);
    p![Symbol.dispose]();
    expect(room.news()).toEqual([]);
    expect([room.listeners.sizes, room.deadlines.size]).toEqual([
      { patterns: 0, matches: 0, jobs: 0 },
      0,
    ]);
  });

  test("while it is asked leaves it to the next", () => {
    const room = openListeners();
    const [p, q] = ["p", "q"].map((who) => room.listeners.listen("a", room.provider(who)));
    room.subscribe("a");
    p![Symbol.dispose]();
    expect(q!.accept("a")).toBe("ok");
    expect(room.news()).toEqual([
      ...["p is offered a for a", "q is offered a for a", "a has a provider"],
    ]);
  });
});

test("a provider may answer while it is asked, or fail, which is to reject", async () => {
  const room = openListeners();
  prompt(room, "p", "a", "throw");
  prompt(room, "q", "a", "reject");
  prompt(room, "r", "a", "accept");
  room.subscribe("a");
  await turns(1);
  expect(room.news()).toEqual([
    ...["p is offered a for a", "q is offered a for a", "r is offered a for a", "a has a provider"],
  ]);
  expect(room.bugs).toHaveLength(1);
});

test("an offer that nobody subscribes to any more is withdrawn, and cannot be accepted", () => {
  const room = openListeners();
  const p = room.listeners.listen("a", room.provider("p"));
  room.subscribe("a")[Symbol.dispose]();
  expect(p.accept("a")).toBe("unknown");
  expect(room.news()).toEqual(["p is offered a for a", "p loses a", "p loses a"]);
  expect(room.deadlines.size).toBe(0);
});

describe("limits", () => {
  test("stand on patterns in all, of one provider, and on their length", async () => {
    const room = openListeners({ patternsMax: 3, providerPatternsMax: 2 });
    const provider = room.provider("p");
    const listeners = ["a", "b"].map((pattern) => room.listeners.listen(pattern, provider));
    const limit = { code: "limit_exceeded", limit: "patterns_limit_exceeded" };
    expect(await refusal(() => room.listeners.listen("c", provider))).toMatchObject(limit);
    const other = room.provider("q");
    room.listeners.listen("a", other);
    room.listeners.listen("c", other);
    expect(await refusal(() => room.listeners.listen("d", room.provider("r")))).toMatchObject(
      limit,
    );
    listeners[1]![Symbol.dispose]();
    room.listeners.listen("d", provider);
    for (const pattern of ["", "x".repeat(41), "["]) {
      const error = await refusal(() => room.listeners.listen(pattern, room.provider("s")));
      expect(error.code).toBe("invalid_argument");
    }
    expect(room.listeners.sizes.patterns).toBe(3);
  });

  test("long work lets others have their turn, and is not undone by who comes and goes meanwhile", async () => {
    const room = openListeners({ patternsMax: 100, providerPatternsMax: 100 });
    const subscriptions = Array.from({ length: 3000 }, (_, n) => room.subscribe(`name/${n}`));
    const listener = room.listeners.listen("^name/\\d*$", room.provider("p"));
    expect(room.listeners.sizes.jobs).toBe(1);
    expect(room.told.length).toBeLessThan(1000);
    const last = subscriptions.pop()!;
    last[Symbol.dispose]();
    room.subscribe("name/x");
    room.subscribe("name/3000");
    await turns(200);
    expect(room.listeners.sizes.jobs).toBe(0);
    expect(room.pauses()).toBeGreaterThan(5);
    const offered = room.news().filter((news) => news.includes("is offered"));
    expect(new Set(offered).size).toBe(3000);
    expect(offered).toHaveLength(3000);
    expect(offered.at(-1)).toContain("name/3000");
    listener[Symbol.dispose]();
    for (const subscription of subscriptions) subscription[Symbol.dispose]();
    await turns(200);
    expect(room.listeners.sizes).toEqual({ patterns: 0, matches: 0, jobs: 0 });
  });
});
