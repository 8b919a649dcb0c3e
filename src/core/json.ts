// JSON values as programs send them, and what the server asks of them.

import { invalidArgument } from "./errors.ts";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [member: string]: Json };

/**
 * The text of a value that came out of JSON.parse. Throws `invalid_argument` that names the problem
 * (`what` is how it calls the value): nested deeper than `depthMax`, half of a surrogate pair, or a
 * member called `__proto__`, which would change what the value inherits wherever it is copied.
 */
export function renderJson(what: string, value: Json, depthMax: number): string {
  requireJson(what, value, depthMax);
  return JSON.stringify(value);
}

/** Throws as `renderJson` does, for who needs no text. */
export function requireJson(what: string, value: Json, depthMax: number): void {
  requirePlain(what, value, depthMax, depthMax);
}

/** Whether the value is what comes out of its text again: there is none for 1e400, which is written as null, nor for -0. */
export function isAsWritten(value: Json): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || value === null) return true;
  if (isArray(value)) return value.every(isAsWritten);
  for (const name in value) if (!isAsWritten(value[name] as Json)) return false;
  return true;
}

/** Not by way of an object, to which some names would mean something else. */
export function renderMembers(members: ReadonlyMap<string, boolean>): string {
  return `{${[...members].map(([name, is]) => `${JSON.stringify(name)}:${is}`).join()}}`;
}

/** A scalar has depth 0. */
function requirePlain(what: string, value: Json, depthLeft: number, depthMax: number): void {
  if (typeof value === "string") requireWhole(what, value);
  if (typeof value !== "object" || value === null) return;
  if (depthLeft === 0) {
    throw invalidArgument(
      `The ${what} is nested too deeply: at most ${depthMax} levels are allowed.`,
    );
  }
  if (isArray(value)) {
    for (const element of value) requirePlain(what, element, depthLeft - 1, depthMax);
    return;
  }
  // Without an array of the names, which would cost as much as all the rest.
  for (const name in value) {
    requireWhole(what, name);
    if (name === "__proto__") {
      throw invalidArgument(`The ${what} has a member called __proto__, which is not allowed.`);
    }
    requirePlain(what, value[name] as Json, depthLeft - 1, depthMax);
  }
}

/** Half a surrogate pair comes out of an escape; UTF-8 cannot hold it. */
function requireWhole(what: string, text: string): void {
  if (text.isWellFormed()) return;
  throw invalidArgument(`The ${what} holds half of a surrogate pair, which is no character.`);
}

/** Array.isArray does not narrow what may be a readonly array. */
function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
