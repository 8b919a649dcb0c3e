// JSON values as programs send them, and what the server asks of them.

import { invalidArgument } from "./errors.ts";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [member: string]: Json };

/** How JSON.stringify begins half a character, which UTF-8 cannot hold; it writes nothing else like it. */
const LONE_SURROGATE = "\\ud";
const PROTO_MEMBER = /[{,]"__proto__":/;

/**
 * The text of a value that came out of JSON.parse. Throws `invalid_argument` that names the problem
 * (`what` is how it calls the value): nested deeper than `depthMax`, half of a surrogate pair, or a
 * member called `__proto__`, which would change what the value inherits wherever it is copied.
 */
export function renderJson(what: string, value: Json, depthMax: number): string {
  if (isDeeper(value, depthMax)) {
    throw invalidArgument(
      `The ${what} is nested too deeply: at most ${depthMax} levels are allowed.`,
    );
  }
  const text = JSON.stringify(value);
  if (holdsLoneSurrogate(text)) {
    throw invalidArgument(`The ${what} holds half of a surrogate pair, which is no character.`);
  }
  if (text.includes('"__proto__":') && PROTO_MEMBER.test(text)) {
    throw invalidArgument(`The ${what} has a member called __proto__, which is not allowed.`);
  }
  return text;
}

/** Whether arrays and objects lie in each other more than `depthMax` deep; a scalar has depth 0. */
function isDeeper(value: Json, depthMax: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depthMax === 0) return true;
  const members = Array.isArray(value) ? value : Object.values(value);
  return members.some((member) => isDeeper(member, depthMax - 1));
}

/** By counting backslashes: an expression that skips pairs of them takes long for a megabyte. */
function holdsLoneSurrogate(text: string): boolean {
  for (
    let at = text.indexOf(LONE_SURROGATE);
    at !== -1;
    at = text.indexOf(LONE_SURROGATE, at + 1)
  ) {
    let before = at;
    while (text[before - 1] === "\\") before -= 1;
    // After an odd number of them this one is escaped itself.
    if ((at - before) % 2 === 0) return true;
  }
  return false;
}
