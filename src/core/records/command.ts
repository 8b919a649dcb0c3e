// What one command makes of one record. Pure, so that any engine can apply it wherever it keeps records.

import { limitExceeded } from "../errors.ts";
import type { Json } from "../json.ts";
import { type ArrayRoom, applyPath, type Path } from "./path.ts";

/** As deepstream counts: a record begins with version 0 when it is made empty, and with 1 when it is written. */
export interface StoredRecord {
  readonly version: number;
  /** JSON text: of an object or an array, or of whatever else an administrator has put there. */
  readonly data: string;
}

/** One place of a record that changes. */
export interface RecordPatch {
  readonly path: Path;
  /** JSON text; undefined: what is at the path goes. */
  readonly data: string | undefined;
}

/** A record that something was decided on, as it was then. */
export interface Basis {
  readonly name: string;
  /** Of the store; 0: there was no such record. */
  readonly revision: number;
}

interface Decided {
  /** Nothing is done where one of them is not as it was. */
  readonly basis?: readonly Basis[];
}

export type RecordCommand = Decided & RecordDeed;

/** `version` is the one that the write makes, one above the current; undefined: whatever that is. */
type RecordDeed =
  /** Makes the record an empty object; nothing where there is one. */
  | { readonly kind: "create-record"; readonly name: string }
  | {
      readonly kind: "set-record";
      readonly name: string;
      readonly data: string;
      readonly version: number | undefined;
      /** Nothing is written where there is no record. */
      readonly mustExist?: boolean;
    }
  | {
      readonly kind: "patch-record";
      readonly name: string;
      /** In their order, all or none. */
      readonly patches: readonly RecordPatch[];
      readonly version: number | undefined;
      readonly mustExist?: boolean;
    }
  | { readonly kind: "delete-record"; readonly name: string }
  /** Behind everybody's back: what the record is from now on, of which no listener is told. */
  | {
      readonly kind: "replace-record";
      readonly name: string;
      /** JSON text of any value; undefined: the record is gone. */
      readonly data: string | undefined;
      /** Undefined: one above the current. */
      readonly version: number | undefined;
    };

export type RecordOutcome =
  | {
      readonly kind: "written";
      readonly version: number;
      /** All that the record holds now, told of several patches at once: not every program knows these. */
      readonly data?: string;
    }
  | { readonly kind: "deleted"; readonly existed: boolean }
  /** There is such a record already: nothing was made. */
  | { readonly kind: "exists" }
  /** There is no such record, and there must be: nothing was written. */
  | { readonly kind: "not_found" }
  /** A record of the basis is another now: nothing was done. */
  | { readonly kind: "moved" }
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
  | { readonly kind: "exists" | "not_found" }
  /** What the record holds is for the engine to tell, which need not look for it otherwise. */
  | Omit<VersionConflict, "data">;

/** The greatest version there can be: the protocol sends 32 bits of it. */
export const VERSION_MAX = 2 ** 31 - 1;

/** Members that one command may add to arrays: a path of a few characters makes as many as its index says. */
const ARRAY_GROWTH_MAX = 1_048_576;

/** Whether all that the command was decided on is as it was. */
export function stands(
  { basis = [] }: RecordCommand,
  revisionOf: (name: string) => number,
): boolean {
  return basis.every(({ name, revision }) => revisionOf(name) === revision);
}

/** Throws `invalid_argument` of a path, or `limit_exceeded` when the record has no more versions. */
export function applyCommand(current: StoredRecord | undefined, command: RecordCommand): Applied {
  switch (command.kind) {
    case "create-record":
      return current === undefined ? next(0, "{}") : { kind: "exists" };
    case "delete-record":
      return { kind: "gone" };
    case "replace-record":
      return command.data === undefined
        ? { kind: "gone" }
        : next(command.version ?? versionAfter(current), command.data);
    case "set-record":
    case "patch-record":
      return written(current, command);
  }
}

/** What is told of a command that made this of the record. */
export function writtenBy(command: RecordCommand, { version, data }: StoredRecord): RecordOutcome {
  const isMany = command.kind === "patch-record" && command.patches.length > 1;
  return isMany ? { kind: "written", version, data } : { kind: "written", version };
}

type Write = Extract<RecordCommand, { readonly kind: "set-record" | "patch-record" }>;

function written(current: StoredRecord | undefined, command: Write): Applied {
  if (current === undefined && command.mustExist === true) return { kind: "not_found" };
  const version = versionAfter(current);
  if (command.version !== undefined && command.version !== version) {
    return {
      kind: command.version < version ? "version_exists" : "invalid_version",
      version: version - 1,
    };
  }
  const data =
    command.kind === "set-record"
      ? command.data
      : JSON.stringify(patched(current, command.patches));
  return next(version, data);
}

function next(version: number, data: string): Applied {
  if (version <= VERSION_MAX) return { kind: "next", record: { version, data } };
  throw limitExceeded(
    "record_versions_limit_exceeded",
    `A record has ${VERSION_MAX} versions at most; this one begins anew when it is deleted.`,
  );
}

function versionAfter(current: StoredRecord | undefined): number {
  return (current?.version ?? 0) + 1;
}

/** What the record holds after the command, whatever its versions; undefined: there is none. Throws as `applyCommand` does. */
export function dataAfter(
  current: StoredRecord | undefined,
  command: RecordCommand,
): Json | undefined {
  switch (command.kind) {
    case "create-record":
      return parsed(current?.data) ?? {};
    case "patch-record":
      return patched(current, command.patches);
    case "set-record":
    case "replace-record":
      return parsed(command.data);
    case "delete-record":
      return undefined;
  }
}

function patched(current: StoredRecord | undefined, patches: readonly RecordPatch[]): Json {
  const root = current === undefined ? {} : (JSON.parse(current.data) as Json);
  const isContainer = typeof root === "object" && root !== null;
  const room: ArrayRoom = { members: ARRAY_GROWTH_MAX };
  return patches.reduce<Json>(
    (json, { path, data }) => applyPath(json, path, parsed(data), room),
    isContainer ? root : {},
  );
}

function parsed(data: string | undefined): Json | undefined {
  return data === undefined ? undefined : (JSON.parse(data) as Json);
}
