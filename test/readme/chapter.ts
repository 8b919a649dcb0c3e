// The chapters of README.md.

import { join } from "node:path";

const README = await Bun.file(join(import.meta.dir, "../../README.md")).text();

/** The text below a heading, up to the next of its level. */
export function chapter(heading: string): string {
  const found = README.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`README.md has no chapter ${heading}`);
  return found;
}

/** The rows of the table between two comments of this name, without its head. */
export function tableRows(name: string): readonly (readonly string[])[] {
  const [, text] = new RegExp(`<!-- ${name} -->\n(.*?)<!-- /${name} -->`, "s").exec(README) ?? [];
  if (text === undefined) throw new Error(`README.md has no table of ${name}`);
  const rows = text.trim().split("\n").slice(2);
  return rows.map((row) => row.slice(2, -2).split(" | "));
}
