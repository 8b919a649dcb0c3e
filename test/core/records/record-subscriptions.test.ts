// Who subscribes to records: what each is told, what ends a subscription, and word of the first and the last.

import { expect, test } from "bun:test";
import { Deadlines } from "../../../src/core/deadlines.ts";
import type { RecordStore } from "../../../src/core/records/record-store.ts";
import {
  type RecordNews,
  type RecordSubscriber,
  RecordSubscriptions,
} from "../../../src/core/records/record-subscriptions.ts";
import { Records } from "../../../src/core/records/records.ts";
import { WriteDeadline } from "../../../src/core/write-deadline.ts";
import { FakeEngine } from "../../support/fake-engine.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { EVERYTHING } from "../../support/permissions.ts";
import { refusal } from "../../support/refusal.ts";
import { turns } from "../../support/turns.ts";
import { user } from "../../support/users.ts";

const ALICE = user("alice");

test("a change is one object for all who are told, and its sender is not", async () => {
  const { records, subscribers, join } = open();
  const [a, b, c] = subscribers;
  for (const who of [a, b, c]) await join(who, "r");
  await records.write(ALICE, "r", { a: 1 }, 1, { sender: a });
  await records.patch(ALICE, "r", "a", undefined, 2);
  await records.patchMany(
    ...([
      ALICE,
      "r",
      [
        { path: "b[0]", data: 1 },
        { path: "c", data: 2 },
      ],
      3,
    ] as const),
  );
  expect(b.heard).toEqual([
    { kind: "set", name: "r", version: 1, data: '{"a":1}' },
    {
      ...{ kind: "patched", name: "r", version: 2, data: undefined },
      patches: [{ path: ["a"], data: undefined }],
    },
    {
      ...{ kind: "patched", name: "r", version: 3, data: '{"b":[1],"c":2}' },
      patches: [
        { path: ["b", 0], data: "1" },
        { path: ["c"], data: "2" },
      ],
    },
  ]);
  expect(a.heard).toEqual(b.heard.slice(1));
  for (const [index, news] of c.heard.entries()) expect(news).toBe(b.heard[index]!);
});

test("a deletion ends all subscriptions, that of the sender without news", async () => {
  const { records, subscriptions, subscribers, join, first } = open();
  const [a, b] = subscribers;
  const joined = [await join(a, "r"), await join(b, "r")];
  await join(a, "s");
  await records.write(ALICE, "r", {}, undefined);
  await records.delete(ALICE, "r", a);
  await records.write(ALICE, "r", {}, undefined);
  expect(b.heard.map(({ kind }) => kind)).toEqual(["set", "deleted"]);
  expect(a.heard.map(({ kind }) => kind)).toEqual(["set"]);
  expect([a.ended, b.ended]).toEqual([["r"], ["r"]]);
  expect(joined.map(({ isOver }) => isOver)).toEqual([true, true]);
  expect([subscriptions.subscriptions, [...subscriptions.subscribedNames()]]).toEqual([1, ["s"]]);
  expect(first).toEqual(["first r", "first s", "last r"]);
});

test("the first and the last subscription of a record are told, whatever comes between", async () => {
  const { subscriptions, subscribers, join, first } = open();
  const [a, b] = subscribers;
  const one = await join(a, "r");
  const other = await join(b, "r");
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  expect([first, subscriptions.has("r")]).toEqual([["first r"], true]);
  other[Symbol.dispose]();
  expect([first, subscriptions.has("r")]).toEqual([["first r", "last r"], false]);
});

test("after a notify all subscribers are told what the record is, without anybody's change", async () => {
  const { records, engine, subscribers, join } = open();
  const [a, b] = subscribers;
  for (const who of [a, b]) for (const name of ["r", "s"]) await join(who, name);
  const replace = (name: string, data: string | undefined) =>
    engine.recordStore.apply({ kind: "replace-record", name, data, version: 7 });
  await replace("r", '"text"');
  await replace("s", undefined);
  await replace("other", "1");
  expect(a.heard).toEqual([]);
  void records.notify(ALICE, ["r", "other", "r", "s"]);
  await turns();
  expect(a.heard).toEqual([
    { kind: "set", name: "r", version: 7, data: '"text"' },
    { kind: "deleted", name: "s" },
  ]);
  expect(b.heard[0]).toBe(a.heard[0]!);
  expect([a.ended, b.ended]).toEqual([["s"], ["s"]]);
});

test("who has a provider is told to subscribers, and to those who come later after the state", async () => {
  const { subscriptions, subscribers, join } = open();
  const [a, b] = subscribers;
  subscriptions.setProvider("r", true);
  const subscription = await join(a, "r");
  expect(a.heard).toEqual([]);
  subscriptions.setProvider("r", true);
  subscriptions.setProvider("r", true);
  await join(b, "r");
  subscriptions.setProvider("r", false);
  const has = { kind: "provider" as const, name: "r", hasProvider: true };
  const hasNot = { ...has, hasProvider: false };
  expect([a.heard, b.heard]).toEqual([
    [has, hasNot],
    [has, hasNot],
  ]);
  expect(subscription.isOver).toBe(false);
});

