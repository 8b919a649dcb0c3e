// Keeps the layout and the house rules of src/README.md. Each failure says what to do about it.

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dir, "..");

/**
 * What the files of a room may import besides their own room: a path in src (a folder ends with a
 * slash), a package, or a scheme (`node:`). First match wins.
 */
const rooms: { path: RegExp; may: string[]; mayNot?: string[] }[] = [
  { path: /^core\//, may: [] },
  { path: /^engine\/sqlite\//, may: ["core/", "bun:sqlite", "node:fs", "node:path"] },
  { path: /^auth\//, may: ["core/", "jose"] },
  { path: /^patterns\//, may: ["core/", "re2js"] },
  { path: /^http\//, may: ["core/", "@sinclair/typebox"] },
  {
    path: /^apis\/deepstream-ws\//,
    may: ["core/", "http/", "elysia", "@deepstream/protobuf"],
  },
  { path: /^apis\/[^/]+\//, may: ["core/", "http/", "elysia", "@sinclair/typebox"] },
  {
    path: /^rules\/valve\//,
    may: ["core/", "acorn", "@eslint-community/regexpp", "re2js", "yaml"],
  },
  {
    path: /^telemetry\//,
    may: ["core/", "@logtape/logtape", "@opentelemetry", "node:process", "prom-client"],
  },
  { path: /^systemd\//, may: ["bun:ffi", "node:os"] },
  { path: /^config\//, may: ["@sinclair/typebox"] },
  { path: /^cli\//, may: ["*"], mayNot: ["main.ts", "apis/", "node:process"] },
  { path: /^(serve\.ts$|server\/)/, may: ["*"], mayNot: ["main.ts", "node:process"] },
  { path: /^main\.ts$/, may: ["serve.ts", "cli/", "config/", "version.ts", "node:"] },
  { path: /^version\.ts$/, may: ["../package.json"] },
];

const topLevel = [
  ...["package.json", "tsconfig.json", "bunfig.toml", "src", "test", "scripts", "README.md"],
  ...["bun.lock", ".gitignore", ".ci", "LICENSE", "CHANGELOG.md", "biome.json", ".git"],
];

test("every import stays within what its room may import", () => {
  const wrong = sources().flatMap(({ path, text }) =>
    importsOf(text)
      .map((specifier) => resolve(path, specifier))
      .filter((target) => !mayImport(path, target))
      .map((target) => `src/${path} imports ${target}`),
  );
  none(wrong, "Pass it as an argument from serve.ts, or move the code to the room that may:");
});

test("every file of src is in a room", () => {
  const lost = sources().filter(({ path }) => roomOf(path) === undefined);
  none(
    lost.map(({ path }) => `src/${path}`),
    "Put it in a room of src/README.md, or decide on a new room there and in this test:",
  );
});

test("core tells time by its Clock and knows nothing of the runtime", () => {
  const banned =
    /\b(Date\.now|performance\.now|setTimeout|setInterval|setImmediate)\s*\(|\bnew Date\(\)|\bBun\./;
  none(linesOf(/^core\//, banned), "Take a Clock, or a port, as an argument:");
});

test("only main.ts touches the process, its environment and its arguments", () => {
  const banned = /(?<![.\w$-])process\??[.[]\w|\bBun\.(env|argv)\b|\bimport\.meta\.env\b/;
  none(linesOf(/^(?!main\.ts$)/, banned), "Read it in main.ts and pass it as an argument:");
});

test("exports are named", () => {
  none(linesOf(/^/, /^export default\b|\bas default\b/), "Export it by its name:");
});

test("every file of src opens with a sentence that says what it does", () => {
  const mute = sources().filter(({ text }) => !/\w[\s\S]*?\.(\s|$)/.test(openingOf(text)));
  none(
    mute.map(({ path }) => `src/${path}`),
    "Begin the file with a comment of one sentence, ended by a full stop:",
  );
});

test("a file of src is short enough to be read whole", () => {
  const long = sources()
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines >= 400);
  none(
    long.map(({ path, lines }) => `src/${path} has ${lines} lines`),
    "Split it where its work splits, to fewer than 400 lines (200 is usual):",
  );
});

test("files and folders are kebab-case and named for what they hold", () => {
  const parts = ["src", "test", "scripts"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => ({
      path: `${folder}/${path}`,
      name: path.slice(path.lastIndexOf("/") + 1),
    })),
  );
  const odd = parts.filter(
    ({ name }) =>
      !["README.md", "Containerfile"].includes(name) && !/^[a-z0-9][a-z0-9.-]*$/.test(name),
  );
  none(
    odd.map(({ path }) => path),
    "Rename it to kebab-case:",
  );
  const vague = parts.filter(({ name }) =>
    /(^|[-.])(utils?|helpers?|common|managers?)([-.]|$)/.test(name),
  );
  none(
    vague.map(({ path }) => path),
    "Name it for what is in it, as the field does:",
  );
});

test("src/README.md is a map that fits in the head", () => {
  const lines = readFileSync(join(root, "src/README.md"), "utf8").trimEnd().split("\n").length;
  none(lines > 150 ? [`it has ${lines} lines`] : [], "Cut src/README.md to 150 lines:");
});

test("the top level holds what it must and nothing else", () => {
  const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
  const extra = readdirSync(root).filter(
    (name) => !topLevel.includes(name) && !ignored.some((line) => line.replace("/", "") === name),
  );
  none(extra, "Move it into src, test or scripts, or delete it:");
});

/** The TypeScript files of src, their paths relative to it. */
function sources(): { path: string; text: string }[] {
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, "src", path), "utf8") }));
}

/** The comment that a file begins with, without its marks. */
function openingOf(text: string): string {
  const opening = /^(?:\/\/.*\n)+|^\/\*[\s\S]*?\*\//.exec(text)?.[0] ?? "";
  return opening.replace(/^\/\*+|\*\/$|^ *(?:\*|\/\/) ?/gm, "");
}

/** Static, dynamic and type imports, re-exports, and files named by `new URL` such as a worker's. */
function importsOf(text: string): string[] {
  const forms =
    /^(?:import|export)\b[^;"'`]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"|new URL\(\s*"([^"]+)",\s*import\.meta/gm;
  return Array.from(text.matchAll(forms), (match) => match.slice(1).find(Boolean) ?? "");
}

function resolve(path: string, specifier: string): string {
  return specifier.startsWith(".") ? join(dirname(path), specifier) : specifier;
}

function mayImport(path: string, target: string): boolean {
  const room = roomOf(path);
  if (room === undefined) return true;
  if (target.startsWith(room.folder)) return true;
  const isIn = (entry: string) =>
    entry === "*" ||
    target === entry ||
    target.startsWith(/[/:]$/.test(entry) ? entry : `${entry}/`);
  return room.may.some(isIn) && !room.mayNot?.some(isIn);
}

function roomOf(path: string): { folder: string; may: string[]; mayNot?: string[] } | undefined {
  const room = rooms.find((candidate) => candidate.path.test(path));
  return room && { ...room, folder: room.path.exec(path)?.[0] ?? "" };
}

/** The lines in files of these paths that match in their code, which is not comments or strings. */
function linesOf(paths: RegExp, banned: RegExp): string[] {
  return sources()
    .filter(({ path }) => paths.test(path))
    .flatMap(({ path, text }) =>
      codeOf(text)
        .split("\n")
        .map((line, index) => (banned.test(line) ? `src/${path}:${index + 1}` : ""))
        .filter(Boolean),
    );
}

/** The text with comments and double-quoted strings blanked out, and its lines kept. */
function codeOf(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|(?<!:)\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) =>
    found.replace(/[^\n]/g, " "),
  );
}

function none(found: string[], advice: string): void {
  expect(found.length === 0 ? "" : [advice, ...found].join("\n  ")).toBe("");
}
