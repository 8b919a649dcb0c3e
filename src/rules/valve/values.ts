// What JavaScript does with values, as far as they are data: nothing inherited is seen, nothing of theirs is called.

import type { Evaluation } from "./evaluation.ts";
import type { BinaryOperator, Method, Primitive, UnaryOperator, Value } from "./expression.ts";
import { RuleFailure } from "./failure.ts";
import { quote } from "./printable.ts";

/** Of texts that a rule makes. */
const TEXT_LENGTH_MAX = 1_048_576;

/** What is done to a character of a text or an element of a list, in the measure of `Evaluation.spend`. */
const COST = { compare: 1, search: 1 / 16, trim: 4, makeNumber: 20, changeCase: 40, find: 40 };

type Members = { readonly [key: string]: Value };

/** What a `?.` with nothing before it makes of all that follows in its chain. */
export const SKIPPED: unique symbol = Symbol("skipped");
export type Link = Value | typeof SKIPPED;

/**
 * The object's own member, or undefined. Throws `RuleFailure` for what JavaScript would find in a
 * prototype, or where it would throw.
 */
export function memberOf(object: Link, key: string): Link {
  if (object === SKIPPED) return SKIPPED;
  if (object === undefined || object === null) {
    throw new RuleFailure(`${quote(key)} cannot be read of ${object}`);
  }
  const members = typeof object === "object" ? (object as Members) : (Object(object) as Members);
  if (Object.hasOwn(members, key)) return members[key];
  if (key in members) throw new RuleFailure(`${quote(key)} is no member of data`);
  return undefined;
}

export function keyOf(value: Value): string {
  return `${primitive(value)}`;
}

/** Throws `RuleFailure` where what is called is no method of the object. */
export function call(
  evaluation: Evaluation,
  method: Method,
  object: Value,
  values: readonly Value[],
): Value {
  if (typeof object === "string") return callOfText(evaluation, method, object, values);
  if (Array.isArray(object) && (method === "includes" || method === "indexOf")) {
    const [value, start] = values;
    const length = typeof value === "string" ? value.length : 0;
    evaluation.spend(object.length * (COST.find + length * COST.search));
    return object[method](value, primitive(start) as number | undefined);
  }
  throw new RuleFailure(`${method} is no function of ${describe(object)}`);
}

function callOfText(
  evaluation: Evaluation,
  method: Method,
  text: string,
  values: readonly Value[],
): Value {
  if (method === "trim") {
    evaluation.spend(text.length * COST.trim);
    return text.trim();
  }
  if (method === "toUpperCase" || method === "toLowerCase") {
    evaluation.spend(text.length * COST.changeCase);
    return bounded(text[method]());
  }
  const sought = textOf(evaluation, values[0]);
  if (method === "includes" || method === "indexOf") {
    // What is sought may be compared anew at each place of the text.
    const places = Math.max(0, text.length - sought.length);
    evaluation.spend(places * (COST.compare + sought.length * COST.search));
  }
  // The language makes a number of it, and takes its absence for another one in each method.
  return text[method](sought, primitive(values[1]) as number | undefined);
}

export function unary(evaluation: Evaluation, operator: UnaryOperator, value: Value): Value {
  switch (operator) {
    case "!":
      return !value;
    case "typeof":
      return typeof value;
    case "-":
      return -numeric(evaluation, value);
    case "+":
      return +numeric(evaluation, value);
  }
}

/** The one of each operator, so that which one it is need not be found out again with every question. */
export const BINARY: Readonly<
  Record<BinaryOperator, (evaluation: Evaluation, left: Value, right: Value) => Value>
> = {
  "===": isSame,
  "!==": (evaluation, left, right) => !isSame(evaluation, left, right),
  "==": isEqual,
  "!=": (evaluation, left, right) => !isEqual(evaluation, left, right),
  "<": (evaluation, left, right) => numeric(evaluation, left) < numeric(evaluation, right),
  "<=": (evaluation, left, right) => numeric(evaluation, left) <= numeric(evaluation, right),
  ">": (evaluation, left, right) => numeric(evaluation, left) > numeric(evaluation, right),
  ">=": (evaluation, left, right) => numeric(evaluation, left) >= numeric(evaluation, right),
  "+": add,
  "-": (evaluation, left, right) => numeric(evaluation, left) - numeric(evaluation, right),
  "*": (evaluation, left, right) => numeric(evaluation, left) * numeric(evaluation, right),
  "/": (evaluation, left, right) => numeric(evaluation, left) / numeric(evaluation, right),
  "%": (evaluation, left, right) => numeric(evaluation, left) % numeric(evaluation, right),
  "**": (evaluation, left, right) => numeric(evaluation, left) ** numeric(evaluation, right),
  in: (_, left, right) => isMember(keyOf(left), right),
};

function isSame(evaluation: Evaluation, left: Value, right: Value): boolean {
  if (typeof left === "string") evaluation.spend(left.length * COST.compare);
  return left === right;
}

function isEqual(evaluation: Evaluation, left: Value, right: Value): boolean {
  if (left === undefined || left === null || right === undefined || right === null) {
    return (left ?? null) === (right ?? null);
  }
  if (typeof left === "object" && typeof right === "object") return left === right;
  // biome-ignore lint/suspicious/noDoubleEquals: it is what the rule says.
  return numeric(evaluation, left) == numeric(evaluation, right);
}

function add(evaluation: Evaluation, left: Value, right: Value): Value {
  if (typeof left === "string" || typeof right === "string") {
    return bounded(textOf(evaluation, left) + textOf(evaluation, right));
  }
  return numeric(evaluation, left) + numeric(evaluation, right);
}

function isMember(key: string, object: Value): boolean {
  if (typeof object !== "object" || object === null) {
    throw new RuleFailure(`${describe(object)} has no members to look for`);
  }
  if (Object.hasOwn(object, key)) return true;
  if (key in object) throw new RuleFailure(`${quote(key)} is no member of data`);
  return false;
}

/** What the language makes a number of, or compares as a text: whatever it is but an object. */
function numeric(evaluation: Evaluation, value: Value): number {
  if (typeof value === "string") evaluation.spend(value.length * COST.makeNumber);
  return primitive(value) as number;
}

export function textOf(evaluation: Evaluation, value: Value): string {
  const text = `${primitive(value)}`;
  evaluation.spend(text.length * COST.compare);
  return text;
}

export function bounded(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text;
  throw new RuleFailure(`a text would be longer than ${TEXT_LENGTH_MAX} characters`);
}

/** JavaScript would ask an object what it is as a text or a number. */
function primitive(value: Value): Primitive {
  if (typeof value !== "object" || value === null) return value;
  throw new RuleFailure(`${describe(value)} is neither a text nor a number`);
}

function describe(value: Value): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? `the text ${quote(value)}` : String(value);
}
