/** The Debian package: an archive of ar with two of tar in it, the same bytes for the same files. */
import { posix } from "node:path";
import { packTar, type TarEntry } from "modern-tar";
import { exampleFile } from "../../src/config/render.ts";
import { PACKAGED, renderUnit } from "../../src/systemd/unit.ts";

export interface DebianPackage {
  /** Of Millrace and, behind a dash, of its package. */
  readonly version: string;
  /** As Debian names it. */
  readonly architecture: "amd64" | "arm64";
  /** Of everything in it, and of the entry in its changelog. */
  readonly date: Date;
  readonly executable: Uint8Array;
  /** What goes to /usr/share/doc/millrace, by name. */
  readonly documents: Readonly<Record<string, string>>;
  readonly manualPage: string;
  /** The licence of Millrace. */
  readonly licence: string;
  /** The files of scripts/debian, by name. */
  readonly scripts: Readonly<Record<string, string>>;
}

interface PackagedFile {
  /** Without a slash at its beginning. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode?: number;
}

const MAINTAINER = "Millrace contributors <millrace@localhost.localdomain>";
const CONFIGURATION = posix.dirname(PACKAGED.config ?? "").slice(1);
const MAINTAINER_SCRIPTS = ["postinst", "postrm", "prerm"];

export async function debianPackage(contents: DebianPackage): Promise<Uint8Array> {
  const { date, scripts } = contents;
  const files = filesOf(contents);
  const control: PackagedFile[] = [
    { path: "control", content: controlOf(contents, files) },
    {
      path: "conffiles",
      content: files
        .map(({ path }) => path)
        .filter(isConffile)
        .map((path) => `/${path}\n`)
        .join(""),
    },
    {
      path: "md5sums",
      content: files
        .filter(({ path }) => !isConffile(path))
        .map(md5sum)
        .join(""),
    },
    ...MAINTAINER_SCRIPTS.map((path) => ({ path, content: textOf(scripts, path), mode: 0o755 })),
  ];
  return ar(date, [
    ["debian-binary", Buffer.from("2.0\n")],
    ["control.tar.gz", await tarball(control, date)],
    ["data.tar.gz", await tarball(files, date)],
  ]);
}

function filesOf(contents: DebianPackage): PackagedFile[] {
  const { executable, documents, manualPage, scripts } = contents;
  const documentation = "usr/share/doc/millrace";
  return [
    { path: `${CONFIGURATION}/millrace.toml.example`, content: exampleConfiguration() },
    { path: PACKAGED.executable.slice(1), content: executable, mode: 0o755 },
    { path: "usr/lib/systemd/system/millrace.service", content: renderUnit(PACKAGED) },
    { path: `${documentation}/changelog.Debian.gz`, content: gzip(changelog(contents)) },
    { path: `${documentation}/copyright`, content: copyright(contents.licence) },
    ...Object.entries(documents).map(([name, text]) => ({
      path: `${documentation}/${name}.gz`,
      content: gzip(text),
    })),
    { path: "usr/share/lintian/overrides/millrace", content: textOf(scripts, "lintian-overrides") },
    { path: "usr/share/man/man1/millrace.1.gz", content: gzip(manualPage) },
  ];
}

/** All that there is to change in it is a comment, apart from where the service keeps its data. */
function exampleConfiguration(): string {
  const example = exampleFile();
  const stated = example.replace(/^#data = .*$/m, `data = ${JSON.stringify(PACKAGED.data)}`);
  if (stated === example) throw new Error("The example configuration does not name [storage] data");
  return `# To be copied to ${PACKAGED.config}: the service does not start before that is there.\n\n${stated}`;
}

function controlOf(
  { version, architecture }: DebianPackage,
  files: readonly PackagedFile[],
): string {
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  return `Package: millrace
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: adduser, libc6 (>= 2.17)
Section: net
Priority: optional
Description: durable topics and records over HTTP
 Millrace gives programs with nothing but fetch or curl durable topics
 (publish, subscribe by long poll, resume by number) and durable records, with
 events, remote procedure calls and presence beside them.
 .
 The service starts once there is a configuration, for which there is an
 example in /${CONFIGURATION}.
`;
}

function changelog({ version, date }: DebianPackage): string {
  const when = date.toUTCString().replace("GMT", "+0000");
  return `millrace (${version}) stable; urgency=medium

  * What changed is in /usr/share/doc/millrace/changelog.gz.

 -- ${MAINTAINER}  ${when}
`;
}

/** In Debian's format, version 1. */
function copyright(licence: string): string {
  const [, holders = "", terms = ""] =
    /^MIT License\s+Copyright \(c\) (.*)\n([\s\S]*)$/.exec(licence) ?? [];
  if (terms === "") throw new Error("LICENSE is not the MIT licence that it is taken for");
  const body = terms
    .trim()
    .split("\n")
    .map((line) => ` ${line === "" ? "." : line}\n`)
    .join("");
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Millrace
Comment:
 The executable contains Bun and other works: licences.txt.gz beside this file
 has the licences of all of them.

Files: *
Copyright: ${holders}
License: Expat

License: Expat
${body}`;
}

async function tarball(files: readonly PackagedFile[], date: Date): Promise<Uint8Array> {
  const common = { uid: 0, gid: 0, uname: "root", gname: "root", mtime: date };
  const folders = new Set(files.flatMap(({ path }) => foldersAbove(path)));
  const entries: TarEntry[] = [
    ...Array.from(folders, (folder): TarEntry => {
      return {
        header: { ...common, name: `./${folder}`, type: "directory", mode: 0o755, size: 0 },
      };
    }),
    ...files.map(({ path, content, mode = 0o644 }): TarEntry => {
      const body = Buffer.from(content);
      return {
        header: { ...common, name: `./${path}`, type: "file", mode, size: body.length },
        body,
      };
    }),
  ];
  return gzip(await packTar(entries));
}

/** The outermost first, each with a slash at its end. */
function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return ["", ...parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`)];
}

function ar(
  date: Date,
  members: readonly (readonly [name: string, content: Uint8Array])[],
): Uint8Array {
  const seconds = Math.floor(date.getTime() / 1000);
  const parts = members.flatMap(([name, content]) => {
    const fields = [name.padEnd(16), String(seconds).padEnd(12), "0     ", "0     ", "100644  "];
    const header = `${fields.join("")}${String(content.length).padEnd(10)}\`\n`;
    return [Buffer.from(header), content, Buffer.from(content.length % 2 === 0 ? "" : "\n")];
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

/** By the library whose output is the same on every processor; without a time in it. */
function gzip(content: string | Uint8Array): Uint8Array {
  return Bun.gzipSync(Buffer.from(content), { library: "libdeflate", level: 9 });
}

function md5sum({ path, content }: PackagedFile): string {
  return `${new Bun.CryptoHasher("md5").update(content).digest("hex")}  ${path}\n`;
}

function isConffile(path: string): boolean {
  return path.startsWith("etc/");
}

function textOf(files: Readonly<Record<string, string>>, name: string): string {
  const text = files[name];
  if (text === undefined) throw new Error(`scripts/debian has no ${name}`);
  return text;
}
