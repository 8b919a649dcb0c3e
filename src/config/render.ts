// Writes the settings down for people: the help, the example file and the README's table.

import { KindGuard, type TObject } from "@sinclair/typebox";
import { namesOf } from "./flags.ts";
import { Settings } from "./schema.ts";
import { listSettings, type Setting } from "./setting.ts";
import { allowed } from "./value.ts";

/** The part of `--help` about settings; a command that knows only some of them names those. */
export function settingsHelp(settings: readonly Setting[] = listSettings(Settings)): string {
  const opening =
    "Settings, each as a flag, an environment variable (an empty one counts as not set) or in the file, the first of them winning:";
  const entries = settings.map((setting) => {
    const names = namesOf(setting).map((name) => `--${name}`);
    const value = KindGuard.IsBoolean(setting.schema) ? "" : " VALUE";
    return `  ${names.join(", ")}${value}\n${wrap(settingFacts(setting), "      ")}\n`;
  });
  return `${wrap(opening, "")}\n${entries.join("")}`;
}

/** What it does, its default and its variable. */
export function settingFacts({ schema, description, environment }: Setting): string {
  const several = KindGuard.IsArray(schema) ? "Several are separated by commas. " : "";
  return `${description} ${several}Default: ${literal(schema.default)}. ${environment}`;
}

/** A file that has every setting as a comment with its default, so that it changes nothing until somebody edits it. */
export function exampleFile(schema: TObject = Settings): string {
  const opening =
    "The settings of Millrace and their defaults: to change one, remove the # before it. A flag such as --http-port wins over an environment variable such as MILLRACE_HTTP_PORT, and that over this file.";
  return `${wrap(opening, "# ")}\n${exampleSection(schema, [])}`;
}

/** A Markdown table. */
export function settingsTable(settings: readonly Setting[] = listSettings(Settings)): string {
  const rows = settings.map((setting) => [
    code(setting.key),
    code(setting.environment),
    namesOf(setting)
      .map((name) => code(`--${name}`))
      .join(" "),
    code(literal(setting.schema.default)),
    setting.description.replaceAll("|", "\\|"),
  ]);
  const head = ["setting", "environment", "flag", "default", "what it does"];
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |\n`)
    .join("");
}

function exampleSection(schema: TObject, path: readonly string[]): string {
  const children = Object.entries(schema.properties);
  const settings = children.map(([name, child]) => {
    if (KindGuard.IsObject(child)) return "";
    const about = `${child.description} Allowed: ${allowed(child)}.`;
    return `\n${wrap(about, "# ")}\n#${name} = ${literal(child.default)}\n`;
  });
  const sections = children.map(([name, child]) => {
    if (!KindGuard.IsObject(child)) return "";
    const childPath = [...path, name];
    const about = child.description === undefined ? "" : `${wrap(child.description, "# ")}\n`;
    return `\n${about}[${childPath.join(".")}]\n${exampleSection(child, childPath)}`;
  });
  return [...settings, ...sections].join("");
}

// JSON's way of writing text, numbers, truth values and lists of them is TOML's as well.
function literal(value: unknown): string {
  return JSON.stringify(value);
}

function code(text: string): string {
  return `\`${text}\``;
}

function wrap(text: string, margin: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && margin.length + line.length + word.length < 80)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => margin + line).join("\n");
}
