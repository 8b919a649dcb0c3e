/** The manual page millrace(1), from the same commands and settings as `--help`. */
import { CONFIG_FLAG } from "../../src/cli/arguments.ts";
import type { Command, Flag } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { ON_EVERY_COMMAND, ON_EXIT_STATUS, usageParts } from "../../src/cli/help.ts";
import { everySetting } from "../../src/cli/settings.ts";
import { namesOf } from "../../src/config/flags.ts";
import { settingFacts } from "../../src/config/render.ts";
import type { Setting } from "../../src/config/setting.ts";

const FILES: readonly (readonly [path: string, about: string])[] = [
  [
    "/etc/millrace/millrace.toml",
    "The configuration of the service, where a package installed it.",
  ],
  ["/var/lib/millrace", "The data directory of the service: for its user only."],
  ["millrace-data", "The data directory where nothing else is said."],
];
const SIGNALS: readonly (readonly [name: string, about: string])[] = [
  ["SIGTERM, SIGINT", "Ends the server in order; a second one ends it at once."],
  ["SIGHUP", "Has it take up what may change while it runs, as millrace reload does."],
];
const ENVIRONMENT: readonly (readonly [name: string, about: string])[] = [
  [
    "MILLRACE_SECTION_NAME",
    "A setting, such as MILLRACE_HTTP_PORT; its variable is named with it.",
  ],
  [
    "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
    "Set by a service manager that wants to be told how the server is, as in sd_notify(3).",
  ],
];

export interface Edition {
  readonly version: string;
  /** Such as 2026-11-22. */
  readonly date: string;
}

const LINE_LENGTH = 78;

/** In the language of man(7). */
export function manualPage({ version, date }: Edition): string {
  return lines(
    `.TH MILLRACE 1 ${date} "Millrace ${version}" "User Commands"`,
    // Names of settings are looked for: none is broken, and no line is stretched.
    ".nh",
    ".ad l",
    ".SH NAME",
    "millrace \\- durable topics and records over HTTP, in one executable",
    ".SH SYNOPSIS",
    ".B millrace",
    ".I COMMAND",
    "[FLAGS]",
    ".SH DESCRIPTION",
    prose(
      "Millrace gives programs with nothing but fetch or curl durable topics (publish, subscribe by long poll, resume by number) and durable records, with events, RPCs and presence beside them. All state is in one directory.",
    ),
    ".PP",
    prose(ON_EVERY_COMMAND),
    ".SH COMMANDS",
    ...commands.map(describeCommand),
    ".SH SETTINGS",
    prose(
      "Each is a flag of millrace serve, a variable of the environment or a line in the configuration file, the first of them winning. millrace config-example prints such a file.",
    ),
    ...sections(everySetting()).map(([section, settings]) =>
      lines(`.SS "${literal(section)}"`, ...settings.map(describeSetting)),
    ),
    ".SH EXIT STATUS",
    prose(ON_EXIT_STATUS),
    ...definitions("SIGNALS", SIGNALS),
    ...definitions("ENVIRONMENT", ENVIRONMENT),
    ...definitions("FILES", FILES),
    ".SH EXAMPLES",
    ".EX",
    ...commands.flatMap(({ examples }) => examples.slice(0, 1).map(literal)),
    ".EE",
    ".SH SEE ALSO",
    ".BR systemctl (1),",
    ".BR journalctl (1)",
  );
}

function describeCommand(command: Command): string {
  const operands = [command.operand, command.content].filter((one) => one !== undefined);
  const flags = [...command.flags, CONFIG_FLAG];
  return lines(
    `.SS "${quotable(usageParts(command)[0] ?? "")}"`,
    ...[command.summary, ...command.notes].flatMap((text, index) =>
      index === 0 ? [prose(text)] : [".PP", prose(text)],
    ),
    ...operands.flatMap(({ name, description }) => [
      ".TP",
      `.I ${literal(name)}`,
      prose(description),
    ]),
    ...flags.flatMap(describeFlag),
  );
}

function describeFlag({ name, value, description }: Flag): string[] {
  const operand = value === undefined ? "" : ` " " "${quotable(value)}"`;
  return [".TP", `.BI ${literal(`--${name}`)}${operand}`, prose(description)];
}

function describeSetting(setting: Setting): string {
  const names = namesOf(setting).map((name) => `--${name}`);
  return lines(
    ".TP",
    `.B ${literal(`${setting.path.at(-1)} (${names.join(", ")})`)}`,
    prose(settingFacts(setting)),
  );
}

/** By the section of the file that they are in, in the order of the schema. */
function sections(settings: readonly Setting[]): [string, Setting[]][] {
  const grouped = Map.groupBy(settings, ({ path }) => path.slice(0, -1).join("."));
  return Array.from(grouped, ([section, those]) => [
    section === "" ? "At the top" : `[${section}]`,
    those,
  ]);
}

function definitions(heading: string, entries: readonly (readonly [string, string])[]): string[] {
  return [
    `.SH ${heading}`,
    ...entries.flatMap(([term, about]) => [".TP", `.B ${literal(term)}`, prose(about)]),
  ];
}

/** Running text, in which only a dash at the beginning of a word is one that is typed. */
function prose(text: string): string {
  const typed = escaped(text).replaceAll(/(?<![\w\\])--?(?=\w)/g, (dashes) =>
    dashes.replaceAll("-", "\\-"),
  );
  const broken: string[] = [];
  for (const word of typed.split(" ")) {
    const line = broken.at(-1);
    if (line !== undefined && line.length + word.length < LINE_LENGTH) {
      broken[broken.length - 1] = `${line} ${word}`;
    } else {
      broken.push(word.replace(/^[.']/, "\\&$&"));
    }
  }
  return broken.join("\n");
}

/** Text that is typed as it is, in which a hyphen is a minus. */
function literal(text: string): string {
  return escaped(text).replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}

function quotable(text: string): string {
  return literal(text).replaceAll('"', '""');
}

function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll(
      /[^\0-\x7f]/gu,
      (one) => `\\[u${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}

function lines(...parts: readonly string[]): string {
  return parts.map((part) => (part.endsWith("\n") ? part : `${part}\n`)).join("");
}
