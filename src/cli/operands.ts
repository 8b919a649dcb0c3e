// Names as arguments of commands.

import { EMAIL_RULE, emailOf } from "../core/access/email-address.ts";
import { isName, NAME_RULE } from "../core/names.ts";
import type { Operand } from "./command.ts";
import { shown, UsageError } from "./failures.ts";

export const CACHE_NAME: Operand = {
  name: "NAME",
  description: `The name of the cache (${NAME_RULE}).`,
};

export const RECORD_NAME: Operand = {
  name: "NAME",
  description: "The name of the record (bytes of UTF-8 without control characters).",
};

export const EMAIL: Operand = {
  name: "EMAIL",
  description: `The email address of the user, in whatever case (${EMAIL_RULE}).`,
};

/** As the server keeps it. Throws `UsageError`. */
export function requireEmailOperand(text: string): string {
  const email = emailOf(text);
  if (email !== undefined) return email;
  throw new UsageError(`${shown(text)} is no email address (allowed: ${EMAIL_RULE}).`);
}

/** Throws `UsageError`; `what` says which name it is. */
export function requireNameOperand(what: string, name: string): string {
  if (isName(name)) return name;
  throw new UsageError(`${shown(name)} cannot be the name of a ${what} (allowed: ${NAME_RULE}).`);
}
