// Records and users that are changed while their server is killed, each by somebody who knows what it must be.

import { expect } from "bun:test";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import type { Beside, Lives } from "./crash-load.ts";

/** Longer than a page of the database, so that data can be torn. */
const LONG = "x".repeat(20_000);
/** More than are written in one turn, so that they take several commits. */
const BATCH_RECORDS = 100;
/** As many names as there are at once of what comes and goes. */
const PRESENT = 3;

interface Told {
  readonly acknowledged: number;
  /** Requests that a kill left without an answer. */
  readonly unanswered: number;
}

export type Crowd = readonly (Beside & Told)[];

/** So many of each kind. */
export function crowdOf(count: number): Crowd {
  return upTo(count).flatMap((index) => [
    new VersionedWriter(`versioned-${index}`),
    new BatchWriter(`batch-${index}`),
    new Coming(recordsNamed(`temporary-${index}/`)),
    ...(index === 1 ? [new Coming(users)] : []),
  ]);
}

export function expectBusy(crowd: Crowd): void {
  // Otherwise the kills did not come in the middle of anything.
  expect(crowd.some(({ unanswered }) => unanswered > 0)).toBe(true);
}

/** Nobody leaves without having been acknowledged something, however short the lives are. */
function isOver({ isOver }: Lives, { acknowledged }: Told): boolean {
  return isOver && acknowledged > 0;
}

