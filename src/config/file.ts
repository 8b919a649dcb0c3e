// Reads settings from TOML text.

import { KindGuard, type TObject } from "@sinclair/typebox";
import { nearMiss } from "./near-miss.ts";
import { keyOf, listSettings } from "./setting.ts";
import { type Statement, stateProblem, stateValue } from "./statement.ts";
import { isTable } from "./value.ts";

export function readFile(schema: TObject, fileText: string, fileName: string): Statement[] {
  const table = parse(fileText);
  if (!(table instanceof Error)) return readTable({ schema, fileName }, schema, table, []);
  const reason = table.message.replace(/^TOML Parse error: /, "");
  const keys = listSettings(schema).map(({ key }) => key);
  return [
    stateProblem(
      `${fileName} is not valid TOML, line ${lineOf(fileText, table)}: ${reason}.`,
      keys,
    ),
  ];
}

interface File {
  readonly schema: TObject;
  readonly fileName: string;
}

function readTable(
  file: File,
  section: TObject,
  table: object,
  path: readonly string[],
): Statement[] {
  return Object.entries(table).flatMap(([name, value]: [string, unknown]) => {
    const child = Object.hasOwn(section.properties, name) ? section.properties[name] : undefined;
    const childPath = [...path, name];
    const place = `${labelOf(childPath, isTable(value))} in ${file.fileName}`;
    if (child === undefined)
      return [stateProblem(`${place} is unknown; ${hint(file, section, childPath)}`)];
    if (!KindGuard.IsObject(child)) return stateValue(keyOf(childPath), place, child, value);
    if (isTable(value)) return readTable(file, child, value, childPath);
    return [
      stateProblem(
        `${place} must be a section, which begins with the line ${labelOf(childPath, true)}.`,
      ),
    ];
  });
}

function hint(file: File, section: TObject, path: readonly string[]): string {
  const name = path.at(-1) ?? "";
  const known = Object.keys(section.properties);
  const near = nearMiss(name, known);
  if (near !== undefined) {
    const nearPath = [...path.slice(0, -1), near];
    return `did you mean ${labelOf(nearPath, KindGuard.IsObject(section.properties[near]))}?`;
  }
  const elsewhere = listSettings(file.schema).find((setting) => setting.path.at(-1) === name);
  if (elsewhere !== undefined) return `did you mean ${elsewhere.key}?`;
  return `known there: ${known.join(", ")}.`;
}

function labelOf(path: readonly string[], isSection: boolean): string {
  return isSection ? `[${path.join(".")}]` : keyOf(path);
}

function parse(fileText: string): object | Error {
  try {
    return Bun.TOML.parse(fileText);
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}

// The parser does not say where it stopped. It stops at the first error, so from that line on every
// beginning of the text fails alike, and the beginning before it does not.
function lineOf(fileText: string, error: Error): number {
  const lines = fileText.split("\n");
  let line = lines.length;
  while (line > 1) {
    const before = parse(`${lines.slice(0, line - 1).join("\n")}\n`);
    if (!(before instanceof Error) || before.message !== error.message) break;
    line--;
  }
  return line;
}
