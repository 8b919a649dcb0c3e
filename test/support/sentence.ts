// How a command says that something is wrong.

import { expect } from "bun:test";
import type { Ended } from "./executable.ts";

/** One line for the administrator on standard error, nothing on standard output, and 1. */
export function expectSentence({ exitCode, stdout, stderr }: Ended, sentence: RegExp): void {
  const [, line] = /^millrace: ([^\n]+)\n$/.exec(stderr) ?? [];
  expect(line ?? `not one line: ${stderr}`).toMatch(sentence);
  expect(line).not.toContain("Unexpected failure");
  expect(stdout).toBe("");
  expect(exitCode).toBe(1);
}
