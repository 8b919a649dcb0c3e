// What the store holds and what it takes on disk, for who watches it.

import type { Database, Statement } from "bun:sqlite";
import { statSync } from "node:fs";
import { freeBytes } from "./directory.ts";
import { databaseFile } from "./open-database.ts";
import type { WriterClient, Writing } from "./writer-client.ts";

export interface StoreFigures {
  readonly writing: Writing;
  /** Of writes that wait for the disk. */
  readonly queueBytes: number;
  readonly caches: number;
  /** Of all caches, as are the bytes of their messages, each with its overhead. */
  readonly topics: number;
  readonly topicBytes: number;
  readonly records: number;
  readonly recordBytes: number;
  readonly users: number;
  readonly databaseBytes: number;
  readonly walBytes: number;
  /** That the disk has left. */
  readonly freeBytes: number;
}

interface Sums {
  readonly caches: number;
  readonly topics: number;
  readonly bytes: number;
}

export class FigureReader {
  readonly #writer: WriterClient;
  readonly #directory: string;
  readonly #sums: Statement<Sums, []>;
  readonly #counter: Statement<{ value: number }, [string]>;

  constructor(writer: WriterClient, database: Database, directory: string) {
    this.#writer = writer;
    this.#directory = directory;
    this.#sums = database.prepare(
      "SELECT count(*) AS caches, total(topics) AS topics, total(bytes) AS bytes FROM caches",
    );
    this.#counter = database.prepare("SELECT value FROM counters WHERE name = ?");
  }

  /** Takes some tens of microseconds; more where there are thousands of caches. */
  read(): StoreFigures {
    const { caches = 0, topics = 0, bytes: topicBytes = 0 } = this.#sums.get() ?? {};
    const file = databaseFile(this.#directory);
    return {
      writing: this.#writer.writing,
      queueBytes: this.#writer.queueBytes,
      caches,
      topics,
      topicBytes,
      records: this.#count("records"),
      recordBytes: this.#count("record_bytes"),
      users: this.#count("users"),
      databaseBytes: sizeOf(file),
      walBytes: sizeOf(`${file}-wal`),
      freeBytes: freeBytes(this.#directory),
    };
  }

  #count(name: "records" | "record_bytes" | "users"): number {
    return this.#counter.get(name)?.value ?? 0;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
