// Applies groups of commands, one transaction a group. The only place that assigns numbers and pages.

import type { Database } from "bun:sqlite";
import { ServiceError } from "../../core/errors.ts";
import { Appender } from "./appender.ts";
import { CacheWriter } from "./cache-writer.ts";
import type { Command, Fault, Outcome, WriterOptions } from "./commands.ts";
import { Importer } from "./importer.ts";
import { RecordWriter } from "./record-writer.ts";
import { RevocationWriter } from "./revocation-writer.ts";
import { UserWriter } from "./user-writer.ts";
import { WriterState } from "./writer-state.ts";

const DISK_SHORT: Fault = {
  kind: "fault",
  code: "storage_full",
  message: "the disk has less room left than [storage] reserve_bytes",
};

export class Writer {
  readonly state: WriterState;
  readonly #database: Database;
  readonly #now: () => number;
  readonly #appender: Appender;
  readonly #caches: CacheWriter;
  readonly #records: RecordWriter;
  readonly #revocations: RevocationWriter;
  readonly #users: UserWriter;
  readonly #importer: Importer;
  readonly #hasRoom: () => boolean;
  #isCommitting = false;
  #isShort = false;

  /** `hasRoom` is asked once a group: when it says no, nothing is appended, so that the rest may go on. */
  constructor(
    database: Database,
    options: WriterOptions,
    now: () => number,
    hasRoom: () => boolean = () => true,
  ) {
    this.#database = database;
    this.#hasRoom = hasRoom;
    this.#now = now;
    this.state = new WriterState(database, options.defaults);
    this.#appender = new Appender(database, this.state, options);
    this.#caches = new CacheWriter(database, this.state, options);
    this.#records = new RecordWriter(database, options.records);
    this.#revocations = new RevocationWriter(database);
    this.#users = new UserWriter(database, options, this.#revocations);
    this.#importer = new Importer(database, this.state, this.#caches, this.#records);
  }

  /**
   * Outcomes in the order of the commands, durable when it returns. When the transaction of a group
   * fails, each command is tried alone, so that a bad one does not fail its neighbours.
   */
  apply(commands: readonly Command[]): readonly Outcome[] {
    this.#records.beginGroup();
    return this.#applyAll(commands);
  }

  /** Deletes what imports have left that nobody has ended. To be called before there are others. */
  endImports(): void {
    while (this.transaction(() => this.#importer.end()).more);
  }

  /** Runs `work` in one transaction. Throws with everything rolled back. */
  transaction<Result>(work: (now: number) => Result): Result {
    this.#isCommitting = false;
    this.#database.run("BEGIN IMMEDIATE");
    try {
      const result = work(this.#now());
      this.state.flush();
      this.#records.flush();
      this.#isCommitting = true;
      this.#database.run("COMMIT");
      return result;
    } catch (cause) {
      if (this.#database.inTransaction) this.#database.run("ROLLBACK");
      this.state.reset();
      this.#records.reset();
      throw cause;
    }
  }

  #applyAll(commands: readonly Command[]): readonly Outcome[] {
    this.#isShort = !this.#hasRoom();
    try {
      return this.transaction((now) => commands.map((command) => this.#apply(command, now)));
    } catch (cause) {
      const fault = this.#asFault(cause);
      if (commands.length === 1 || fault.code === "outcome_unknown") {
        return commands.map(() => fault);
      }
    }
    this.#records.beginGroup();
    return commands.flatMap((command) => this.#applyAll([command]));
  }

  #apply(command: Command, now: number): Outcome {
    try {
      switch (command.kind) {
        case "append":
          return this.#isShort ? DISK_SHORT : this.#appender.append(command, now);
        case "delete-topic":
          return this.#caches.deleteTopic(command.cache, command.topic);
        case "put-cache":
          return this.#caches.put(command.name, command.overrides, now);
        case "delete-cache":
          return this.#caches.delete(command.name);
        case "revoke":
          return this.#revocations.revoke(command.id, now);
        case "import":
          return this.#isShort ? DISK_SHORT : this.#importer.take(command.id, command.lines, now);
        case "end-import":
          return this.#importer.end(command.id);
        case "create-record":
        case "set-record":
        case "patch-record":
        case "replace-record":
          return this.#isShort ? DISK_SHORT : this.#records.apply(command);
        case "delete-record":
          return this.#records.apply(command);
        case "add-user":
          return this.#isShort ? DISK_SHORT : this.#users.add(command, now);
        case "remove-user":
          return this.#users.remove(command.email, now);
        case "set-password":
          return this.#users.setPassword(command.email, command.passwordHash, now);
      }
    } catch (cause) {
      // A refusal comes before anything is written, so the rest of the group may go on.
      if (!(cause instanceof ServiceError)) throw cause;
      return { kind: "refused", code: cause.code, message: cause.message, limit: cause.limit };
    }
  }

  #asFault(cause: unknown): Fault {
    if (isFull(cause)) return { kind: "fault", code: "storage_full", message: cause.message };
    const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    // A commit that failed otherwise may still be found in the log after a crash.
    return { kind: "fault", code: this.#isCommitting ? "outcome_unknown" : "bug", message };
  }
}

/** With a full disk the shared-memory file of the log cannot grow either. */
function isFull(cause: unknown): cause is Error {
  if (!(cause instanceof Error) || !("code" in cause)) return false;
  return cause.code === "SQLITE_FULL" || cause.code === "SQLITE_IOERR_SHMSIZE";
}
