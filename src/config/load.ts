// Puts the settings together: a flag wins over the environment, that over the file, that over a default.

import { KindGuard, type Static, type TObject } from "@sinclair/typebox";
import { type Environment, readEnvironment } from "./environment.ts";
import { readFile } from "./file.ts";
import { type FlagValues, readFlags } from "./flags.ts";
import { brokenRules } from "./rules.ts";
import { Settings } from "./schema.ts";
import { keyOf, listSettings } from "./setting.ts";
import type { Statement } from "./statement.ts";

export interface Sources {
  /** TOML. */
  readonly fileText?: string | undefined;
  /** What problems call the file. */
  readonly fileName?: string | undefined;
  /** Makes a path that is relative to the file one that can be opened; without it, they stay as they are. */
  readonly resolvePath?: ((path: string) => string) | undefined;
  /** Variables that are set to nothing count as not set. */
  readonly environment: Environment;
  readonly flags: FlagValues;
  /** False: no server is to listen with them, so what only matters to one that listens is left alone. */
  readonly toListen?: boolean;
}

export type Loaded = { readonly settings: Settings } | { readonly problems: readonly string[] };

/** Names everything that is wrong in any source, also where a stronger source has the last word. */
export function loadSettings(sources: Sources): Loaded {
  const { settings, problems, doubtful, stated } = readSettings(Settings, sources);
  const all = [...problems, ...brokenRules(settings, doubtful, stated, sources.toListen ?? true)];
  return all.length > 0 ? { problems: all } : { settings };
}

/**
 * The part that works for any schema. `doubtful` are the settings whose value is not what was meant,
 * `stated` those that some source gives a value.
 */
export function readSettings<T extends TObject>(schema: T, sources: Sources) {
  const inFile =
    sources.fileText === undefined
      ? []
      : readFile(schema, sources.fileText, sources.fileName ?? "the file");
  const elsewhere = [
    ...readEnvironment(schema, sources.environment),
    ...readFlags(schema, sources.flags),
  ];
  const problems = [...inFile, ...elsewhere].filter((statement) => statement.kind === "problem");
  const weak = new Map([...defaultsOf(schema), ...valuesOf(inFile)]);
  const strong = valuesOf(elsewhere);
  const values = new Map([...resolvePaths(schema, weak, sources.resolvePath), ...strong]);
  return {
    settings: assemble(schema, values) as Static<T>,
    problems: problems.map(({ problem }) => problem),
    doubtful: new Set(problems.flatMap(({ keys }) => keys)),
    stated: new Set([...valuesOf(inFile).keys(), ...strong.keys()]),
  };
}

type Values = ReadonlyMap<string, unknown>;

function defaultsOf(schema: TObject): Values {
  return new Map(
    listSettings(schema).map((setting) => [setting.key, structuredClone(setting.schema.default)]),
  );
}

function valuesOf(statements: readonly Statement[]): Values {
  const values = statements.filter((statement) => statement.kind === "value");
  return new Map(values.map(({ key, value }) => [key, value]));
}

function resolvePaths(
  schema: TObject,
  values: Values,
  resolvePath: Sources["resolvePath"] = (path) => path,
): Values {
  const paths = listSettings(schema).flatMap((setting): [string, string][] => {
    const value = values.get(setting.key);
    const isPath = setting.schema.besideFile === true && typeof value === "string" && value !== "";
    return isPath ? [[setting.key, resolvePath(value)]] : [];
  });
  return new Map([...values, ...paths]);
}

function assemble(schema: TObject, values: Values, section: readonly string[] = []): unknown {
  const entries = Object.entries(schema.properties).map(([name, child]): [string, unknown] => {
    const path = [...section, name];
    const value = KindGuard.IsObject(child)
      ? assemble(child, values, path)
      : values.get(keyOf(path));
    return [name, value];
  });
  return Object.fromEntries(entries);
}