test("a subscriber that fails keeps the others from nothing", async () => {
  const { records, subscribers, join, bugs } = open();
  const [a, b] = subscribers;
  const bug = new Error("mine");
  await join(
    {
      receive: () => {
        throw bug;
      },
      end: () => a.ended.push("failed"),
    },
    "r",
  );
  await join(b, "r");
  await records.write(ALICE, "r", {}, undefined);
  await records.delete(ALICE, "r");
  expect(b.heard).toHaveLength(2);
  expect([bugs, a.ended]).toEqual([[bug, bug], ["failed"]]);
});

test("thousands of records are read at once, and by another read only what is too much for one", async () => {
  const { records, engine, subscriptions, subscribers } = open();
  const names = Array.from({ length: 3000 }, (_, n) => `r${n}`);
  let looks = 0;
  const join = async (asked: readonly string[]) => {
    const states: string[] = [];
    await subscriptions.handOver(
      asked.map((name) => subscriptions.subscribe(name, subscribers[0])),
      (wanted) => {
        looks += 1;
        return records.readAll(wanted);
      },
      (name) => states.push(name),
    );
    expect(states).toEqual([...asked]);
    return looks;
  };
  expect(await join(names)).toBe(1);
  const large = JSON.stringify("x".repeat(1_040_000));
  const heavy = names.slice(0, 10);
  for (const name of heavy) {
    const command = { kind: "replace-record", name, data: large, version: 1 } as const;
    await engine.recordStore.apply(command);
  }
  expect(await join(heavy)).toBe(3);
});

test("who unsubscribes while the state is read is told nothing", async () => {
  const { subscriptions, subscribers } = open();
  const subscription = subscriptions.subscribe("r", subscribers[0]);
  const states: string[] = [];
  const handingOver = subscriptions.handOver(
    [subscription],
    async () => ({ commit: 0, found: [1] }),
    (name) => states.push(name),
  );
  subscription[Symbol.dispose]();
  await handingOver;
  expect(states).toEqual([]);
});

test("a record that is notified a thousand times in a turn is read twice at most", async () => {
  const { records, engine, subscribers, join, reads } = open();
  await join(subscribers[0], "r");
  const before = reads();
  for (let time = 0; time < 1000; time += 1) records.notify(ALICE, ["r"]);
  await turns();
  expect(reads() - before).toBeLessThanOrEqual(2);
  const data = '{"a":1}';
  await engine.recordStore.apply({ kind: "replace-record", name: "r", data, version: undefined });
  void records.notify(ALICE, ["r"]);
  await turns();
  expect(subscribers[0].heard).toEqual([{ kind: "set", name: "r", version: 1, data }]);
});

test("a name that cannot be one is refused", async () => {
  const { subscriptions, subscribers } = open();
  for (const name of ["", "a\n", "x".repeat(51)]) {
    const error = await refusal(() => subscriptions.subscribe(name, subscribers[0]));
    expect(error.code).toBe("invalid_argument");
  }
  expect(subscriptions.subscriptions).toBe(0);
});

class TestSubscriber implements RecordSubscriber {
  readonly heard: RecordNews[] = [];
  readonly ended: string[] = [];

  receive(news: RecordNews): void {
    this.heard.push(news);
  }

  end(name: string): void {
    this.ended.push(name);
  }
}

function open() {
  const clock = new ManualClock();
  const engine = new FakeEngine(clock);
  const limits = {
    recordBytesMax: 100,
    nameBytesMax: 50,
    arrayIndexMax: 10,
    depthMax: 5,
    listedMax: 10,
    waitingBytesMax: 1_000_000,
  };
  const bugs: unknown[] = [];
  const onBug = (cause: unknown) => void bugs.push(cause);
  const writes = new WriteDeadline(new Deadlines(clock), 1000);
  const records = new Records(engine.recordStore, EVERYTHING, writes, limits, onBug);
  let reads = 0;
  const store: Pick<RecordStore, "readAll"> = {
    readAll: (...asked) => {
      reads += 1;
      return engine.recordStore.readAll(...asked);
    },
  };
  const pause = () => Promise.resolve();
  const subscriptions = new RecordSubscriptions(records, store, limits, pause, onBug);
  const first: string[] = [];
  subscriptions.onFirst((name) => first.push(`first ${name}`));
  subscriptions.onLast((name) => first.push(`last ${name}`));
  return {
    ...{ records, engine, subscriptions, bugs, first },
    reads: () => reads,
    subscribers: [new TestSubscriber(), new TestSubscriber(), new TestSubscriber()] as const,
    join: async (subscriber: RecordSubscriber, name: string) => {
      const subscription = subscriptions.subscribe(name, subscriber);
      const look = (names: readonly string[]) =>
        records.readOrCreateAll(ALICE, names, (_, cause) => bugs.push(cause));
      await subscriptions.handOver([subscription], look, () => {});
      return subscription;
    },
  };
}