/** Writes one version after the other, each until it is acknowledged: were one lost, the next would not fit. */
class VersionedWriter implements Beside, Told {
  acknowledged = 0;
  unanswered = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async run(lives: Lives): Promise<void> {
    while (!isOver(lives, this)) {
      while (!(await this.#write(lives, this.acknowledged + 1))) this.unanswered += 1;
      this.acknowledged += 1;
    }
    const version = this.acknowledged;
    const command = { topic: "record", action: "read", recordName: this.#name };
    expect(await runBatch(lives, [command])).toEqual([
      { success: true, version, data: dataOf(version) },
    ]);
  }

  async #write(lives: Lives, version: number): Promise<boolean> {
    const wire = { topic: "record", action: "write", recordName: this.#name };
    const answers = await runBatch(lives, [{ ...wire, version, data: dataOf(version) }]);
    if (answers === undefined) return false;
    const [answer] = answers;
    if (answer?.success === true) return true;
    // It had been stored without being acknowledged.
    expect(answer).toMatchObject({
      errorEvent: "VERSION_EXISTS",
      currentVersion: version,
      currentData: dataOf(version),
    });
    return true;
  }
}

/** Writes many records in one request, by path every other time, and asks for their versions at its end. */
class BatchWriter implements Beside, Told {
  acknowledged = 0;
  unanswered = 0;
  readonly #names: readonly string[];
  /** What each record must be at least. */
  #versions: readonly number[];
  #rounds: readonly number[];

  constructor(name: string) {
    this.#names = upTo(BATCH_RECORDS).map((index) => `${name}/${index}`);
    this.#versions = this.#names.map(() => 0);
    this.#rounds = this.#names.map(() => 0);
  }

  async run(lives: Lives): Promise<void> {
    for (let round = 1; !isOver(lives, this); round += 1) {
      const writes = this.#names.map((recordName) => ({
        ...{ topic: "record", action: "write", recordName },
        ...(round % 2 === 0 ? { path: "round", data: round } : { data: { round } }),
      }));
      const answers = await runBatch(lives, [...writes, ...this.#reads()]);
      if (answers === undefined) {
        this.unanswered += 1;
        await this.#look(lives, round);
        continue;
      }
      expect(answers.filter(({ success }) => !success)).toEqual([]);
      this.#note(answers.slice(BATCH_RECORDS));
      expect(new Set(this.#rounds)).toEqual(new Set([round]));
      this.acknowledged += 1;
    }
    await this.#look(lives, Number.NaN);
  }

  /** Of a round that was cut off, the writes are there up to one of them, and none behind it. */
  async #look(lives: Lives, round: number): Promise<void> {
    const before = this.#rounds;
    let answers = await runBatch(lives, this.#reads());
    while (answers === undefined) answers = await runBatch(lives, this.#reads());
    this.#note(answers);
    const written = this.#rounds.filter((found) => found === round).length;
    expect(this.#rounds).toEqual(before.map((found, index) => (index < written ? round : found)));
  }

  #reads() {
    return this.#names.map((recordName) => ({ topic: "record", action: "read", recordName }));
  }

  #note(answers: readonly Answer[]): void {
    const versions = answers.map(({ version = 0 }) => version);
    for (const [index, version] of versions.entries()) {
      expect(version).toBeGreaterThanOrEqual(this.#versions[index] ?? 0);
    }
    this.#versions = versions;
    this.#rounds = answers.map(({ data }) => data?.round ?? 0);
  }
}

/** What comes and goes by its name. Undefined: the server was killed before it answered. */
interface Door {
  add(lives: Lives, name: string): Promise<true | undefined>;
  remove(lives: Lives, name: string): Promise<true | undefined>;
  present(lives: Lives): Promise<readonly string[]>;
}

/** Lets one in and another out, in turns: who is in at the end has not been let out, and nobody comes back. */
class Coming implements Beside, Told {
  acknowledged = 0;
  unanswered = 0;
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  async run(lives: Lives): Promise<void> {
    const present: string[] = [];
    for (let count = 1; !isOver(lives, this); count += 1) {
      const name = `name-${String(count).padStart(6, "0")}`;
      await this.#until(() => this.#door.add(lives, name));
      present.push(name);
      const [oldest = ""] = present;
      if (present.length <= PRESENT) continue;
      await this.#until(() => this.#door.remove(lives, oldest));
      present.shift();
    }
    expect(await this.#door.present(lives)).toEqual(present);
  }

  async #until(act: () => Promise<true | undefined>): Promise<void> {
    while ((await act()) === undefined) this.unanswered += 1;
    this.acknowledged += 1;
  }
}

function recordsNamed(prefix: string): Door {
  const change = async (lives: Lives, name: string, what: object) => {
    const wire = { topic: "record", recordName: prefix + name, ...what };
    const answers = await runBatch(lives, [wire]);
    if (answers === undefined) return undefined;
    expect(answers).toEqual([{ success: true }]);
    return true as const;
  };
  return {
    add: (lives, name) => change(lives, name, { action: "write", data: { text: LONG } }),
    remove: (lives, name) => change(lives, name, { action: "delete" }),
    async present(lives) {
      const client = await deepstream(lives);
      const { body } = await client.send("GET", `/api/records?prefix=${prefix}`);
      const { records } = JSON.parse(body) as { records: { name: string }[] };
      return records.map(({ name }) => name.slice(prefix.length));
    },
  };
}

const DOMAIN = "@example.com";

const users: Door = {
  async add(lives, name) {
    const body = JSON.stringify({ email: name + DOMAIN, password: "secret" });
    const headers = { "Content-Type": "application/json" };
    const answer = await administer(lives, "POST", "/users", { body, headers });
    // There already: it was added without being acknowledged.
    if (answer !== undefined) expect([201, 409]).toContain(answer.status);
    return answer && true;
  },
  async remove(lives, name) {
    const answer = await administer(lives, "DELETE", `/users/${name}${DOMAIN}`);
    if (answer !== undefined) expect([204, 404]).toContain(answer.status);
    return answer && true;
  },
  async present(lives) {
    const answer = await administer(lives, "GET", "/users");
    const { users } = JSON.parse(answer?.body ?? "") as { users: { email: string }[] };
    return users.map(({ email }) => email.slice(0, -DOMAIN.length));
  },
};

interface Answer {
  readonly success: boolean;
  readonly version?: number;
  readonly data?: { readonly round?: number; readonly version?: number; readonly text?: string };
}

/** Undefined: the server was killed before it answered. */
async function runBatch(
  lives: Lives,
  commands: readonly object[],
): Promise<readonly Answer[] | undefined> {
  const client = await deepstream(lives);
  const answer = await client.run(commands).catch(() => undefined);
  return answer && (JSON.parse(answer.body) as { body: readonly Answer[] }).body;
}

async function deepstream(lives: Lives): Promise<DeepstreamClient> {
  const server = await lives.server();
  return new DeepstreamClient(() => server);
}

async function administer(
  lives: Lives,
  method: string,
  path: string,
  options?: Parameters<Client["send"]>[2],
) {
  const server = await lives.server();
  return await new Client(() => server).send(method, path, options).catch(() => undefined);
}

function dataOf(version: number) {
  return { version, text: version % 5 === 0 ? LONG : "short" };
}
