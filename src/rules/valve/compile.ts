// Expressions as functions, made once: each calls those of its parts.

import type { Evaluation } from "./evaluation.ts";
import type { Access, Expression, LogicalOperator, Method, Value } from "./expression.ts";
import { RuleFailure } from "./failure.ts";
import type { RegularExpression } from "./regular-expression.ts";
import {
  BINARY,
  bounded,
  call,
  keyOf,
  type Link,
  memberOf,
  SKIPPED,
  textOf,
  unary,
} from "./values.ts";

/** Throws `RuleFailure` and `RecordNeeded`. */
export type Evaluate = (evaluation: Evaluation) => Value;
type EvaluateLink = (evaluation: Evaluation) => Link;

/** What a step of matching costs at worst, in the measure of `Evaluation.spend`; mostly it is a hundredth. */
const MATCH_STEP = 100;

export function compile(expression: Expression): Evaluate {
  switch (expression.kind) {
    case "member":
    case "call":
    case "match":
      // Nothing is skipped where no chain is around it.
      return compileLink(expression) as Evaluate;
    case "chain": {
      const links = compileLink(expression.links);
      return (evaluation) => {
        const value = links(evaluation);
        return value === SKIPPED ? undefined : value;
      };
    }
    case "constant": {
      const { value } = expression;
      return () => value;
    }
    case "name": {
      const { name } = expression;
      return (evaluation) => evaluation.name(name);
    }
    case "variable": {
      const { index } = expression;
      return (evaluation) => evaluation.variable(index);
    }
    case "record": {
      const name = compile(expression.name);
      return (evaluation) => evaluation.record(name(evaluation));
    }
    case "unary": {
      const { operator } = expression;
      const operand = compile(expression.operand);
      return (evaluation) => unary(evaluation, operator, operand(evaluation));
    }
    case "binary": {
      const operation = BINARY[expression.operator];
      const left = compile(expression.left);
      const right = compile(expression.right);
      return (evaluation) => operation(evaluation, left(evaluation), right(evaluation));
    }
    case "logical":
      return logical(expression.operator, compile(expression.left), compile(expression.right));
    case "conditional": {
      const test = compile(expression.test);
      const whenTrue = compile(expression.whenTrue);
      const whenFalse = compile(expression.whenFalse);
      return (evaluation) => (test(evaluation) ? whenTrue(evaluation) : whenFalse(evaluation));
    }
    case "array": {
      const elements = expression.elements.map(compile);
      return (evaluation) => elements.map((element) => element(evaluation));
    }
    case "template":
      return template(expression.texts, expression.values.map(compile));
  }
}

function compileLink(expression: Expression): EvaluateLink {
  switch (expression.kind) {
    case "member":
      return member(compileObject(expression), expression.key);
    case "call":
      return methodCall(
        compileObject(expression),
        expression.method,
        expression.values.map(compile),
      );
    case "match":
      return match(compileObject(expression), expression.regularExpression);
    default:
      return compile(expression);
  }
}

function compileObject({ object, isOptional }: Access): EvaluateLink {
  const link = compileLink(object);
  if (!isOptional) return link;
  return (evaluation) => link(evaluation) ?? SKIPPED;
}

function member(object: EvaluateLink, key: Expression): EvaluateLink {
  if (key.kind === "constant") {
    const name = keyOf(key.value);
    return (evaluation) => memberOf(object(evaluation), name);
  }
  const name = compile(key);
  return (evaluation) => {
    const value = object(evaluation);
    return value === SKIPPED ? SKIPPED : memberOf(value, keyOf(name(evaluation)));
  };
}

function methodCall(
  object: EvaluateLink,
  method: Method,
  values: readonly Evaluate[],
): EvaluateLink {
  return (evaluation) => {
    const value = object(evaluation);
    if (value === SKIPPED) return SKIPPED;
    return call(
      evaluation,
      method,
      value,
      values.map((evaluate) => evaluate(evaluation)),
    );
  };
}

function match(object: EvaluateLink, regularExpression: RegularExpression): EvaluateLink {
  return (evaluation) => {
    const text = object(evaluation);
    if (text === SKIPPED) return SKIPPED;
    if (typeof text !== "string") throw new RuleFailure("only a text has the function match");
    evaluation.spend(text.length * regularExpression.cost * MATCH_STEP);
    return regularExpression.match(text);
  };
}

function logical(operator: LogicalOperator, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    case "&&":
      return (evaluation) => left(evaluation) && right(evaluation);
    case "||":
      return (evaluation) => left(evaluation) || right(evaluation);
    case "??":
      return (evaluation) => left(evaluation) ?? right(evaluation);
  }
}

function template(texts: readonly string[], values: readonly Evaluate[]): Evaluate {
  return (evaluation) => {
    let text = texts[0] as string;
    for (const [index, value] of values.entries()) {
      text = bounded(text + textOf(evaluation, value(evaluation)) + texts[index + 1]);
    }
    return text;
  };
}
