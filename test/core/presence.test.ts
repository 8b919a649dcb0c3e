// Presence: a user is there from the first connection to the last, and those who listen hear it once.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ANONYMOUS_ID } from "../../src/core/access/user.ts";
import { Presence, type PresenceNews } from "../../src/core/presence/presence.ts";
import { user } from "../support/users.ts";

describe("who is there", () => {
  test("nobody, to begin with", () => {
    const { presence } = open();
    expect(presence.users()).toEqual([]);
    expect(presence.users(user("alice"))).toEqual([]);
  });

  test("is told in order, without the one who asks", () => {
    const { presence } = open();
    for (const id of ["carol", "alice", "Bob", "bob", "10", "9"]) presence.join(user(id));
    expect(presence.users()).toEqual(["10", "9", "Bob", "alice", "bob", "carol"]);
    expect(presence.users(user("bob"))).toEqual(["10", "9", "Bob", "alice", "carol"]);
    expect(presence.users(user("dave"))).toHaveLength(6);
  });

  test("is not changed by who changes the answer", () => {
    const { presence } = open();
    presence.join(user("alice"));
    presence.users().push("mallory");
    expect(presence.users()).toEqual(["alice"]);
  });

  test("a user of several connections is there until the last is gone", () => {
    const { presence } = open();
    const connections = [1, 2, 3].map(() => presence.join(user("alice")));
    expect(presence.users()).toEqual(["alice"]);
    for (const connection of connections) {
      expect(presence.users()).toEqual(["alice"]);
      connection[Symbol.dispose]();
    }
    expect(presence.users()).toEqual([]);
  });

  test("a connection that is gone twice is gone once", () => {
    const { presence } = open();
    const first = presence.join(user("alice"));
    presence.join(user("alice"));
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(presence.users()).toEqual(["alice"]);
  });

  test("who has not said who he is never is, whoever asks and however", () => {
    const { presence, heard } = open();
    const connection = presence.join(user(ANONYMOUS_ID));
    presence.join(user("alice"));
    expect(presence.users()).toEqual(["alice"]);
    expect(presence.users(user(ANONYMOUS_ID))).toEqual(["alice"]);
    expect([...presence.areOnline([ANONYMOUS_ID])]).toEqual([[ANONYMOUS_ID, false]]);
    connection[Symbol.dispose]();
    expect(heard).toEqual(["+alice"]);
  });
});

describe("asked by name", () => {
  test("each is there or not, the asker too", () => {
    const { presence } = open();
    presence.join(user("alice"));
    expect([...presence.areOnline(["alice", "zed", "alice"])]).toEqual([
      ["alice", true],
      ["zed", false],
    ]);
    expect(presence.areOnline([]).size).toBe(0);
  });

  test("names of what every object has are names like others", () => {
    const { presence } = open();
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", ""];
    expect([...presence.areOnline(names).values()]).toEqual([false, false, false, false, false]);
    for (const name of names) presence.join(user(name));
    expect([...presence.areOnline(names)]).toEqual(names.map((name) => [name, true]));
    expect(presence.users()).toEqual([...names].sort());
  });
});

