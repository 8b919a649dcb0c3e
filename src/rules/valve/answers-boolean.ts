// Whether an expression can answer nothing but true or false, whatever the data.

import { COMPARISONS, type Expression } from "./expression.ts";

const comparisons: ReadonlySet<string> = new Set(COMPARISONS);
const predicates: ReadonlySet<string> = new Set(["startsWith", "endsWith", "includes"]);

/** Where it is not certain: false. */
export function answersBoolean(expression: Expression): boolean {
  switch (expression.kind) {
    case "constant":
      return typeof expression.value === "boolean";
    case "unary":
      return expression.operator === "!";
    case "binary":
      return comparisons.has(expression.operator);
    case "logical":
      return answersBoolean(expression.left) && answersBoolean(expression.right);
    case "conditional":
      return answersBoolean(expression.whenTrue) && answersBoolean(expression.whenFalse);
    case "call":
      return predicates.has(expression.method);
    case "member":
      return isOfUser(expression.object) && isConstant(expression.key, "isAuthenticated");
    default:
      return false;
  }
}

function isOfUser(expression: Expression): boolean {
  return expression.kind === "name" && expression.name === "user";
}

function isConstant(expression: Expression, value: string): boolean {
  return expression.kind === "constant" && expression.value === value;
}
