// Listeners: all are told, in order, whatever one of them does.

import { describe, expect, test } from "bun:test";
import { Listeners } from "../../src/core/listeners.ts";

describe("listeners", () => {
  test("are told in the order in which they were added, and not when they have left", () => {
    const { listeners, told, add } = open();
    add("a");
    const b = add("b");
    add("c");
    b[Symbol.dispose]();
    listeners.tell("news");
    expect(told).toEqual(["a news", "c news"]);
  });

  test("one that throws keeps nobody from being told, and its bug is reported", () => {
    const { listeners, told, bugs, add } = open();
    add("a");
    listeners.add(() => {
      throw new Error("mine");
    });
    add("c");
    listeners.tell("news");
    expect(told).toEqual(["a news", "c news"]);
    expect(bugs).toEqual([new Error("mine")]);
  });

  test("one that is added by another hears of the next, also when it adds itself again and again", () => {
    const { listeners, told } = open();
    const again = (news: string) => {
      told.push(news);
      listeners.add(again);
    };
    listeners.add(again);
    listeners.tell("first");
    expect(told).toEqual(["first"]);
    listeners.tell("second");
    expect(told).toEqual(["first", "second", "second"]);
  });

  test("one that leaves while others are told is not told any more", () => {
    const { listeners, told, add } = open();
    listeners.add(() => late[Symbol.dispose]());
    const late = add("late");
    listeners.tell("news");
    expect(told).toEqual([]);
  });

  test("one that was added twice is told twice, and leaves once for each time", () => {
    const { listeners, told } = open();
    const listener = (news: string) => void told.push(news);
    const first = listeners.add(listener);
    listeners.add(listener);
    listeners.tell("a");
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    listeners.tell("b");
    expect(told).toEqual(["a", "a", "b"]);
    expect(listeners.size).toBe(1);
  });
});

function open() {
  const bugs: unknown[] = [];
  const told: string[] = [];
  const listeners = new Listeners<string>((cause) => bugs.push(cause));
  const add = (name: string) => listeners.add((news) => void told.push(`${name} ${news}`));
  return { listeners, told, bugs, add };
}
