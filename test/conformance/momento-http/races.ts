// No wake-up is lost and nothing comes twice or out of order, however publishes and polls fall together.

import { describe, expect, test } from "bun:test";
import { entries, outline, sequenceNumber, texts, upTo } from "./answers.ts";
import type { Client } from "./client.ts";

// Long enough that only a lost wake-up reaches it, and then the poll is empty and the test says so.
const PATIENCE = "timeout=60";
const ROUNDS = 400;

export function raceRules(client: Client): void {
  describe("races", () => {
    test("an item that lands between read and join wakes the poll, in each of many rounds", async () => {
      const cache = await client.makeCache();
      for (let last = 0; last < ROUNDS; last += 1) {
        const poll = client.subscribe(cache, "t", `sequence_number=${last}&${PATIENCE}`);
        await turns(last % 12);
        const publish = client.publish(cache, "t", `m${last + 1}`);
        const [answer, published] = await Promise.all([poll, publish]);
        expect(sequenceNumber(published)).toBe(last + 1);
        expect(texts(entries(answer))).toEqual([`m${last + 1}`]);
      }
      await client.untilWaiters(cache, 0);
    });

    test("the first message of a new topic wakes the poll that came with it", async () => {
      const cache = await client.makeCache();
      for (let round = 0; round < ROUNDS / 4; round += 1) {
        const first = round % 2 === 0;
        const early = first ? client.publish(cache, `t${round}`, "first") : undefined;
        await turns(round % 5);
        const poll = client.subscribe(cache, `t${round}`, PATIENCE);
        const late = first ? undefined : client.publish(cache, `t${round}`, "first");
        expect(outline(entries(await poll))).toEqual([1]);
        await Promise.all([early, late]);
      }
    });

    // Promised: "numbers … the same for every subscriber"; resume after each answer loses and repeats nothing.
    test("subscribers that resume get everything once and in order while many publish", async () => {
      const cache = await client.makeCache();
      const [publishers, each] = [6, 60];
      const subscribers = upTo(4).map(() => follow(client, cache, publishers * each));
      const current = followCurrent(client, cache, publishers * each);
      await Promise.all(upTo(publishers).map((name) => publishMany(client, cache, name, each)));
      const [first, ...others] = await Promise.all(subscribers);
      for (const other of others) expect(other).toEqual(first!);
      expect(await current).toEqual(first!);
      for (const name of upTo(publishers)) {
        const own = first!.filter((text) => text.startsWith(`${name}:`));
        expect(own).toEqual(upTo(each).map((index) => `${name}:${index}`));
      }
    });

    test("many topics at once do not mix", async () => {
      const cache = await client.makeCache();
      const topics = upTo(40).map((index) => `t${index}`);
      const polls = topics.map((topic) => client.subscribe(cache, topic, PATIENCE));
      await Promise.all(topics.map((topic) => client.publish(cache, topic, `for ${topic}`)));
      const answers = await Promise.all(polls);
      expect(answers.map((answer) => texts(entries(answer)))).toEqual(
        topics.map((topic) => [`for ${topic}`]),
      );
    });
  });
}

/** Resumes after the last number received, as the seed says, until it has so many messages. */
async function follow(client: Client, cache: string, count: number): Promise<string[]> {
  const received: string[] = [];
  while (received.length < count) {
    const query = `sequence_number=${received.length}&${PATIENCE}`;
    await takePage(client, cache, query, received);
  }
  return received;
}

/** Asks for the next number expected and gives the page back, as today's documentation says. */
async function followCurrent(client: Client, cache: string, count: number): Promise<string[]> {
  const received: string[] = [];
  let page = 0;
  while (received.length < count) {
    const query = `sequence_number=${received.length + 1}&sequence_page=${page}&${PATIENCE}`;
    page = (await takePage(client, cache, query, received)) ?? page;
  }
  return received;
}

async function takePage(
  client: Client,
  cache: string,
  query: string,
  received: string[],
): Promise<number | undefined> {
  const list = entries(await client.subscribe(cache, "t", query));
  expect(list).not.toBeEmpty();
  expect(outline(list)).toEqual(upTo(list.length).map((step) => received.length + step));
  received.push(...texts(list).map((text) => text ?? "not a text"));
  return list[0]?.item?.sequence_page;
}

async function publishMany(
  client: Client,
  cache: string,
  name: number,
  count: number,
): Promise<void> {
  for (const index of upTo(count)) await client.publish(cache, "t", `${name}:${index}`);
}

/** Lets other work of this process go first so many times, to move the publish about within the poll. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}
