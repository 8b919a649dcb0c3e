/**
 * Makes the executable.
 *
 *   bun run build          dist/millrace, for this machine
 *   bun run build --all    dist/millrace-VERSION-PLATFORM for every platform, and dist/SHA256SUMS
 */
import { mkdir, rm } from "node:fs/promises";
import { basename } from "node:path";
import { version } from "../src/version.ts";

const platforms: Record<string, Bun.Build.CompileTarget> = {
  "linux-x64": "bun-linux-x64",
  "linux-arm64": "bun-linux-arm64",
  "linux-x64-musl": "bun-linux-x64-musl",
  "linux-arm64-musl": "bun-linux-arm64-musl",
  "macos-x64": "bun-darwin-x64",
  "macos-arm64": "bun-darwin-arm64",
  "windows-x64": "bun-windows-x64",
};

process.chdir(`${import.meta.dir}/..`);
await mkdir("dist", { recursive: true });
const commit = currentCommit();

if (Bun.argv.includes("--all")) {
  await buildAll();
} else {
  await build("dist/millrace");
}

async function buildAll(): Promise<void> {
  const sums: string[] = [];
  for (const [platform, target] of Object.entries(platforms)) {
    const path = await build(`dist/millrace-${version}-${platform}`, target);
    sums.push(`${await sha256(path)}  ${basename(path)}\n`);
  }
  await Bun.write("dist/SHA256SUMS", sums.join(""));
}

/** Answers the path that was written, which ends in `.exe` for Windows. */
async function build(outfile: string, target?: Bun.Build.CompileTarget): Promise<string> {
  const { outputs } = await Bun.build({
    // A worker's file is an entry point of its own. Without their folders in the names, the two
    // lie side by side in the executable, so that `new URL("./writer-thread.ts", import.meta.url)`
    // finds the worker from source and in the executable alike.
    entrypoints: ["src/main.ts", "src/engine/sqlite/writer-thread.ts"],
    naming: { entry: "[name].[ext]" },
    // Never shorten identifiers: Elysia's generated code compares the names of error classes.
    minify: { syntax: true, whitespace: true, identifiers: false },
    sourcemap: "inline",
    // What is imported on demand is then loaded on demand: it takes no part of the start otherwise.
    splitting: true,
    define: {
      "process.env.NODE_ENV": '"production"',
      MILLRACE_COMMIT: JSON.stringify(commit),
    },
    compile: {
      outfile,
      ...(target && { target }),
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
  });
  const executable = outputs.find((output) => output.kind === "entry-point");
  if (executable === undefined) throw new Error(`Bun wrote no executable for ${outfile}`);
  // The maps are inside the executable; Bun leaves a copy of each beside it.
  for (const { kind, path } of outputs) if (kind === "sourcemap") await rm(path, { force: true });
  console.log(`${outfile}  ${(Bun.file(executable.path).size / 1024 ** 2).toFixed(0)} MiB`);
  return executable.path;
}

function currentCommit(): string {
  const git = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"];
  const { exitCode, stdout } = Bun.spawnSync(git, { stderr: "ignore" });
  return exitCode === 0 ? stdout.toString().trim() : "unknown";
}

async function sha256(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}