describe("who listens", () => {
  test("hears the first join and the last leave, at once", () => {
    const { presence, heard } = open();
    const first = presence.join(user("alice"));
    expect(heard).toEqual(["+alice"]);
    const second = presence.join(user("alice"));
    first[Symbol.dispose]();
    expect(heard).toEqual(["+alice"]);
    second[Symbol.dispose]();
    expect(heard).toEqual(["+alice", "-alice"]);
    presence.join(user("alice"));
    expect(heard).toEqual(["+alice", "-alice", "+alice"]);
  });

  test("finds what he hears to be so", () => {
    const { presence } = open();
    const seen: [string, string[]][] = [];
    presence.watchAll((news) => seen.push([textOf(news), presence.users()]));
    const alice = presence.join(user("alice"));
    presence.join(user("bob"));
    alice[Symbol.dispose]();
    expect(seen).toEqual([
      ["+alice", ["alice"]],
      ["+bob", ["alice", "bob"]],
      ["-alice", ["bob"]],
    ]);
  });

  test("hears nothing after he has left, and whoever throws keeps no other from hearing", () => {
    const { presence, heard, bugs } = open();
    const deaf: string[] = [];
    const listening = [
      presence.watchAll((news) => deaf.push(textOf(news))),
      presence.watch("alice", (news) => deaf.push(textOf(news))),
    ];
    for (const one of listening) one[Symbol.dispose]();
    presence.watchAll(() => {
      throw new Error("mine");
    });
    const late: string[] = [];
    presence.watchAll((news) => late.push(textOf(news)));
    presence.join(user("alice"))[Symbol.dispose]();
    expect([heard, deaf, late]).toEqual([["+alice", "-alice"], [], ["+alice", "-alice"]]);
    expect(bugs).toEqual([new Error("mine"), new Error("mine")]);
  });

  test("to one user hears of no other", () => {
    const { presence } = open();
    const heard: string[] = [];
    const watching = presence.watch("alice", (news) => heard.push(textOf(news)));
    const alice = presence.join(user("alice"));
    presence.join(user("bob"));
    alice[Symbol.dispose]();
    watching[Symbol.dispose]();
    presence.join(user("alice"));
    expect(heard).toEqual(["+alice", "-alice"]);
  });

  test("can only listen to what may be a user's id", () => {
    const { presence } = open();
    for (const id of ["", "a*", "x".repeat(251), "\u0000"]) {
      expect(() => presence.watch(id, () => {})).toThrow("The id of a user is not valid");
    }
  });

  test("and ends the connection that he hears of, ends it once", () => {
    const { presence, heard } = open();
    const alice = presence.join(user("alice"));
    presence.watchAll(({ isPresent }) => {
      if (!isPresent) alice[Symbol.dispose]();
    });
    alice[Symbol.dispose]();
    expect(heard).toEqual(["+alice", "-alice"]);
  });
});

test("whatever comes and goes, those are there who have a connection, and every change was heard once", () => {
  const id = fc.constantFrom("alice", "bob", "carol", ANONYMOUS_ID, "__proto__");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("join" as const), id }),
    fc.record({ kind: fc.constant("leave" as const), nth: fc.nat(20) }),
  );
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { presence, heard } = open();
    const connections: { id: string; connection: Disposable; isOpen: boolean }[] = [];
    for (const planned of steps) {
      if (planned.kind === "join") {
        const connection = presence.join(user(planned.id));
        connections.push({ id: planned.id, connection, isOpen: true });
      } else {
        const one = connections[planned.nth % Math.max(1, connections.length)];
        one?.connection[Symbol.dispose]();
        if (one !== undefined) one.isOpen = false;
      }
      const open = connections.filter(({ isOpen, id }) => isOpen && id !== ANONYMOUS_ID);
      const there = [...new Set(open.map(({ id }) => id))].sort();
      expect(presence.users()).toEqual(there);
      const told = new Set<string>();
      for (const news of heard) {
        const isChange = news[0] === "+" ? !told.has(news.slice(1)) : told.delete(news.slice(1));
        expect(isChange).toBe(true);
        if (news[0] === "+") told.add(news.slice(1));
      }
      expect([...told].sort()).toEqual(there);
    }
  });
  fc.assert(property, { numRuns: 200 });
});

function open() {
  const heard: string[] = [];
  const bugs: unknown[] = [];
  const presence = new Presence((cause) => bugs.push(cause));
  presence.watchAll((news) => heard.push(textOf(news)));
  return { presence, heard, bugs };
}

function textOf({ id, isPresent }: PresenceNews): string {
  return `${isPresent ? "+" : "-"}${id}`;
}
