// Regular expressions of rules: what they mean in JavaScript, matched in time that grows with the text alone.

import { RE2JS, RE2JSException } from "re2js";
import { RegularExpressionProblem } from "./regular-expression-problem.ts";
import { translate } from "./translate-regular-expression.ts";
import { joinHalves, separateHalves } from "./units.ts";

const LENGTH_MAX = 1024;
/** Of the compiled expression. */
const INSTRUCTIONS_MAX = 256;

export interface RegularExpression {
  /** What `match` of a text answers in JavaScript. */
  match(text: string): object | null;
  /** Steps for each character of a text, at most. */
  readonly cost: number;
}

/** Throws `RegularExpressionProblem`. */
export function compileRegularExpression(source: string, flags: string): RegularExpression {
  if (source.length > LENGTH_MAX) {
    throw new RegularExpressionProblem(`it is longer than ${LENGTH_MAX} characters`);
  }
  const compiled = compile(translate(source, flags));
  const cost = compiled.programSize();
  if (cost > INSTRUCTIONS_MAX) {
    throw new RegularExpressionProblem("it is too large: it repeats or lists too much");
  }
  const hasUnits = !flags.includes("u");
  return { match: (text) => (hasUnits ? matchUnits : match)(compiled, text), cost };
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new RegularExpressionProblem("it is too large: it repeats or lists too much");
  }
}

function match(compiled: RE2JS, text: string): object | null {
  const found = compiled.exec(text);
  if (found === null) return null;
  const captures = Array.from(found, (capture: string | null | undefined) => capture ?? undefined);
  return resultOf(captures, (found as RegExpExecArray).index, text);
}

function matchUnits(compiled: RE2JS, text: string): object | null {
  const separated = separateHalves(text);
  if (separated === text) return match(compiled, text);
  const found = compiled.exec(separated);
  if (found === null) return null;
  const captures = Array.from(found, (capture: string | null | undefined) =>
    typeof capture === "string" ? joinHalves(capture) : undefined,
  );
  const before = separated.slice(0, (found as RegExpExecArray).index);
  return resultOf(captures, joinHalves(before).length, text);
}

/** With the members that JavaScript's has. */
function resultOf(captures: (string | undefined)[], index: number, input: string): object {
  return Object.assign(captures, { index, input, groups: undefined });
}
