// What README.md gives people to copy.

import { join } from "node:path";

/** The only block of the language, such as `nginx`, as it stands there. */
export async function readmeBlock(language: string): Promise<string> {
  const readme = await Bun.file(join(import.meta.dir, "../../README.md")).text();
  const blocks = readme.split(`\n\`\`\`${language}\n`).slice(1);
  const [block, ...others] = blocks.map((rest) => rest.slice(0, rest.indexOf("\n```") + 1));
  if (block === undefined || others.length > 0) {
    throw new Error(`README.md has ${blocks.length} blocks of ${language}, and not one`);
  }
  return block;
}

/** Each text is replaced where it stands; one that does not stand there fails. */
export function replacing(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`${from} is not in:\n${changed}`);
    return changed.replaceAll(from, to);
  }, text);
}
