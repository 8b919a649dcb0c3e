// The shapes that a setting can have: each is a TypeBox schema with a default, bounds and a description.

import { type TLiteral, Type } from "@sinclair/typebox";
import type { TextFormat } from "./formats.ts";

// `flag` is the short name of a flag that people type often; every setting has its long one anyway.
export function whole(
  initial: number,
  minimum: number,
  maximum: number,
  description: string,
  flag?: string,
) {
  return Type.Integer({ default: initial, minimum, maximum, description, ...(flag && { flag }) });
}

export function unlimited(initial: number, description: string) {
  return whole(initial, 0, Number.MAX_SAFE_INTEGER, description);
}

export function text(format: TextFormat, initial: string, description: string, flag?: string) {
  return Type.String({ default: initial, format, description, ...(flag && { flag }) });
}

export function choice<const T extends string>(
  choices: readonly T[],
  initial: NoInfer<T>,
  description: string,
) {
  const literals: TLiteral<T>[] = choices.map((value) => Type.Literal(value));
  return Type.Union(literals, { default: initial, description });
}

export function list(
  format: TextFormat,
  maxItems: number,
  description: string,
  initial: string[] = [],
) {
  return Type.Array(Type.String({ format }), { default: initial, maxItems, description });
}

export function onOff(initial: boolean, description: string) {
  return Type.Boolean({ default: initial, description });
}

/** A list whose order counts and that names nothing twice. */
export function choices<const T extends string>(
  names: readonly T[],
  initial: NoInfer<T>[],
  description: string,
) {
  const literals: TLiteral<T>[] = names.map((value) => Type.Literal(value));
  return Type.Array(Type.Union(literals), {
    default: initial,
    maxItems: names.length,
    uniqueItems: true,
    description,
  });
}

export function wholes(
  minimum: number,
  maximum: number,
  maxItems: number,
  initial: number[],
  description: string,
) {
  return Type.Array(Type.Integer({ minimum, maximum }), {
    default: initial,
    maxItems,
    description,
  });
}

/** The path of a file that belongs to the configuration: in its file, relative to that file. */
export function besideFile(initial: string, description: string) {
  return Type.String({ default: initial, format: "path", besideFile: true, description });
}
