// A release of one commit, made twice in different places: the same bytes, with all that belongs to it.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { type TemporaryDirectory, temporaryDirectory } from "../cli/millrace.ts";

const ROOT = join(import.meta.dir, "../..");
const { version } = packageJson;
/** To fetch the packages, and to compile for every platform. */
const RELEASE_MS = 1_200_000;

let machine: TemporaryDirectory;
let folder: string;

beforeAll(async () => {
  machine = temporaryDirectory();
  folder = await releaseIn("here");
}, RELEASE_MS);

afterAll(() => machine[Symbol.dispose]());

test("a release has all that is handed out, and its sums are right", async () => {
  const platforms = ["linux-arm64", "linux-arm64-musl", "linux-x64", "linux-x64-musl"];
  const others = ["macos-arm64", "macos-x64", "windows-x64.exe"];
  expect(readdirSync(folder).sort()).toEqual(
    [
      ...["Containerfile", "SHA256SUMS", "licences.txt", "millrace.1", "millrace.service"],
      ...[...platforms, ...others].map((platform) => `millrace-${version}-${platform}`),
      ...["amd64", "arm64"].map((architecture) => `millrace_${version}-1_${architecture}.deb`),
      ...[`millrace-${version}.cdx.json`, "openapi.json"],
    ].sort(),
  );
  expect(await printed(folder, "sha256sum", "--check", "--strict", "SHA256SUMS")).not.toContain(
    "FAILED",
  );
  const bill = await Bun.file(join(folder, `millrace-${version}.cdx.json`)).json();
  const commit = (await printed(ROOT, "git", "rev-parse", "HEAD")).slice(0, 12);
  expect(bill.metadata.component.properties).toEqual([{ name: "commit", value: commit }]);
  expect((await Bun.file(join(folder, "openapi.json")).json()).openapi).toStartWith("3.");
  if (process.platform === "linux" && process.arch === "x64") {
    const executable = join(folder, `millrace-${version}-linux-x64`);
    expect(await printed(folder, executable, "version")).toContain(
      `Millrace ${version} (${commit}, `,
    );
  }
});

test(
  "the same commit makes the same bytes elsewhere",
  async () => {
    const other = await releaseIn("elsewhere/and/deeper");
    const sums = (path: string) => Bun.file(join(path, "SHA256SUMS")).text();
    expect(await sums(other)).toBe(await sums(folder));
  },
  RELEASE_MS,
);

/** Of a clone of this commit; answers the folder of the release. */
async function releaseIn(place: string): Promise<string> {
  const clone = join(machine.path, place);
  await printed(ROOT, "git", "clone", "--quiet", ".", clone);
  await printed(clone, process.execPath, "install", "--frozen-lockfile", "--silent");
  await printed(clone, process.execPath, "scripts/release.ts");
  return join(clone, "dist/release");
}

async function printed(cwd: string, ...words: string[]): Promise<string> {
  const child = Bun.spawn(words, { cwd, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${words.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}
