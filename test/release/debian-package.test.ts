// The Debian package, taken apart again: what is in it, whose it is, and that it is the same each time.

import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type TarHeader, unpackTar } from "modern-tar";
import { type DebianPackage, debianPackage } from "../../scripts/release/debian-package.ts";
import { loadSettings } from "../../src/config/load.ts";
import { PACKAGED, renderUnit } from "../../src/systemd/unit.ts";

const ROOT = join(import.meta.dir, "../..");
const SCRIPTS = join(ROOT, "scripts/debian");
const DATE = new Date(1_790_000_000_000);

let contents: DebianPackage;
let members: Map<string, Uint8Array>;
let control: Map<string, Entry>;
let data: Map<string, Entry>;

interface Entry {
  readonly header: TarHeader;
  readonly text: string;
}

beforeAll(async () => {
  const scripts = readdirSync(SCRIPTS).map(async (name) => {
    return [name, await Bun.file(join(SCRIPTS, name)).text()];
  });
  contents = {
    version: "1.2.3-4",
    architecture: "arm64",
    date: DATE,
    executable: Buffer.from("executable"),
    documents: { changelog: "changes" },
    manualPage: "page",
    licence: await Bun.file(join(ROOT, "LICENSE")).text(),
    scripts: Object.fromEntries(await Promise.all(scripts)),
  };
  members = membersOf(await debianPackage(contents));
  control = await entriesOf(members.get("control.tar.gz"));
  data = await entriesOf(members.get("data.tar.gz"));
});

test("it has the three members in the order that dpkg wants", () => {
  expect(Array.from(members.keys())).toEqual(["debian-binary", "control.tar.gz", "data.tar.gz"]);
  expect(new TextDecoder().decode(members.get("debian-binary"))).toBe("2.0\n");
});

test("it says what it is", () => {
  const text = control.get("./control")?.text ?? "";
  expect(text).toContain("Package: millrace\nVersion: 1.2.3-4\nArchitecture: arm64\n");
  expect(text).toMatch(/^Installed-Size: [1-9]\d*$/m);
  expect(text).toMatch(/^Depends: adduser, libc6 /m);
});

test("its files are where Debian has them, of root, with the time of the commit", () => {
  const modes = Array.from(data, ([name, { header }]) => [name, header.mode?.toString(8)]);
  expect(Object.fromEntries(modes.filter(([name]) => !name?.endsWith("/")))).toEqual({
    "./etc/millrace/millrace.toml.example": "644",
    "./usr/bin/millrace": "755",
    "./usr/lib/systemd/system/millrace.service": "644",
    "./usr/share/doc/millrace/changelog.Debian.gz": "644",
    "./usr/share/doc/millrace/changelog.gz": "644",
    "./usr/share/doc/millrace/copyright": "644",
    "./usr/share/lintian/overrides/millrace": "644",
    "./usr/share/man/man1/millrace.1.gz": "644",
  });
  const folders = modes.filter(([name]) => name?.endsWith("/"));
  expect(folders).toEqual(folders.map(([name]) => [name, "755"]));
  for (const { header } of [...control.values(), ...data.values()]) {
    const { uid, gid, uname, gname, mtime } = header;
    expect([uid, gid, uname, gname, mtime]).toEqual([0, 0, "root", "root", DATE]);
  }
  expect(data.get("./usr/bin/millrace")?.text).toBe("executable");
  expect(data.get("./usr/lib/systemd/system/millrace.service")?.text).toBe(renderUnit(PACKAGED));
});

test("each folder comes before what is in it", () => {
  const names = Array.from(data.keys());
  for (const name of names) {
    const folder = name.replace(/[^/]+\/?$/, "");
    if (folder !== "") expect(names.indexOf(folder)).toBeWithin(0, names.indexOf(name));
  }
});

test("the example configuration is a good one, which administrators may change", () => {
  expect(control.get("./conffiles")?.text).toBe("/etc/millrace/millrace.toml.example\n");
  const fileText = data.get("./etc/millrace/millrace.toml.example")?.text ?? "";
  const loaded = loadSettings({ fileText, environment: {}, flags: {}, toListen: true });
  expect(loaded).toMatchObject({ settings: { storage: { data: "/var/lib/millrace" } } });
});

test("the sums are those of the files", () => {
  const sums = (control.get("./md5sums")?.text ?? "").trimEnd().split("\n");
  const files = Array.from(data).filter(([name]) => /^\.\/usr\/.*[^/]$/.test(name));
  expect(sums).toHaveLength(files.length);
  const sum = new Bun.CryptoHasher("md5").update("executable").digest("hex");
  expect(sums).toContain(`${sum}  usr/bin/millrace`);
});

describe("a maintainer's script", () => {
  test.each(["postinst", "postrm", "prerm"])("%s can be run, and stops at what fails", (name) => {
    const script = control.get(`./${name}`);
    expect(script?.header.mode).toBe(0o755);
    expect(script?.text).toMatch(/^#!\/bin\/sh\n[^\n]*\nset -e\n/);
    const { exitCode, stderr } = Bun.spawnSync(["sh", "-n"], {
      stdin: Buffer.from(script?.text ?? ""),
    });
    expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  });
});

test("the same files make the same bytes", async () => {
  expect(Buffer.compare(await debianPackage(contents), await debianPackage(contents))).toBe(0);
});

test("another licence than the one that the package names is noticed", async () => {
  const other = { ...contents, licence: "All rights reserved." };
  expect(await debianPackage(other).catch(String)).toContain("LICENSE is not the MIT licence");
});

function membersOf(archive: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const text = (from: number, to: number) => new TextDecoder().decode(archive.subarray(from, to));
  expect(text(0, 8)).toBe("!<arch>\n");
  for (let at = 8; at < archive.length; ) {
    const [name, mtime, uid, gid, mode, size] = text(at, at + 58)
      .trim()
      .split(/ +/);
    expect([mtime, uid, gid, mode]).toEqual([String(DATE.getTime() / 1000), "0", "0", "100644"]);
    expect(text(at + 58, at + 60)).toBe("`\n");
    found.set(String(name), archive.subarray(at + 60, at + 60 + Number(size)));
    at += 60 + Number(size) + (Number(size) % 2);
  }
  return found;
}

async function entriesOf(member: Uint8Array | undefined): Promise<Map<string, Entry>> {
  const entries = await unpackTar(Bun.gunzipSync(Buffer.from(member ?? [])));
  return new Map(
    entries.map(({ header, data: content }) => {
      return [header.name, { header, text: new TextDecoder().decode(content) }];
    }),
  );
}
