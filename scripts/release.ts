/**
 * Makes everything that is handed out, in dist/release: the executables, the Debian packages, the manual
 * page, the unit of systemd, the container file, the bill of materials, the licences of what is inside
 * and SHA256SUMS.
 *
 *   bun run release
 *
 * The same commit makes the same bytes, wherever it is built on the same platform: all times are that
 * of the commit, or SOURCE_DATE_EPOCH if that is set.
 */
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { readSettings } from "../src/cli/settings.ts";
import { urlOf } from "../src/server/address.ts";
import { describeServer } from "../src/server/description.ts";
import { PACKAGED, renderUnit } from "../src/systemd/unit.ts";
import { version } from "../src/version.ts";
import { buildAll, currentCommit, type Platform, writeSums } from "./executable.ts";
import { billOfMaterials } from "./release/bill-of-materials.ts";
import { type DebianPackage, debianPackage } from "./release/debian-package.ts";
import { licencesText } from "./release/licences.ts";
import { manualPage } from "./release/manual-page.ts";
import { readPackages } from "./release/packages.ts";

const DEBIAN = {
  "linux-x64": "amd64",
  "linux-arm64": "arm64",
} as const satisfies Partial<Record<Platform, DebianPackage["architecture"]>>;
/** Counts the packages of one version. */
const DEBIAN_REVISION = 1;
const FOLDER = "dist/release";

process.chdir(`${import.meta.dir}/..`);
const commit = currentCommit();
const date = dateOfCommit();
const settings = readSettings({}, {});
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });

const { executables, inside } = await buildAll(FOLDER, tell);
const packages = await readPackages(".", inside);
const page = manualPage({ version, date: date.toISOString().slice(0, 10) });
const licence = await Bun.file("LICENSE").text();
const documents = {
  changelog: await Bun.file("CHANGELOG.md").text(),
  "README.md": await Bun.file("README.md").text(),
  "licences.txt": licencesText(
    licence,
    await Bun.file("scripts/release/lgpl-2.1.txt").text(),
    packages,
  ),
  "sbom.cdx.json": billOfMaterials({ version, commit, date }, packages),
};
await write("licences.txt", documents["licences.txt"]);
await write(`millrace-${version}.cdx.json`, documents["sbom.cdx.json"]);
await write("millrace.1", page);
await write("millrace.service", renderUnit(PACKAGED));
await cp("scripts/container/Containerfile", `${FOLDER}/Containerfile`);
await write(
  "openapi.json",
  `${JSON.stringify(describeServer(settings, urlOf(settings.http, settings.http.port)), undefined, 2)}\n`,
);
await packageForDebian();
await writeSums(FOLDER);
tell(join(FOLDER, "SHA256SUMS"));

async function packageForDebian(): Promise<void> {
  const debianVersion = `${version}-${DEBIAN_REVISION}`;
  const scripts = await textsIn("scripts/debian");
  for (const [platform, architecture] of Object.entries(DEBIAN)) {
    const executable = await Bun.file(executables.get(platform as Platform) ?? "").bytes();
    const contents = { version: debianVersion, architecture, date, executable, documents };
    const name = `millrace_${debianVersion}_${architecture}.deb`;
    await write(name, await debianPackage({ ...contents, manualPage: page, licence, scripts }));
  }
}

async function textsIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const texts = names.map(async (name) => [name, await Bun.file(join(folder, name)).text()]);
  return Object.fromEntries(await Promise.all(texts));
}

async function write(name: string, content: string | Uint8Array): Promise<void> {
  await Bun.write(join(FOLDER, name), content);
  tell(join(FOLDER, name));
}

function tell(path: string): void {
  console.log(`${basename(path).padEnd(40)}${(Bun.file(path).size / 1024 ** 2).toFixed(1)} MiB`);
}

function dateOfCommit(): Date {
  const git = ["git", "log", "-1", "--format=%ct"];
  const stated = process.env.SOURCE_DATE_EPOCH ?? Bun.spawnSync(git).stdout.toString().trim();
  if (/^\d{1,10}$/.test(stated)) return new Date(Number(stated) * 1000);
  throw new Error(
    "A release is of a commit: this is no clone of git, and SOURCE_DATE_EPOCH is not set",
  );
}
