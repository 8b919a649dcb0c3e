/** How the executable is made. */
import { rm } from "node:fs/promises";

const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

export interface Executable {
  /** Ends in `.exe` for Windows. */
  readonly path: string;
  /** The folders of the packages that are in it, such as `node_modules/elysia`, in order. */
  readonly packages: readonly string[];
}

/** The same sources make the same bytes. To be called in the root of the project. */
export async function buildExecutable(
  outfile: string,
  target?: Bun.Build.CompileTarget,
): Promise<Executable> {
  const { outputs, metafile } = await Bun.build({
    // A worker's file is an entry point of its own. Without their folders in the names, the two
    // lie side by side in the executable, so that `new URL("./writer-thread.ts", import.meta.url)`
    // finds the worker from source and in the executable alike.
    entrypoints: ["src/main.ts", "src/engine/sqlite/writer-thread.ts"],
    naming: { entry: "[name].[ext]" },
    // Never shorten identifiers: Elysia's generated code compares the names of error classes.
    minify: { syntax: true, whitespace: true, identifiers: false },
    sourcemap: "inline",
    metafile: true,
    define: {
      "process.env.NODE_ENV": '"production"',
      MILLRACE_COMMIT: JSON.stringify(currentCommit()),
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
  const inputs = Object.keys(metafile?.inputs ?? {});
  const packages = new Set(inputs.flatMap((path) => PACKAGE_FOLDER.exec(path) ?? []));
  return { path: executable.path, packages: Array.from(packages).sort() };
}

/** A short id, with `-dirty` behind it if the tree has changes. */
export function currentCommit(): string {
  const git = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"];
  const { exitCode, stdout } = Bun.spawnSync(git, { stderr: "ignore" });
  return exitCode === 0 ? stdout.toString().trim() : "unknown";
}
