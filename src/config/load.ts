// Puts the settings together: a flag wins over the environment, that over the file, that over a default.

import { type Static, type TObject, TypeGuard } from "@sinclair/typebox";
import { type Environment, readEnvironment } from "./environment.ts";
import { readFile } from "./file.ts";
import { type FlagValues, readFlags } from "./flags.ts";
import { brokenRules } from "./rules.ts";
import { Settings } from "./schema.ts";
import { keyOf } from "./setting.ts";
import type { Statement } from "./statement.ts";

export interface Sources {
  /** TOML. */
  readonly fileText?: string | undefined;
  /** What problems call the file. */
  readonly fileName?: string | undefined;
  /** Variables that are set to nothing count as not set. */
  readonly environment: Environment;
  readonly flags: FlagValues;
}

export type Loaded = { readonly settings: Settings } | { readonly problems: readonly string[] };

/** Names everything that is wrong in any source, also where a stronger source has the last word. */
export function loadSettings(sources: Sources): Loaded {
  const { settings, problems, doubtful } = readSettings(Settings, sources);
  const all = [...problems, ...brokenRules(settings, doubtful)];
  return all.length > 0 ? { problems: all } : { settings };
}

/** The part that works for any schema. `doubtful` are the settings whose value is not what was meant. */
export function readSettings<T extends TObject>(schema: T, sources: Sources) {
  const statements = [
    ...(sources.fileText === undefined
      ? []
      : readFile(schema, sources.fileText, sources.fileName ?? "the file")),
    ...readEnvironment(schema, sources.environment),
    ...readFlags(schema, sources.flags),
  ];
  const problems = statements.filter((statement) => statement.kind === "problem");
  return {
    settings: assemble(schema, valuesOf(statements)) as Static<T>,
    problems: problems.map(({ problem }) => problem),
    doubtful: new Set(problems.flatMap(({ keys }) => keys)),
  };
}

function valuesOf(statements: readonly Statement[]): Map<string, unknown> {
  const values = statements.filter((statement) => statement.kind === "value");
  return new Map(values.map(({ key, value }) => [key, value]));
}

function assemble(
  schema: TObject,
  values: ReadonlyMap<string, unknown>,
  section: readonly string[] = [],
): unknown {
  const entries = Object.entries(schema.properties).map(([name, child]): [string, unknown] => {
    const path = [...section, name];
    if (TypeGuard.IsObject(child)) return [name, assemble(child, values, path)];
    return [name, values.get(keyOf(path)) ?? structuredClone(child.default)];
  });
  return Object.fromEntries(entries);
}
