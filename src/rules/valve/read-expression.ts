// The text of a rule as an expression, or all that is wrong with it.

import { type AnyNode, type CallExpression, type Identifier, type Literal, parse } from "acorn";
import type { RuleAction, RuleSection } from "../../core/access/rules.ts";
import type { ActionSupport } from "./actions.ts";
import {
  type Access,
  type BinaryOperator,
  CALCULATIONS,
  COMPARISONS,
  type Expression,
  METHODS,
  type Method,
  NAMES,
  type Name,
  type Primitive,
  UNARY_OPERATORS,
  type UnaryOperator,
} from "./expression.ts";
import { compileRegularExpression } from "./regular-expression.ts";
import { RegularExpressionProblem } from "./regular-expression-problem.ts";

const LENGTH_MAX = 8192;
/** An expression is compiled and evaluated to the depth to which it is nested; a list of n alternatives has depth n. */
const DEPTH_MAX = 500;
const TOO_DEEP = `rule can't be nested deeper than ${DEPTH_MAX} levels`;

/** What a rule's text is about. */
export interface RuleContext {
  readonly section: RuleSection;
  readonly action: RuleAction;
  readonly support: ActionSupport;
  /** Of its pattern, each with its dollar sign. */
  readonly variables: readonly string[];
}

export interface ReadExpression {
  readonly expression: Expression;
  /** What it refers to. */
  readonly names: ReadonlySet<Name>;
  /** Whether it refers to other records. */
  readonly hasRecords: boolean;
}

export type Reading =
  | ({ readonly kind: "read" } & ReadExpression)
  | { readonly kind: "refused"; readonly problems: readonly string[] };

export function readExpression(text: string, context: RuleContext): Reading {
  const parsed = parseText(text);
  if (typeof parsed === "string") return { kind: "refused", problems: [parsed] };
  const reader = new Reader(context);
  const expression = reader.read(parsed, 0);
  if (reader.problems.size > 0) return { kind: "refused", problems: [...reader.problems] };
  return { kind: "read", expression, names: reader.names, hasRecords: reader.hasRecords };
}

/** The parser's tree, or what is wrong with the text. */
function parseText(text: string): AnyNode | string {
  if (text.trim() === "") return "rule can't be empty";
  if (text.length > LENGTH_MAX) return `rule can't be longer than ${LENGTH_MAX} characters`;
  try {
    // As in a module: strictly, and without the comments of HTML.
    const [statement, more] = parse(text, { ecmaVersion: 2024, sourceType: "module" }).body;
    if (more === undefined && statement?.type === "ExpressionStatement") {
      return statement.expression;
    }
    return "rule must be one expression";
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return `rule is no expression of JavaScript: ${withPlace(cause)}`;
  }
}

/** The parser counts columns from 0, and says where in brackets. */
function withPlace({ message }: SyntaxError): string {
  return message.replace(
    / \((\d+):(\d+)\)$/,
    (_, line: string, column: string) => ` in line ${line} of it, column ${Number(column) + 1}`,
  );
}

class Reader {
  readonly problems = new Set<string>();
  readonly names = new Set<Name>();
  hasRecords = false;
  readonly #context: RuleContext;

  constructor(context: RuleContext) {
    this.#context = context;
  }

  read(node: AnyNode, depth: number): Expression {
    if (depth > DEPTH_MAX) return this.#refuse(TOO_DEEP);
    const read = (part: AnyNode) => this.read(part, depth + 1);
    switch (node.type) {
      case "Literal":
        return this.#literal(node);
      case "Identifier":
        return this.#identifier(node.name);
      case "CallExpression":
        return this.#call(node, read);
      case "MemberExpression": {
        const { object, property, computed, optional } = node;
        const key = computed ? read(property) : constant((property as Identifier).name);
        return { kind: "member", object: read(object), key, isOptional: optional };
      }
      case "ChainExpression":
        return { kind: "chain", links: read(node.expression) };
      case "UnaryExpression": {
        const { operator } = node;
        if (!isUnary(operator)) return this.#refuseOperator(operator);
        return { kind: "unary", operator, operand: read(node.argument) };
      }
      case "BinaryExpression": {
        const { operator } = node;
        if (!isBinary(operator)) return this.#refuseOperator(operator);
        return { kind: "binary", operator, left: read(node.left), right: read(node.right) };
      }
      case "LogicalExpression": {
        const { operator } = node;
        return { kind: "logical", operator, left: read(node.left), right: read(node.right) };
      }
      case "ConditionalExpression": {
        const { test, consequent, alternate } = node;
        return {
          kind: "conditional",
          test: read(test),
          whenTrue: read(consequent),
          whenFalse: read(alternate),
        };
      }
      case "ArrayExpression": {
        if (node.elements.includes(null)) return this.#refuse("rule can't contain lists with gaps");
        return {
          kind: "array",
          elements: node.elements.map((element) => read(element as AnyNode)),
        };
      }
      case "TemplateLiteral": {
        const texts = node.quasis.map(({ value }) => value.cooked as string);
        return { kind: "template", texts, values: node.expressions.map(read) };
      }
      default:
        return this.#refuse(REFUSALS.get(node.type) ?? `rule can't contain ${node.type}`);
    }
  }

