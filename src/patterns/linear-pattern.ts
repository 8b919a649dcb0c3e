// Patterns of programs: regular expressions as JavaScript writes them, matched in time that grows with the name alone.

import { RE2JS, RE2JSException } from "re2js";
import { invalidArgument } from "../core/errors.ts";
import type { Pattern } from "../core/listening/pattern.ts";

/**
 * Of a compiled pattern. At worst one takes half a microsecond for each character of a name: a
 * name of a kilobyte may then cost as much as sixty milliseconds, and mostly costs a few microseconds.
 */
const INSTRUCTIONS_MAX = 128;

/**
 * What looks around or back at what was matched cannot be matched in linear time and is no pattern
 * here. Throws `invalid_argument`.
 */
export function compileLinear(text: string): Pattern {
  const expression = compile(text);
  const cost = expression.programSize();
  if (cost > INSTRUCTIONS_MAX) {
    throw invalidArgument("The pattern is too large: it repeats or lists too much.");
  }
  return { matches: (name) => expression.test(name), cost };
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(text));
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw invalidArgument(`The pattern is not valid: ${cause.message.slice(0, 200)}.`);
  }
}
