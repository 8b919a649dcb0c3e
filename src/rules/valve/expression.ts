// What a rule's expression can be: the part of JavaScript that rules are made of, and nothing else.

import type { RegularExpression } from "./regular-expression.ts";

export type Expression =
  | { readonly kind: "constant"; readonly value: Primitive }
  | { readonly kind: "name"; readonly name: Name }
  /** What a variable of the pattern stands for, by its place among them. */
  | { readonly kind: "variable"; readonly index: number }
  /** The data of another record: `_(name)`. */
  | { readonly kind: "record"; readonly name: Expression }
  | ({ readonly kind: "member"; readonly key: Expression } & Access)
  | ({
      readonly kind: "call";
      readonly method: Method;
      readonly values: readonly Expression[];
    } & Access)
  | ({ readonly kind: "match"; readonly regularExpression: RegularExpression } & Access)
  /** Where `?.` inside of it ends. */
  | { readonly kind: "chain"; readonly links: Expression }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression }
  | ({ readonly kind: "binary"; readonly operator: BinaryOperator } & Operands)
  | ({ readonly kind: "logical"; readonly operator: LogicalOperator } & Operands)
  | {
      readonly kind: "conditional";
      readonly test: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: "array"; readonly elements: readonly Expression[] }
  /** A text before each value and one at the end. */
  | {
      readonly kind: "template";
      readonly texts: readonly string[];
      readonly values: readonly Expression[];
    };

export type Primitive = undefined | null | boolean | number | string;

/** What an expression answers: data, which came from JSON, or was made of it here. */
export type Value = Primitive | object;

export interface Access {
  readonly object: Expression;
  /** Whether it is `?.`, which ends the chain where there is nothing to access. */
  readonly isOptional: boolean;
}

interface Operands {
  readonly left: Expression;
  readonly right: Expression;
}

export const NAMES = ["user", "data", "oldData", "now", "action", "name"] as const;
export type Name = (typeof NAMES)[number];

/** How many values each takes. */
export const METHODS = {
  startsWith: [1, 2],
  endsWith: [1, 2],
  includes: [1, 2],
  indexOf: [1, 2],
  toUpperCase: [0, 0],
  toLowerCase: [0, 0],
  trim: [0, 0],
} as const satisfies Record<string, readonly [number, number]>;
export type Method = keyof typeof METHODS;

export const UNARY_OPERATORS = ["!", "-", "+", "typeof"] as const;
export type UnaryOperator = (typeof UNARY_OPERATORS)[number];

export const COMPARISONS = ["===", "!==", "==", "!=", "<", "<=", ">", ">=", "in"] as const;
export const CALCULATIONS = ["+", "-", "*", "/", "%", "**"] as const;
export type BinaryOperator = (typeof COMPARISONS | typeof CALCULATIONS)[number];

export type LogicalOperator = "&&" | "||" | "??";
