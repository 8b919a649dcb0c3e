// Reads settings from environment variables such as MILLRACE_HTTP_PORT.

import { KindGuard, type TObject } from "@sinclair/typebox";
import { nearMiss } from "./near-miss.ts";
import { environmentOf, listSettings, type Setting } from "./setting.ts";
import { type Statement, stateProblem, stateValue } from "./statement.ts";
import { parseText } from "./value.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export function readEnvironment(schema: TObject, environment: Environment): Statement[] {
  const settings = listSettings(schema);
  const known = settings.flatMap((setting) => {
    const text = environment[setting.environment];
    // Service files and containers write `NAME=` to give no value.
    if (text === undefined || text === "") return [];
    return stateValue(
      setting.key,
      setting.environment,
      setting.schema,
      parseText(setting.schema, text),
    );
  });
  return [...known, ...readUnknown(schema, settings, Object.keys(environment))];
}

// Names that begin like no section are left alone: people keep a MILLRACE_TOKEN for their scripts.
function readUnknown(
  schema: TObject,
  settings: readonly Setting[],
  names: readonly string[],
): Statement[] {
  const known = settings.map((setting) => setting.environment);
  const sections = Object.entries(schema.properties)
    .filter(([, child]) => KindGuard.IsObject(child))
    .map(([name]) => `${environmentOf([name])}_`);
  return names.flatMap((name) => {
    const section = sections.find((start) => name.startsWith(start));
    if (section === undefined || known.includes(name)) return [];
    const near = nearMiss(name, known);
    const there = known.filter((other) => other.startsWith(section)).join(", ");
    return [
      stateProblem(`${name} is unknown; ${near ? `did you mean ${near}?` : `known: ${there}.`}`),
    ];
  });
}
