// Writer and retention in the test's own thread, so that a test decides when each has its turn, and what time it is.

import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Append } from "../../../src/core/topics/topic-log.ts";
import type { Outcome } from "../../../src/engine/sqlite/commands.ts";
import { openWriter } from "../../../src/engine/sqlite/open-database.ts";
import { Retention } from "../../../src/engine/sqlite/retention.ts";
import { Writer } from "../../../src/engine/sqlite/writer.ts";
import { ROOMY } from "../../support/open-engine.ts";
import { upTo } from "../store-calls.ts";

export const WINDOW_MS = 60_000;

class Bench implements AsyncDisposable {
  readonly database: Database;
  readonly writer: Writer;
  readonly retention: Retention;
  /** How much later it is for the writer than when it was opened; its time goes only when a test says so. */
  laterMs = 0;
  readonly #directory: string;

  constructor(directory: string) {
    const durability = "normal" as const;
    const limits = { ...ROOMY, idempotencyWindowMs: WINDOW_MS };
    const rest = { bytesMax: 0, reserveBytes: 0, checkpoint: "server", upgradeCopy: true } as const;
    const options = { ...limits, ...rest, directory, durability };
    this.#directory = directory;
    this.database = openWriter(directory, "normal", 0);
    const openedAt = Date.now();
    this.writer = new Writer(this.database, options, () => openedAt + this.laterMs);
    this.retention = new Retention(this.database, this.writer, options);
    for (const cache of ["c", "d"]) this.retain(cache, {});
  }

  append(
    cache: string,
    topic: string,
    value: Append["value"],
    count: number,
    key?: string,
  ): readonly Outcome[] {
    const item = { cache, topic, value, publisherId: undefined, idempotencyKey: key };
    return this.writer.apply(upTo(count).map(() => ({ kind: "append", ...item })));
  }

  /** As the writer thread does it. */
  retain(name: string, retention: { seconds?: number; bytes?: number; topicItems?: number }): void {
    this.writer.apply([{ kind: "put-cache", name, overrides: { retention, limits: {} } }]);
    const cache = this.writer.state.cache(name);
    if (cache !== undefined) this.retention.sweep(cache);
  }

  /** Under a load that makes the cache overdue again before each step. */
  stepWhileWriting(cache: string, steps: number): void {
    for (const _ of upTo(steps)) {
      this.append(cache, "t", "x", 1);
      this.retention.step();
    }
  }

  finish(): void {
    while (this.retention.step());
  }

  value(sql: string): number {
    return Object.values(this.database.query<Record<string, number>, []>(sql).get() ?? {})[0] ?? 0;
  }

  get fileBytes(): number {
    return statSync(join(this.#directory, "millrace.db")).size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.database.close();
    await rm(this.#directory, { recursive: true });
  }
}

export async function openBench(): Promise<Bench> {
  return new Bench(await mkdtemp(join(tmpdir(), "millrace-retention-")));
}
