// Structured log lines, readable or JSON. Callers never pass a token or a query string.

import {
  configureSync,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type Logger,
  type LogLevel,
} from "@logtape/logtape";

export type Log = Logger;

const HARMFUL = /[\p{Cc}\u2028\u2029\p{Bidi_Control}]/gu;
/** Before the further lines of one entry, such as those of a stack. */
const INDENT = "    ";

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "text" | "json";
  readonly region: string;
  /** Takes whole lines with their line ends. */
  readonly write: (line: string) => void;
}

/** One log a process: a later call takes the place of an earlier one. */
export function openLog({ level, format, region, write }: LogOptions): Log {
  const formatter =
    format === "json"
      ? getJsonLinesFormatter({ properties: "flatten" })
      : getTextFormatter({
          timestamp: "rfc3339",
          level: "FULL",
          format: ({ timestamp, level: name, message, record }) =>
            `${timestamp} ${name} ${message}${fields(record.properties)}`,
        });
  configureSync({
    reset: true,
    sinks: { out: (record) => write(`${harmless(formatter(record).trimEnd())}\n`) },
    loggers: [
      { category: "millrace", lowestLevel: level, sinks: ["out"] },
      // Whatever the level: it is asked for later what administrators have done.
      {
        category: ["millrace", "audit"],
        lowestLevel: "info",
        sinks: ["out"],
        parentSinks: "override",
      },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["out"] },
    ],
  });
  return getLogger("millrace").with({ region });
}

/**
 * What others have chosen begins no line of its own, and neither tells a terminal what to do nor turns
 * how it is read: such characters are written as JSON would write them.
 */
export function harmless(text: string): string {
  return text.replaceAll(HARMFUL, (character) =>
    character === "\n"
      ? `\n${INDENT}`
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The part of a log that has lines at every level. */
export function auditLogOf(log: Log): Log {
  return log.getChild("audit");
}

function fields(properties: Record<string, unknown>): string {
  return Object.entries(properties)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}
