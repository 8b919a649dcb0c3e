/**
 * Makes the executable for this machine, dist/millrace, or one for every platform.
 *
 *   bun run build          dist/millrace
 *   bun run build --all    dist/millrace-VERSION-PLATFORM for every platform, and SHA256SUMS
 *
 * `bun run release` makes those as well, and all that goes with them.
 */
import { mkdir } from "node:fs/promises";
import { basename } from "node:path";
import { buildAll, buildExecutable, writeSums } from "./executable.ts";

process.chdir(`${import.meta.dir}/..`);
await mkdir("dist", { recursive: true });
if (Bun.argv.includes("--all")) {
  const { executables } = await buildAll("dist", tell);
  await writeSums(
    "dist",
    [...executables.values()].map((path) => basename(path)),
  );
} else {
  tell((await buildExecutable("dist/millrace")).path);
}

function tell(path: string): void {
  console.log(`${basename(path)}  ${(Bun.file(path).size / 1024 ** 2).toFixed(0)} MiB`);
}
