// What one command makes of one record. Pure, so that any engine can apply it wherever it keeps records.

import type { Json } from "../json.ts";
import { applyPath, type Path } from "./path.ts";

/** As deepstream counts: a record that does not exist has version 0, the first write makes 1. */
export interface StoredRecord {
  readonly version: number;
  /** JSON text of an object or an array. */
  readonly data: string;
}

/** `version` is the one that the write makes, one above the current; undefined: whatever that is. */
export type RecordCommand =
  | {
      readonly kind: "set-record";
      readonly name: string;
      readonly data: string;
      readonly version: number | undefined;
    }
  | {
      readonly kind: "patch-record";
      readonly name: string;
      readonly path: Path;
      /** JSON text; undefined: what is at the path goes. */
      readonly data: string | undefined;
      readonly version: number | undefined;
    }
  | { readonly kind: "delete-record"; readonly name: string };

export type RecordOutcome =
  | { readonly kind: "written"; readonly version: number }
  | { readonly kind: "deleted"; readonly existed: boolean }
  | VersionConflict;

/** Nothing was changed: this is what the record is. Version 0: it does not exist. */
export interface VersionConflict {
  readonly kind: "version_exists" | "invalid_version";
  readonly version: number;
  /** Undefined where the record does not exist, or an engine tells of too many long records at once. */
  readonly data: string | undefined;
}

export type Applied =
  | { readonly kind: "next"; readonly record: StoredRecord }
  | { readonly kind: "gone" }
  | VersionConflict;

export function applyCommand(current: StoredRecord | undefined, command: RecordCommand): Applied {
  if (command.kind === "delete-record") return { kind: "gone" };
  const version = (current?.version ?? 0) + 1;
  if (command.version !== undefined && command.version !== version) {
    return {
      kind: command.version < version ? "version_exists" : "invalid_version",
      version: version - 1,
      data: current?.data,
    };
  }
  const data =
    command.kind === "set-record" ? command.data : patched(current, command.path, command.data);
  return { kind: "next", record: { version, data } };
}

function patched(current: StoredRecord | undefined, path: Path, data: string | undefined): string {
  const root = current === undefined ? {} : (JSON.parse(current.data) as Json);
  const value = data === undefined ? undefined : (JSON.parse(data) as Json);
  return JSON.stringify(applyPath(root, path, value));
}