  #literal({ value, regex }: Literal): Expression {
    if (regex !== undefined) {
      return this.#refuse(
        "rule can't contain a regular expression but as what match is called with",
      );
    }
    if (typeof value === "bigint") return this.#refuse("rule can't contain bigints");
    return constant(value as Primitive);
  }

  #identifier(name: string): Expression {
    if (CONSTANTS.has(name)) return constant(CONSTANTS.get(name));
    const { section, action, support, variables } = this.#context;
    const index = variables.indexOf(name);
    if (index >= 0) return { kind: "variable", index };
    if (!isName(name)) return this.#refuse(`unknown name ${name}: allowed are ${this.#allowed()}`);
    if ((name === "data" || name === "oldData") && !support[name]) {
      return this.#refuse(`rule ${action} for ${section} does not support ${name}`);
    }
    this.names.add(name);
    return { kind: "name", name };
  }

  #allowed(): string {
    const { support, variables } = this.#context;
    const names = NAMES.filter((name) =>
      name === "data" || name === "oldData" ? support[name] : true,
    );
    return [...names, ...variables, "_()"].join(", ");
  }

  #call(node: CallExpression, read: (node: AnyNode) => Expression): Expression {
    const { callee, arguments: given, optional } = node;
    if (callee.type === "Identifier" && callee.name === "_" && !optional) {
      if (given.length !== 1) return this.#refuse("function _ takes the name of one record");
      this.hasRecords = true;
      return { kind: "record", name: read(given[0] as AnyNode) };
    }
    const name = calledName(callee);
    if (callee.type !== "MemberExpression" || optional || !(isMethod(name) || name === "match")) {
      return this.#refuse(`function ${name} is not supported`);
    }
    const access = { object: read(callee.object), isOptional: callee.optional };
    if (name === "match") return this.#match(given, access);
    const [min, max] = METHODS[name];
    if (given.length < min || given.length > max) {
      return this.#refuse(
        `function ${name} takes ${max === 0 ? "no values" : `${min} or ${max} values`}`,
      );
    }
    return { kind: "call", method: name, values: given.map(read), ...access };
  }

  #match(given: CallExpression["arguments"], access: Access): Expression {
    const [sought] = given;
    const { regex, value } = sought?.type === "Literal" ? sought : {};
    if (given.length !== 1 || (regex === undefined && typeof value !== "string")) {
      return this.#refuse("function match takes a regular expression that is written out");
    }
    const { pattern, flags } = regex ?? { pattern: value as string, flags: "" };
    try {
      const regularExpression = compileRegularExpression(pattern, flags);
      return { kind: "match", regularExpression, ...access };
    } catch (cause) {
      if (!(cause instanceof RegularExpressionProblem)) throw cause;
      return this.#refuse(`the regular expression can't be matched: ${cause.message}`);
    }
  }

  #refuseOperator(operator: string): Expression {
    return this.#refuse(`rule can't contain the operator ${operator}`);
  }

  /** Takes down the problem; what it gives in place of an expression is for none to evaluate. */
  #refuse(problem: string): Expression {
    this.problems.add(problem);
    return constant(undefined);
  }
}

const REFUSALS: ReadonlyMap<string, string> = new Map([
  ["NewExpression", "rule can't contain the new keyword"],
  ["FunctionExpression", "rule can't contain user functions"],
  ["ArrowFunctionExpression", "rule can't contain user functions"],
  ["ClassExpression", "rule can't contain user functions"],
  ["AssignmentExpression", "rule can't assign: === compares"],
  ["UpdateExpression", "rule can't assign: === compares"],
  ["SequenceExpression", "rule can't contain the comma operator"],
  ["ThisExpression", "rule can't contain the this keyword"],
  ["ObjectExpression", "rule can't contain objects"],
  ["SpreadElement", "rule can't contain ..."],
  ["TaggedTemplateExpression", "rule can't contain tagged templates"],
]);

const CONSTANTS: ReadonlyMap<string, Primitive> = new Map([
  ["undefined", undefined],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
]);

function constant(value: Primitive): Expression {
  return { kind: "constant", value };
}

/** What the author would call it. */
function calledName(callee: CallExpression["callee"]): string {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression") return "of an expression";
  const { computed, property } = callee;
  if (!computed && property.type === "Identifier") return property.name;
  return property.type === "Literal" && typeof property.value === "string"
    ? property.value
    : "of an expression";
}

function isName(name: string): name is Name {
  return (NAMES as readonly string[]).includes(name);
}

function isMethod(name: string): name is Method {
  return Object.hasOwn(METHODS, name);
}

function isUnary(operator: string): operator is UnaryOperator {
  return (UNARY_OPERATORS as readonly string[]).includes(operator);
}

function isBinary(operator: string): operator is BinaryOperator {
  return ([...COMPARISONS, ...CALCULATIONS] as readonly string[]).includes(operator);
}
