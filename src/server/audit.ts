// Keeps what administrators have changed: where the caller wants it, and in the file that the settings name.

import { appendFileSync, closeSync, openSync } from "node:fs";
import type { Settings } from "../config/schema.ts";
import { Audit, type AuditEntry } from "../core/access/audit.ts";
import type { Clock } from "../core/clock.ts";
import { harmless } from "../telemetry/log.ts";
import { StartError } from "./start-error.ts";

const OWNER_ONLY = 0o600;

export interface AuditListener {
  readonly onEntry: (entry: AuditEntry) => void;
  /** The file could not be written to; the change was made nevertheless. */
  readonly onFault: (cause: unknown) => void;
}

/** Throws `StartError` when there is to be a file and it cannot be written to. */
export function openAudit({ log }: Settings, clock: Clock, listener: AuditListener): Audit {
  const path = log.audit_file;
  if (path !== "") requireWritable(path);
  return new Audit((entry) => {
    listener.onEntry(entry);
    if (path === "") return;
    const line = harmless(JSON.stringify({ time: new Date(clock.now()).toISOString(), ...entry }));
    try {
      // Opened anew each time, so that it can be moved away at any moment. One write is one line,
      // also where the command line adds its own.
      appendFileSync(path, `${line}\n`, { mode: OWNER_ONLY });
    } catch (cause) {
      listener.onFault(cause);
    }
  });
}

function requireWritable(path: string): void {
  try {
    closeSync(openSync(path, "a", OWNER_ONLY));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The audit file cannot be written to: ${reason}.`, { cause });
  }
}
