// The thread that owns the only writing connection: takes groups of commands, answers with outcomes.

import type { Database } from "bun:sqlite";
import type { Command, FromWriter, ToWriter, WriterOptions } from "./commands.ts";
import { freeBytes } from "./directory.ts";
import { openWriter } from "./open-database.ts";
import { Retention } from "./retention.ts";
import { StoreError } from "./store-error.ts";
import { packMessage, type ThreadMessage, unpackMessage } from "./thread-message.ts";
import { prepareUpgrade } from "./upgrade.ts";
import { Writer } from "./writer.ts";

declare const self: Worker;

const IDLE_PAUSE_MS = 1000;
/** Between two steps of retention, so that a group that arrives meanwhile goes first. */
const BUSY_PAUSE_MS = 1;
/** After a step that failed, as with a full disk. */
const FAULT_PAUSE_MS = 5000;
/** Between two messages of what retention has done. */
const REPORT_PAUSE_MS = 1000;

const NO_CACHES: ReadonlySet<string> = new Set();

interface Open {
  readonly database: Database;
  readonly writer: Writer;
  readonly retention: Retention;
}

let open: Open | undefined;
let timer: Timer | undefined;
let hasRetentionFailed = false;
/** What retention took and is not told yet, and when it was told last. */
let retentionMs = 0;
let reportedAt = 0;

self.onmessage = (event: MessageEvent<ThreadMessage>) => {
  const message = unpackMessage<ToWriter>(event.data);
  switch (message.kind) {
    case "open":
      answer(start(message.options));
      return;
    case "group":
      answer(apply(message.commands));
      return;
    case "heartbeat":
      answer({ kind: "alive" });
      return;
    case "close":
      clearTimeout(timer);
      open?.database.close(true);
      open = undefined;
      answer({ kind: "closed" });
  }
};

function start(options: WriterOptions): FromWriter {
  try {
    const { directory, durability, bytesMax, checkpoint, reserveBytes } = options;
    const upgrade = prepareUpgrade(directory, options.upgradeCopy);
    const database = openWriter(directory, durability, bytesMax, checkpoint);
    const hasRoom = () => reserveBytes === 0 || freeBytes(directory) >= reserveBytes;
    const writer = new Writer(database, options, Date.now, hasRoom);
    writer.endImports();
    const retention = new Retention(database, writer, options);
    open = { database, writer, retention };
    maintainAfter(BUSY_PAUSE_MS);
    return { kind: "opened", upgrade };
  } catch (cause) {
    const forAdministrator = cause instanceof StoreError;
    const text = cause instanceof Error && !forAdministrator ? cause.stack : undefined;
    return {
      kind: "refused-to-open",
      message: text ?? (cause instanceof Error ? cause.message : String(cause)),
      forAdministrator,
    };
  }
}

function apply(commands: readonly Command[]): FromWriter {
  if (open === undefined) throw new Error("a group arrived at a writer that is not open");
  const { writer, retention } = open;
  const beganAt = performance.now();
  const outcomes = writer.apply(commands);
  const seconds = (performance.now() - beganAt) / 1000;
  for (const command of commands) {
    for (const name of cachesToSweep(command)) {
      const cache = writer.state.cache(name);
      if (cache !== undefined) retention.sweep(cache);
      maintainAfter(BUSY_PAUSE_MS);
    }
  }
  return { kind: "done", outcomes, seconds };
}

/** Those whose topics may hold more than their bound on items allows now. */
function cachesToSweep(command: Command): ReadonlySet<string> {
  if (command.kind === "put-cache") return new Set([command.name]);
  if (command.kind !== "import") return NO_CACHES;
  return new Set(command.lines.flatMap((line) => (line.kind === "topic" ? [line.cache] : [])));
}

function maintainAfter(pauseMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    maintainAfter(maintain());
  }, pauseMs);
}

/** Returns how long to pause afterwards. */
function maintain(): number {
  if (open === undefined) return IDLE_PAUSE_MS;
  const beganAt = performance.now();
  try {
    const pauseMs = open.retention.step() ? BUSY_PAUSE_MS : IDLE_PAUSE_MS;
    if (hasRetentionFailed) answer({ kind: "retention-recovered" });
    hasRetentionFailed = false;
    return pauseMs;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    // Said once, until it goes on.
    if (!hasRetentionFailed) answer({ kind: "retention-failed", message });
    hasRetentionFailed = true;
    return FAULT_PAUSE_MS;
  } finally {
    const endedAt = performance.now();
    retentionMs += endedAt - beganAt;
    if (endedAt - reportedAt > REPORT_PAUSE_MS) report(open.retention, endedAt);
  }
}

/** Tells what retention has done, where there is anything to tell. */
function report(retention: Retention, now: number): void {
  const forgotten = retention.takeForgotten();
  if (forgotten.items === 0) return;
  answer({ kind: "retained", work: { ...forgotten, seconds: retentionMs / 1000 } });
  retentionMs = 0;
  reportedAt = now;
}

function answer(message: FromWriter): void {
  self.postMessage(packMessage(message));
}
