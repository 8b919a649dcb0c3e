// Judges the value of a setting by its schema and says what would be allowed.

import { KindGuard, type TSchema } from "@sinclair/typebox";
import { formats, type TextFormat } from "./formats.ts";

/** What is wrong with a value, as the ends of sentences that begin with its place; none when it is right. */
export function faults(schema: TSchema, value: unknown): string[] {
  if (!KindGuard.IsArray(schema) || !Array.isArray(value)) {
    return accepts(schema, value)
      ? []
      : [`is ${show(value)}; it must be ${quoting(schema, value)}`];
  }
  const items: unknown[] = value;
  if (items.length > (schema.maxItems ?? Infinity)) {
    return [`has ${items.length} items; it may have ${schema.maxItems} at most`];
  }
  const wrong = items
    .filter((item) => !accepts(schema.items, item))
    .map((item) => `has the item ${show(item)}; each item must be ${allowed(schema.items)}`);
  return wrong.length > 0 || schema.uniqueItems !== true ? wrong : repetitions(items);
}

function repetitions(items: readonly unknown[]): string[] {
  const again = items.filter((item, place) => items.indexOf(item) < place);
  return [...new Set(again)].map((item) => `has the item ${show(item)} more than once`);
}

/** Text of the environment or a flag as the value that it stands for; as it is when it stands for none. */
export function parseText(schema: TSchema, text: string): unknown {
  if (KindGuard.IsInteger(schema)) return /^[0-9]{1,16}$/.test(text) ? Number(text) : text;
  if (KindGuard.IsBoolean(schema)) return text === "true" ? true : text === "false" ? false : text;
  if (!KindGuard.IsArray(schema)) return text;
  return text === "" ? [] : text.split(",").map((item) => parseText(schema.items, item.trim()));
}

export function allowed(schema: TSchema): string {
  if (KindGuard.IsInteger(schema))
    return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (KindGuard.IsBoolean(schema)) return "true or false";
  if (KindGuard.IsUnion(schema)) return `one of ${choices(schema.anyOf).map(show).join(", ")}`;
  if (KindGuard.IsArray(schema)) {
    const once = schema.uniqueItems === true ? ", and none of them twice" : "";
    return `a list, each item ${allowed(schema.items)}${once}`;
  }
  return `${formatOf(schema).allowed}${schema.default === "" ? ", or empty" : ""}`;
}

// Says it where only the quotation marks of the file are wrong.
function quoting(schema: TSchema, value: unknown): string {
  if (KindGuard.IsString(schema) && typeof value !== "string")
    return `text in quotes: ${allowed(schema)}`;
  const bare =
    (KindGuard.IsInteger(schema) || KindGuard.IsBoolean(schema)) &&
    typeof value === "string" &&
    accepts(schema, parseText(schema, value));
  return `${allowed(schema)}${bare ? ", without quotes" : ""}`;
}

function accepts(schema: TSchema, value: unknown): boolean {
  if (KindGuard.IsInteger(schema)) return isWhole(value, schema.minimum ?? 0, schema.maximum ?? 0);
  if (KindGuard.IsBoolean(schema)) return typeof value === "boolean";
  if (KindGuard.IsUnion(schema)) return choices(schema.anyOf).includes(value);
  if (!KindGuard.IsString(schema) || typeof value !== "string") return false;
  // A setting that is empty by default means "none", and can be put back to that by a stronger source.
  return (value === "" && schema.default === "") || formatOf(schema).accepts(value);
}

function isWhole(value: unknown, minimum: number, maximum: number): boolean {
  return (
    typeof value === "number" && Number.isSafeInteger(value) && value >= minimum && value <= maximum
  );
}

function choices(schemas: readonly TSchema[]): unknown[] {
  return schemas.map((schema): unknown => schema.const);
}

function formatOf(schema: TSchema) {
  const name: TextFormat = schema.format;
  return formats[name];
}

function show(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return "a list";
  // The parser makes dates and times objects of classes, and tables plain ones.
  return isTable(value) ? "a section" : "a date or time";
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
