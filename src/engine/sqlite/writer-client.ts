// The HTTP thread's end of the writer thread: gathers commands into groups, one in flight at a time.

import { limitExceeded, ServiceError } from "../../core/errors.ts";
import type { ImportLine } from "../../core/imports/import-store.ts";
import type { Path } from "../../core/records/path.ts";
import {
  type Command,
  type Committed,
  type Fault,
  type FromWriter,
  isFailure,
  type Outcome,
  type Results,
  type RetentionWork,
  type ToWriter,
  type WriterOptions,
} from "./commands.ts";
import { StoreError } from "./store-error.ts";
import { packMessage, type ThreadMessage, unpackMessage } from "./thread-message.ts";
import type { Upgrade } from "./upgrade.ts";
import { type HealthListener, WriteHealth } from "./write-health.ts";

/** Bytes of values in one group, and of what they may grow to; a command that is larger goes alone. */
const GROUP_BYTES_MAX = 8_388_608;
/** What a command holds in memory beside its value. */
const COMMAND_OVERHEAD_BYTES = 512;
/** After which a group that the disk does not take counts as stalled. */
const STALL_MS = 5000;
/** Commands that are not bulk: small, and not to be kept out by a crowd of publishers. */
const OTHER_COMMANDS_MAX = 1024;

export interface WriterClientOptions extends HealthListener {
  readonly groupCommandsMax: number;
  /** Of appends and changes of records that wait. */
  readonly queueBytesMax: number;
  /** Called when the thread has died: nothing can be written any more. */
  readonly onDeath: (cause: Error) => void;
  /** Called once a group with what is durable now, in commit order, before any of its promises settles. */
  readonly onCommitted: (group: readonly Committed[]) => void;
  /** Called for every group that was applied, whatever became of it, with what that took the writer. */
  readonly onGroup: (commands: number, seconds: number) => void;
  readonly onRetained: (work: RetentionWork) => void;
}

/**
 * How writing goes. Failing: the last writes met a fault of the disk or of the program. Stalled: the
 * disk has not taken a group for seconds. Dead: nothing can be written any more.
 */
export type Writing = "ok" | "failing" | "stalled" | "dead";

interface Pending {
  readonly command: Command;
  readonly bytes: number;
  readonly resolve: (result: Results[keyof Results]) => void;
  readonly reject: (cause: Error) => void;
}

export class WriterClient {
  /** How the store was brought up to date; undefined: there was no need. */
  readonly upgrade: Upgrade | undefined;
  readonly #worker: Worker;
  readonly #options: WriterClientOptions;
  readonly #health: WriteHealth;
  #queue: Pending[] = [];
  #bulkBytes = 0;
  #others = 0;
  #inFlight: readonly Pending[] = [];
  #sentAt = 0;
  #heartbeats: (() => void)[] = [];
  #isScheduled = false;
  #isDead = false;
  #closing: PromiseWithResolvers<void> | undefined;
  #isClosed = false;

  private constructor(worker: Worker, options: WriterClientOptions, upgrade: Upgrade | undefined) {
    this.upgrade = upgrade;
    this.#worker = worker;
    this.#options = options;
    this.#health = new WriteHealth(options);
    worker.onmessage = (event: MessageEvent<ThreadMessage>) =>
      this.#receive(unpackMessage<FromWriter>(event.data));
    worker.onerror = (event) => this.#die(new Error(`the writer thread failed: ${event.message}`));
  }

