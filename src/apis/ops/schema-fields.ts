// A JSON Schema in words: its fields one below the other, each with its type and bounds.

import type { JsonSchema } from "../../http/openapi.ts";
import { type Html, html } from "./html.ts";

export interface Field {
  /** With those that it is in: `retention.seconds`; of the elements of an array, `topics[].name`. */
  readonly name: string;
  readonly isRequired: boolean;
  readonly type: Html;
  readonly description: string;
}

/** Of an object, and of the objects in it; a schema that has a name of its own is not looked into. */
export function fieldsOf(schema: JsonSchema, prefix = ""): readonly Field[] {
  const items = memberOf(schema, "items");
  if (items !== undefined) return fieldsOf(items, `${prefix}[]`);
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = Object.entries(memberOf(schema, "properties") ?? {});
  return properties.flatMap(([property, value]) => {
    const child = value as JsonSchema;
    const name = prefix === "" ? property : `${prefix}.${property}`;
    const field = {
      name,
      isRequired: required.includes(property),
      type: describeType(child),
      description: typeof child.description === "string" ? child.description : "",
    };
    return [field, ...fieldsOf(child, name)];
  });
}

/** What a value may be, in a few words. */
export function describeType(schema: JsonSchema): Html {
  const { $ref, anyOf, enum: choices, type } = schema;
  if (typeof $ref === "string") {
    const name = $ref.slice($ref.lastIndexOf("/") + 1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if ("const" in schema) return code(schema.const);
  if (Array.isArray(choices)) return listed(choices.map(code));
  if (Array.isArray(anyOf)) return listed(anyOf.map(describeType));
  const items = memberOf(schema, "items");
  if (items !== undefined) return html`array of ${describeType(items)}`;
  const { properties } = schema;
  if (type === "object" && properties !== undefined) {
    return html`object with ${Object.keys(properties as object).join(", ") || "any members"}`;
  }
  return html`${typeof type === "string" ? type : "any value"}${boundsOf(schema)}`;
}

function boundsOf({ minimum, maximum, minLength, maxLength, default: usual }: JsonSchema): string {
  const range = (from: unknown, to: unknown, unit: string) => {
    if (from === undefined && to === undefined) return [];
    if (to === undefined || to === Number.MAX_SAFE_INTEGER) return [`at least ${from}${unit}`];
    return [`${from ?? 0} to ${to}${unit}`];
  };
  const facts = [
    ...range(minimum, maximum, ""),
    ...(minLength === 1 && maxLength === undefined
      ? ["not empty"]
      : range(minLength, maxLength, " characters")),
    ...(usual === undefined ? [] : [`${usual} unless given`]),
  ];
  return facts.length === 0 ? "" : `, ${facts.join(", ")}`;
}

function listed(parts: readonly Html[]): Html {
  return html`${parts.map((part, index) => (index === 0 ? part : html` or ${part}`))}`;
}

function code(value: unknown): Html {
  return html`<code>${typeof value === "string" ? value : JSON.stringify(value)}</code>`;
}

function memberOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const member = schema[name];
  return typeof member === "object" && member !== null ? (member as JsonSchema) : undefined;
}
