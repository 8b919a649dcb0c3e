// Commands of records in one line, for suites that send many.

import type { RecordCommand } from "../../src/core/records/command.ts";
import type { Path } from "../../src/core/records/path.ts";

export function setRecord(name: string, data: string, version?: number): RecordCommand {
  return { kind: "set-record", name, data, version };
}

export function patchRecord(
  name: string,
  path: Path,
  data: string | undefined,
  version?: number,
): RecordCommand {
  return { kind: "patch-record", name, patches: [{ path, data }], version };
}

export function removeRecord(name: string): RecordCommand {
  return { kind: "delete-record", name };
}