  /** Throws `StoreError` when the database cannot be opened. */
  static async open(
    writerOptions: WriterOptions,
    options: WriterClientOptions,
  ): Promise<WriterClient> {
    const worker = new Worker(new URL("./writer-thread.ts", import.meta.url));
    const opened = new Promise<FromWriter>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<ThreadMessage>) =>
        resolve(unpackMessage<FromWriter>(event.data));
      worker.onerror = (event) => reject(new Error(`the writer thread: ${event.message}`));
    });
    worker.postMessage(packMessage({ kind: "open", options: writerOptions }));
    const answer = await opened;
    if (answer.kind === "opened") return new WriterClient(worker, options, answer.upgrade);
    worker.terminate();
    if (answer.kind !== "refused-to-open") throw new Error(`the writer answered ${answer.kind}`);
    throw answer.forAdministrator ? new StoreError(answer.message) : new Error(answer.message);
  }

  /**
   * Resolves when the command is durable; commands are applied in the order of the calls. Rejects with
   * `limit_exceeded` when too many wait already: appends and changes of records by their bytes, the
   * others by their number.
   */
  write<Kind extends Command["kind"]>(
    command: Extract<Command, { kind: Kind }>,
  ): Promise<Results[Kind]>;
  write(command: Command): Promise<Results[keyof Results]> {
    const bytes = COMMAND_OVERHEAD_BYTES + payloadOf(command);
    if (!this.#hasRoom(command, bytes)) {
      return Promise.reject(
        limitExceeded("queue_limit_exceeded", "Too many writes wait for the disk; try again."),
      );
    }
    if (this.#closing !== undefined) return Promise.reject(stopping());
    const { promise, resolve, reject } = Promise.withResolvers<Results[keyof Results]>();
    const pending = { command, bytes, resolve, reject };
    this.#count(pending, 1);
    this.#queue.push(pending);
    this.#schedule();
    return promise;
  }

  /** Resolves when the thread has had its turn: never while it hangs, nor when it is dead or closed. */
  heartbeat(): Promise<void> {
    return new Promise((resolve) => {
      this.#heartbeats.push(resolve);
      if (!this.#isClosed) this.#post({ kind: "heartbeat" });
    });
  }

  /** Takes no more commands, settles those it has, then lets the database go. */
  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    this.#finish();
    return this.#closing.promise;
  }

  get writing(): Writing {
    if (this.#isDead) return "dead";
    if (this.#health.isFailing) return "failing";
    const isStalled = this.#inFlight.length > 0 && performance.now() - this.#sentAt > STALL_MS;
    return isStalled ? "stalled" : "ok";
  }

  /** Of appends and changes of records that wait or are being committed. */
  get queueBytes(): number {
    return this.#bulkBytes;
  }

  /** An empty queue takes a command of any size. */
  #hasRoom(command: Command, bytes: number): boolean {
    if (!isBulk(command)) return this.#others < OTHER_COMMANDS_MAX;
    return this.#bulkBytes === 0 || this.#bulkBytes + bytes <= this.#options.queueBytesMax;
  }

  #count({ command, bytes }: Pending, times: 1 | -1): void {
    if (isBulk(command)) this.#bulkBytes += times * bytes;
    else this.#others += times;
  }

  /** Waits for the end of the event loop's turn, so that what arrived in it goes as one group. */
  #schedule(): void {
    if (this.#isScheduled || this.#inFlight.length > 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#inFlight.length > 0 || this.#queue.length === 0) return;
    const count = this.#groupSize();
    this.#inFlight = count === this.#queue.length ? this.#queue : this.#queue.slice(0, count);
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count);
    this.#sentAt = performance.now();
    this.#post({ kind: "group", commands: this.#inFlight.map(({ command }) => command) });
  }

  #groupSize(): number {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#queue) {
      bytes += pending.bytes + nullBytesOf(pending.command);
      if (count > 0 && bytes > GROUP_BYTES_MAX) break;
      count += 1;
      if (count === this.#options.groupCommandsMax) break;
    }
    return count;
  }

  #receive(message: FromWriter): void {
    switch (message.kind) {
      case "done":
        this.#options.onGroup(message.outcomes.length, message.seconds);
        this.#settle(message.outcomes);
        return;
      case "retained":
        this.#options.onRetained(message.work);
        break;
      case "alive":
        this.#heartbeats.shift()?.();
        return;
      case "retention-failed":
        this.#options.onFault("Retention", message.message);
        return;
      case "retention-recovered":
        this.#options.onRecovery("Retention");
        return;
      case "closed":
        this.#worker.terminate();
        this.#closing?.resolve();
        return;
      default:
        throw new Error(`the writer sent ${message.kind} out of turn`);
    }
  }

  #settle(outcomes: readonly Outcome[]): void {
    const group = this.#inFlight;
    this.#inFlight = [];
    this.#send();
    const committed: Committed[] = [];
    for (let index = 0; index < group.length; index += 1) {
      const command = group[index]?.command;
      const result = outcomes[index];
      if (command && result && !isFailure(result)) committed.push({ command, result });
    }
    this.#options.onCommitted(committed);
    for (let index = 0; index < group.length; index += 1) {
      const pending = group[index];
      const outcome = outcomes[index];
      if (pending === undefined || outcome === undefined) throw new Error("outcomes do not match");
      this.#count(pending, -1);
      if (!isFailure(outcome)) {
        this.#health.succeeded(pending.bytes);
        pending.resolve(outcome);
      } else if (outcome.kind === "fault") {
        this.#health.failed(outcome, pending.bytes);
        pending.reject(errorOf(outcome));
      } else {
        pending.reject(new ServiceError(outcome.code, outcome.message, outcome.limit));
      }
    }
    this.#finish();
  }

  #finish(): void {
    if (this.#closing === undefined || this.#isClosed || this.#inFlight.length > 0) return;
    if (this.#queue.length > 0) {
      this.#send();
      return;
    }
    this.#isClosed = true;
    this.#post({ kind: "close" });
  }

  #die(cause: Error): void {
    const lost = [...this.#inFlight, ...this.#queue];
    this.#queue = [];
    this.#inFlight = [];
    this.#isClosed = true;
    this.#isDead = true;
    this.#closing ??= Promise.withResolvers();
    for (const { reject } of lost) {
      reject(new ServiceError("outcome_unknown", "The store failed before it answered."));
    }
    this.#closing.resolve();
    this.#options.onDeath(cause);
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(packMessage(message));
  }
}

