// Flattens a schema into its settings, each with the names that file, environment and flags know it by.

import { KindGuard, type TObject, type TSchema } from "@sinclair/typebox";

export interface Setting {
  readonly path: readonly string[];
  readonly schema: TSchema;
  /** As people find it in the file: `[http] port`. */
  readonly key: string;
  readonly environment: string;
  readonly flag: string;
  readonly alias?: string;
  readonly description: string;
}

/** Flattened once: each source of settings asks for them, at every start. */
const listed = new WeakMap<TObject, readonly Setting[]>();

export function listSettings(schema: TObject): readonly Setting[] {
  const known = listed.get(schema);
  if (known !== undefined) return known;
  const settings = flatten(schema, []);
  listed.set(schema, settings);
  return settings;
}

function flatten(schema: TObject, section: readonly string[]): readonly Setting[] {
  return Object.entries(schema.properties).flatMap(([name, child]) => {
    const path = [...section, name];
    return KindGuard.IsObject(child) ? flatten(child, path) : [describe(child, path)];
  });
}

export function keyOf(path: readonly string[]): string {
  const section = path.slice(0, -1).join(".");
  const name = path.at(-1) ?? "";
  return section === "" ? name : `[${section}] ${name}`;
}

export function environmentOf(path: readonly string[]): string {
  return `MILLRACE_${path.join("_").toUpperCase()}`;
}

function describe(schema: TSchema, path: readonly string[]): Setting {
  const alias: unknown = schema.flag;
  return {
    path,
    schema,
    key: keyOf(path),
    environment: environmentOf(path),
    flag: path.join("-").replaceAll("_", "-"),
    ...(typeof alias === "string" && { alias }),
    description: schema.description ?? "",
  };
}
