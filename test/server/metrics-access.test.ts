// Who may read the metrics where they have no token, and what a file of their token may hold.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import { MetricsAccess } from "../../src/server/metrics-access.ts";
import { StartError } from "../../src/server/start-error.ts";
import { temporaryDirectory } from "../cli/millrace.ts";

function settingsWith(flags: Record<string, string>) {
  const loaded = loadSettings({ environment: {}, flags: { "deepstream-auth": "open", ...flags } });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}

function accessWith(flags: Record<string, string>) {
  return new MetricsAccess(settingsWith(flags));
}

function ask(headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/metrics", { headers });
}

function askWith(token: string): Request {
  return ask({ authorization: `Bearer ${token}` });
}

describe("without a token", () => {
  const rows: [host: string, headers: Record<string, string>, isShown: boolean][] = [
    ["127.0.0.1", {}, true],
    ["::1", {}, true],
    ["localhost", {}, true],
    ["127.0.0.1", { "x-forwarded-for": "127.0.0.1" }, false],
    ["127.0.0.1", { forwarded: "for=127.0.0.1" }, false],
    ["0.0.0.0", {}, false],
    ["::", {}, false],
    ["192.0.2.1", {}, false],
    ["192.0.2.1", { authorization: "Bearer 0123456789abcdef" }, false],
  ];
  test.each(rows)("a server on %s, asked with %j: shown %p", (host, headers, isShown) => {
    expect(accessWith({ host }).isFor(ask(headers))).toBe(isShown);
  });
});

describe("the file of the token", () => {
  const rows: [what: string, text: string, isGood: boolean][] = [
    ["a token alone", "0123456789abcdef", true],
    ["a token and the end of its line", "0123456789abcdef\r\n", true],
    ["nothing", "", false],
    ["a token that is too short", "0123456789abcde\n", false],
    ["one that is too long", "x".repeat(256), false],
    ["two lines", "0123456789abcdef\n0123456789abcdef\n", false],
    ["a space", "0123456789 abcdef", false],
    ["what no header can carry", "0123456789abcdefä", false],
  ];
  test.each(rows)("with %s", async (_, text, isGood) => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "token");
    await Bun.write(file, text);
    const open = () => accessWith({ "metrics-token-file": file });
    if (!isGood) expect(open).toThrow(StartError);
    else expect(open().isFor(askWith("0123456789abcdef"))).toBe(true);
  });

  test("that is not there is said, and no token ever is", () => {
    expect(() => accessWith({ "metrics-token-file": "/nowhere/token" })).toThrow(
      /^The token of the metrics cannot be read: .*\/nowhere\/token.*\.$/,
    );
  });
});

describe("a reload", () => {
  const OLD = "the-token-of-before";
  const NEW = "the-token-of-now";

  test("takes up what the file holds now, and another file", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "token");
    await Bun.write(file, OLD);
    const access = accessWith({ "metrics-token-file": file });
    const reload = (path: string) =>
      access.reloadable.reload(settingsWith({ "metrics-token-file": path }));
    await Bun.write(file, NEW);
    expect(access.isFor(askWith(OLD))).toBe(true);
    await reload(file);
    expect(access.isFor(askWith(NEW))).toBe(true);
    expect(() => access.isFor(askWith(OLD))).toThrow("not that of the metrics");
    await Bun.write(`${file}2`, OLD);
    await reload(`${file}2`);
    expect(access.isFor(askWith(OLD))).toBe(true);
  });

  test("that finds no token that can be used leaves the old in force", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "token");
    await Bun.write(file, OLD);
    const flags = { "metrics-token-file": file };
    const access = accessWith(flags);
    await Bun.write(file, "short");
    expect(() => access.reloadable.reload(settingsWith(flags))).toThrow(StartError);
    expect(access.isFor(askWith(OLD))).toBe(true);
  });

  test("without a token goes by where the server listens, and not by where it would after a restart", async () => {
    const access = accessWith({ host: "0.0.0.0" });
    await access.reloadable.reload(settingsWith({ host: "127.0.0.1" }));
    expect(access.isFor(ask())).toBe(false);
  });
});
