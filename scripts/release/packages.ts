/** The packages of npm that are inside the executable, each with its licence. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

export interface Package {
  /** With its scope, such as `@sinclair/typebox`. */
  readonly name: string;
  readonly version: string;
  /** By its SPDX identifier. */
  readonly licence: string;
  readonly licenceText: string;
  /** Of what the registry gave. */
  readonly sha512: Buffer;
}

type Lock = { readonly packages: Readonly<Record<string, readonly unknown[]>> };

/** Of those that do not say it in `package.json`, by what the file of it says. */
const LICENCES: Readonly<Record<string, string>> = { "@deepstream/protobuf": "MIT" };

/** Those in these folders, relative to the root of the project. Throws when one is not as it must be. */
export async function readPackages(
  root: string,
  folders: readonly string[],
): Promise<readonly Package[]> {
  const lock = Bun.JSONC.parse(await Bun.file(join(root, "bun.lock")).text()) as Lock;
  return Promise.all(folders.map((folder) => readPackage(root, folder, lock)));
}

async function readPackage(root: string, folder: string, lock: Lock): Promise<Package> {
  const { name, version, license } = await Bun.file(join(root, folder, "package.json")).json();
  const licence: unknown = license ?? LICENCES[name];
  if (typeof licence !== "string") throw new Error(`${folder} does not say what its licence is`);
  const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no file with its licence`);
  const licenceText = await Bun.file(join(root, folder, file)).text();
  const sha512 = hashOf(lock, folder, `${name}@${version}`);
  return { name, version, licence, licenceText: licenceText.trim(), sha512 };
}

/** The lock names a package that lies within another by both names. */
function hashOf(lock: Lock, folder: string, id: string): Buffer {
  const key = folder.replace(/^node_modules\//, "").replaceAll("/node_modules/", "/");
  const [locked, , , integrity] = lock.packages[key] ?? [];
  const [, digest] = /^sha512-(\S+)$/.exec(String(integrity)) ?? [];
  if (locked !== id || digest === undefined)
    throw new Error(`bun.lock does not have ${id} as ${key}`);
  return Buffer.from(digest, "base64");
}
