/**
 * Makes the executable for this machine: dist/millrace.
 *
 *   bun run build
 *
 * `bun run release` makes those for every platform, and what goes with them.
 */
import { mkdir } from "node:fs/promises";
import { buildExecutable } from "./executable.ts";

process.chdir(`${import.meta.dir}/..`);
await mkdir("dist", { recursive: true });
const { path } = await buildExecutable("dist/millrace");
console.log(`dist/millrace  ${(Bun.file(path).size / 1024 ** 2).toFixed(0)} MiB`);