/** What callers send by the thousand; anything else is few, and passes a queue that these have filled. */
function isBulk({ kind }: Command): boolean {
  return kind === "append" || kind === "import" || kind.endsWith("-record");
}

function payloadOf(command: Command): number {
  switch (command.kind) {
    case "append":
      return command.value.length;
    case "import":
      return command.lines.reduce((bytes, line) => bytes + lineBytes(line), 0);
    case "set-record":
    case "replace-record":
      return command.data?.length ?? 0;
    case "patch-record":
      return command.patches.reduce(
        (bytes, { path, data }) => bytes + lengthOf(path) + (data?.length ?? 0),
        0,
      );
    default:
      return 0;
  }
}

function lineBytes(line: ImportLine): number {
  if (line.kind === "item") return COMMAND_OVERHEAD_BYTES + line.value.length;
  return COMMAND_OVERHEAD_BYTES + (line.kind === "record" ? line.data.length : 0);
}

/** Its steps are as long as a body may be. */
function lengthOf(path: Path): number {
  return path.reduce<number>((length, step) => length + String(step).length, 0);
}

/** An index makes all that is missing before it. */
function nullBytesOf(command: Command): number {
  if (command.kind !== "patch-record") return 0;
  return command.patches.reduce((bytes, { path }) => bytes + nullBytesAt(path), 0);
}

function nullBytesAt(path: Path): number {
  return path.reduce<number>(
    (bytes, step) => bytes + (typeof step === "number" ? step * "null,".length : 0),
    0,
  );
}

function stopping(): ServiceError {
  return new ServiceError("stopping", "The server is stopping; try again in a moment.");
}

function errorOf(fault: Fault): Error {
  switch (fault.code) {
    case "storage_full":
      return new ServiceError(
        "storage_full",
        "The server's storage is full: nothing was stored. Reading goes on.",
      );
    case "outcome_unknown":
      return new ServiceError(
        "outcome_unknown",
        "The disk failed during the write: it may or may not have been stored.",
      );
    case "bug":
      return new Error(fault.message);
  }
}
