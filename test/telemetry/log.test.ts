// What strangers have put into names stays in its line, and does nothing to who reads the log.

import { describe, expect, test } from "bun:test";
import { openLog } from "../../src/telemetry/log.ts";

const HOSTILE = "a\u009b31m\u001b[2J\u0085\u2028\u202eb\r\n2026-11-22T00:00:00.000Z INFO Forged";
const SHOWN =
  "a\\u009b31m\\u001b[2J\\u0085\\u2028\\u202eb\\u000d\n    2026-11-22T00:00:00.000Z INFO Forged";

describe("a line of the log", () => {
  test("as text has no control character, and what follows in it begins no line", () => {
    const lines = linesOf("text", { raw: HOSTILE, quoted: { name: HOSTILE } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(` raw=${SHOWN} quoted={`);
    expect(lines[0]).toEndWith('INFO Forged"}\n');
    expect(lines[0]?.split("\n").slice(1)).toEqual([expect.stringMatching(/^ {4}2026/), ""]);
    expect(lines[0]?.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028\p{Bidi_Control}]/u);
  });

  test("as JSON is one line that says the same", () => {
    const [line = ""] = linesOf("json", { raw: HOSTILE });
    expect(line.trimEnd()).not.toMatch(/[\p{Cc}\u2028\p{Bidi_Control}]/u);
    expect(JSON.parse(line)).toMatchObject({ raw: HOSTILE });
  });
});

function linesOf(format: "text" | "json", properties: Record<string, unknown>): string[] {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  openLog({ level: "info", format, region: "r", write }).info("Tried", properties);
  return lines;
}
