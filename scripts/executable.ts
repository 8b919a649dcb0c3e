/** How the executables are made. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../src/version.ts";

const PLATFORMS = {
  "linux-x64": "bun-linux-x64",
  "linux-arm64": "bun-linux-arm64",
  "linux-x64-musl": "bun-linux-x64-musl",
  "linux-arm64-musl": "bun-linux-arm64-musl",
  "macos-x64": "bun-darwin-x64",
  "macos-arm64": "bun-darwin-arm64",
  "windows-x64": "bun-windows-x64",
} as const satisfies Record<string, Bun.Build.CompileTarget>;
export type Platform = keyof typeof PLATFORMS;

const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

export interface Executable {
  /** Ends in `.exe` for Windows. */
  readonly path: string;
  /** The folders of the packages that are in it, such as `node_modules/elysia`, in order. */
  readonly packages: readonly string[];
}

/**
 * The same sources make the same bytes on the same platform. Without a platform it is for this
 * machine. To be called in the root of the project.
 */
export async function buildExecutable(outfile: string, platform?: Platform): Promise<Executable> {
  const { outputs, metafile } = await Bun.build({
    // A worker's file is an entry point of its own. Without their folders in the names, the two
    // lie side by side in the executable, so that `new URL("./writer-thread.ts", import.meta.url)`
    // finds the worker from source and in the executable alike.
    entrypoints: ["src/main.ts", "src/engine/sqlite/writer-thread.ts"],
    naming: { entry: "[name].[ext]" },
    // Never shorten identifiers: Elysia's generated code compares the names of error classes.
    // What is compiled beforehand halves the time of a start. It fits only the platform that made
    // it: on another one, an executable with it dies at once (oven-sh/bun#18416).
    format: "esm",
    bytecode: platform === undefined || platform === thisPlatform(),
    minify: { syntax: true, whitespace: true, identifiers: false },
    sourcemap: "inline",
    metafile: true,
    // What is imported on demand is then loaded on demand: it takes no part of the start otherwise.
    splitting: true,
    define: {
      "process.env.NODE_ENV": '"production"',
      MILLRACE_COMMIT: JSON.stringify(currentCommit()),
    },
    compile: {
      outfile,
      ...(platform && { target: PLATFORMS[platform] }),
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

function thisPlatform(): string {
  const { platform, arch } = process;
  const system = { darwin: "macos", win32: "windows" }[platform as string] ?? platform;
  // Its shape is Node.js's; a Bun that is linked with musl leaves the version out.
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const isMusl = platform === "linux" && report.header?.glibcVersionRuntime === undefined;
  return `${system}-${arch}${isMusl ? "-musl" : ""}`;
}

/** A short id, with `-dirty` behind it if the tree has changes. */
export function currentCommit(): string {
  const git = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"];
  const { exitCode, stdout } = Bun.spawnSync(git, { stderr: "ignore" });
  return exitCode === 0 ? stdout.toString().trim() : "unknown";
}

/** One for every platform, into the folder. `tell` is called with the path of each. */
export async function buildAll(
  folder: string,
  tell: (path: string) => void,
): Promise<{ executables: ReadonlyMap<Platform, string>; inside: readonly string[] }> {
  const executables = new Map<Platform, string>();
  let inside: readonly string[] = [];
  for (const platform of Object.keys(PLATFORMS) as Platform[]) {
    const outfile = `${folder}/millrace-${version}-${platform}`;
    const { path, packages } = await buildExecutable(outfile, platform);
    executables.set(platform, path);
    inside = packages;
    tell(path);
  }
  return { executables, inside };
}

/** Into SHA256SUMS, of all that is in the folder, as sha256sum(1) checks them. */
export async function writeSums(folder: string, names?: readonly string[]): Promise<void> {
  const all = names ?? (await readdir(folder));
  const sums = await Promise.all(
    all.toSorted().map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`),
  );
  await Bun.write(join(folder, "SHA256SUMS"), sums.join(""));
}

async function sha256(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}
