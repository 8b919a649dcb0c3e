// Names as arguments of commands.

import { isName, NAME_RULE } from "../core/names.ts";
import type { Operand } from "./command.ts";
import { shown, UsageError } from "./failures.ts";

export const CACHE_NAME: Operand = {
  name: "NAME",
  description: `The name of the cache (${NAME_RULE}).`,
};

/** Throws `UsageError`; `what` says which name it is. */
export function requireNameOperand(what: string, name: string): string {
  if (isName(name)) return name;
  throw new UsageError(`${shown(name)} cannot be the name of a ${what} (allowed: ${NAME_RULE}).`);
}
