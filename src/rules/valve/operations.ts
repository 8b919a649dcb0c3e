// The numbers that rules know operations by: those of the protocol.

import type { RuleSection } from "../../core/access/rules.ts";

const OPERATIONS: Readonly<Record<RuleSection, ReadonlyMap<string, number>>> = {
  record: new Map([
    ["NOTIFY", 2],
    ["READ", 3],
    ["HEAD", 5],
    ["HEAD_BULK", 7],
    ["DELETE", 9],
    ["CREATE", 15],
    ["CREATEANDUPDATE", 16],
    ["CREATEANDPATCH", 17],
    ["UPDATE", 18],
    ["PATCH", 19],
    ["ERASE", 20],
    ["SUBSCRIBEANDHEAD", 21],
    ["SUBSCRIBEANDREAD", 22],
    ["SUBSCRIBECREATEANDREAD", 23],
    ["SUBSCRIBE", 25],
    ["LISTEN", 27],
    ["PATCH_MULTI", 35],
  ]),
  event: new Map([
    ["EMIT", 2],
    ["SUBSCRIBE", 3],
    ["LISTEN", 5],
  ]),
  rpc: new Map([
    ["REQUEST", 2],
    ["PROVIDE", 8],
  ]),
  presence: new Map([
    ["QUERY_ALL", 2],
    ["QUERY", 4],
    ["SUBSCRIBE", 10],
    ["SUBSCRIBE_ALL", 12],
  ]),
};

/** undefined: no rule is asked about such an operation. */
export function operationNumber(section: RuleSection, operation: string): number | undefined {
  return OPERATIONS[section].get(operation);
}
