// Many clients change one record at once over HTTP: what they are told is what one after the other would have been told.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import type { RestartableTarget } from "../conformance/target.ts";
import { openInProcess } from "../support/in-process-server.ts";
import { type Deed, describe, firstUnexplained, History } from "./linearizability.ts";

const CLIENTS = 10;
const DEEDS = 50;

let target: RestartableTarget;
beforeAll(async () => {
  target = await openInProcess();
});
afterAll(() => target.close());

test("versioned and forced writes, patches, deletes and reads of one record have an order", async () => {
  const record = new SharedRecord("shared");
  await atOnce(async (client) => {
    const { version } = await record.read();
    const chance = Math.random();
    if (chance < 0.5) return record.write({ version: version + 1 });
    if (chance < 0.65) return record.write({ version: version + 1, by: "patch" });
    if (chance < 0.75) return record.write({ version: Math.max(1, version - 1 + (client % 4)) });
    if (chance < 0.85) return record.write({});
    if (chance < 0.9) return record.delete();
    return record.head();
  });
  await record.read();
  expect(firstUnexplained(record.history.events)).toBeUndefined();
  // Otherwise nobody met anybody.
  for (const answer of ["success", "VERSION_EXISTS", "INVALID_VERSION"]) {
    expect(record.answers(answer)).not.toEqual([]);
  }
}, 180_000);

test("of all who read a version and write the next, one wins each, and no version is left out", async () => {
  const record = new SharedRecord("counted");
  await atOnce(async () => {
    const { version } = await record.read();
    await record.write({ version: version + 1 });
  });
  expect(firstUnexplained(record.history.events)).toBeUndefined();
  expect((await record.read()).version).toBe(record.answers("success").length);
  expect(record.answers("VERSION_EXISTS").length).toBeGreaterThan(0);
  expect(record.answers("INVALID_VERSION")).toEqual([]);
}, 180_000);

async function atOnce(work: (client: number) => Promise<unknown>): Promise<void> {
  await Promise.all(
    upTo(CLIENTS).map(async (client) => {
      for (const _ of upTo(DEEDS)) await work(client);
    }),
  );
}

/** Its data is always `{ value }`, so that a patch makes of it what a write does. */
class SharedRecord {
  readonly history = new History();
  readonly #client = new DeepstreamClient(() => target);
  readonly #name: string;
  #values = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Now as a command, now by GET. */
  async read(): Promise<{ version: number }> {
    const way = Math.random() < 0.7 ? () => this.#readByPost() : () => this.#readByGet();
    const seen = await this.#record({ kind: "read" }, way);
    return { version: seen === describe(undefined) ? 0 : Number.parseInt(seen, 10) };
  }

  head(): Promise<string> {
    return this.#record({ kind: "head" }, async () => {
      const { version } = await this.#run({ action: "head" });
      return `version ${version}`;
    });
  }

  write({ version, by }: { version?: number; by?: "patch" }): Promise<string> {
    this.#values += 1;
    const value = `v${this.#values}`;
    const what = by === "patch" ? { path: "value", data: value } : { data: { value } };
    return this.#record({ kind: "write", version, value }, async () => {
      const answer = await this.#run({ action: "write", ...what, version });
      if (answer.success) return "success";
      const { errorEvent, currentVersion, currentData } = answer;
      return `${errorEvent} ${stateOf(currentVersion, currentData)}`;
    });
  }

  delete(): Promise<string> {
    return this.#record({ kind: "delete" }, async () => {
      const { success, errorEvent } = await this.#run({ action: "delete" });
      return success ? "success" : errorEvent;
    });
  }

  /** Those of writes that begin so. */
  answers(begin: string): string[] {
    return this.history.events.flatMap(({ kind, operation: { deed, answer } }) =>
      kind === "return" && deed.kind === "write" && answer.startsWith(begin) ? [answer] : [],
    );
  }

  #record(deed: Deed, work: () => Promise<string>): Promise<string> {
    return this.history.record(deed, work);
  }

  async #readByPost(): Promise<string> {
    const { success, version, data, errorEvent } = await this.#run({ action: "read" });
    if (success) return stateOf(version, data);
    return errorEvent === "RECORD_NOT_FOUND" ? describe(undefined) : errorEvent;
  }

  async #readByGet(): Promise<string> {
    const { status, headers, body } = await this.#client.send("GET", `/api/records/${this.#name}`);
    if (status === 404) return describe(undefined);
    return stateOf(Number(headers.get("etag")?.replaceAll('"', "")), JSON.parse(body));
  }

  async #run(command: object) {
    const wire = { topic: "record", recordName: this.#name, ...command };
    const { body } = await this.#client.run([wire]);
    return JSON.parse(body).body[0];
  }
}

function stateOf(version: number, data: { value: string } | undefined): string {
  return describe(version === 0 || data === undefined ? undefined : { version, value: data.value });
}
