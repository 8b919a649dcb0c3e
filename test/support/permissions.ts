// Permissions for tests that are about something else, or that bring rules of their own.

import { type Denial, Permissions } from "../../src/core/access/permissions.ts";
import type { Rules } from "../../src/core/access/rules.ts";
import type { RecordStore } from "../../src/core/records/record-store.ts";

/** Without rules: whoever asks may do everything. */
export const EVERYTHING = new Permissions(undefined, {
  look: () => Promise.reject(new Error("there are no rules that look at records")),
  rest: () => {},
  onDenial: () => {},
});

/** With rules; `denials` are told of. */
export function permissionsBy(
  rules: Rules,
  store: Pick<RecordStore, "readRevised">,
  onDenial: (denial: Denial) => void = () => {},
): Permissions {
  const look = (name: string) => store.readRevised(name);
  return new Permissions(rules, { look, rest: () => {}, onDenial });
}
