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
    sinks: { out: (record) => write(formatter(record)) },
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

/** The part of a log that has lines at every level. */
export function auditLogOf(log: Log): Log {
  return log.getChild("audit");
}

function fields(properties: Record<string, unknown>): string {
  return Object.entries(properties)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}
