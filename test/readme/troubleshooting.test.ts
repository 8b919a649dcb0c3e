// README.md quotes what the server and the command line say: each of these sentences is in the source.

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { INTERNAL, SHAPES, WRONG_METHOD } from "../../src/http/errors.ts";
import { chapter } from "./chapter.ts";

const SRC = join(import.meta.dir, "../../src");

/** As they are said: what is put in is an ellipsis. */
const lines = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .flatMap((path) => readFileSync(join(SRC, path), "utf8").split("\n"))
  .map((line) => line.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "…").replaceAll('\\"', '"'));

test("every sentence of the chapter on troubleshooting is one that the source says", () => {
  const quoted = Array.from(
    chapter("Troubleshooting").matchAll(/^\| (.*?) \| /gm),
    ([, cell = ""]) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, sentence = ""]) => sentence),
  ).flat();
  expect(quoted.length).toBeGreaterThan(50);
  const strange = quoted.filter((sentence) => !lines.some((line) => says(line, sentence)));
  const advice = "Quote it in README.md as the source says it now:";
  expect([advice, ...strange]).toEqual([advice]);
});

test("every code of an error is in the chapter on errors", () => {
  const text = chapter("Errors");
  const codes = [...Object.values(SHAPES), INTERNAL, WRONG_METHOD].map(({ code }) => code);
  expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});

/** What is between the ellipses of the sentence follows each other in the line. */
function says(line: string, sentence: string): boolean {
  let place = 0;
  for (const part of sentence.split("…")) {
    const found = line.indexOf(part, place);
    if (found === -1) return false;
    place = found + part.length;
  }
  return true;
}
