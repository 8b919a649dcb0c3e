// What can be taken up while the server runs is, and what cannot be used leaves the old in force.

import { expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load.ts";
import { type Reloadable, Reloads } from "../../src/server/reloads.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { turns } from "../support/turns.ts";

const taken: Reloadable = { name: "rules", reload: () => {} };
const broken: Reloadable = {
  name: "users",
  reload: () => Promise.reject(new Error("the file\n is gone")),
};

test("a part that fails keeps no other from being taken up, and its reason is one line", async () => {
  const { reloads, lines } = open([broken, taken]);
  expect(await reloads.reload()).toEqual({
    reloaded: ["rules"],
    failed: [{ name: "users", reason: "the file is gone" }],
    restart: [],
  });
  expect(lines).toEqual([
    "ERROR Reload of users failed; the old stay in force: the file is gone",
    "INFO Reloaded: rules",
  ]);
});

test("settings that cannot be read leave everything as it was", async () => {
  let count = 0;
  const part: Reloadable = {
    name: "users",
    reload() {
      count += 1;
    },
  };
  const { reloads, lines } = open([part], () => {
    throw new Error("[http] port is 0.5\n[log] level is x");
  });
  const reason = "[http] port is 0.5 [log] level is x";
  expect(await reloads.reload()).toEqual({
    reloaded: [],
    failed: [{ name: "configuration", reason }],
    restart: [],
  });
  expect(count).toBe(0);
  expect(lines).toEqual([`ERROR Reload failed; all stays as it is: ${reason}`]);
});

test("settings that no part takes up are named, as often as they differ", async () => {
  const anew = settingsOf(
    `[http]\nport = 1\norigins = ["https://a.example"]\n[log]\nlevel = "debug"`,
  );
  const part: Reloadable = { ...taken, keys: ["[log] level"] };
  const { reloads, lines } = open([part], () => anew);
  for (let n = 0; n < 2; n += 1) {
    expect((await reloads.reload()).restart).toEqual(["[http] port", "[http] origins"]);
  }
  expect(lines.filter((line) => line.startsWith("WARN"))).toEqual(
    Array(2).fill(
      "WARN Settings have changed that take effect after a restart: [http] port, [http] origins",
    ),
  );
});

test("a part is given the settings as they are now", async () => {
  const seen: string[] = [];
  const part: Reloadable = { name: "log level", reload: ({ log }) => void seen.push(log.level) };
  const { reloads } = open([part], () => settingsOf('[log]\nlevel = "error"'));
  await reloads.reload();
  expect(seen).toEqual(["error"]);
});

test("one that comes while another is at work reads what is there after it; all who wait share one", async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  let underWay = 0;
  const part: Reloadable = {
    name: "users",
    async reload() {
      begun += 1;
      underWay += 1;
      expect(underWay).toBe(1);
      await gate.promise;
      underWay -= 1;
    },
  };
  const { reloads } = open([part]);
  const first = reloads.reload();
  await turns();
  const later = [reloads.reload(), reloads.reload(), reloads.reload()];
  await turns();
  expect(begun).toBe(1);
  gate.resolve();
  await Promise.all([first, ...later]);
  expect(begun).toBe(2);
});

function settingsOf(fileText: string) {
  const loaded = loadSettings({ environment: {}, flags: {}, fileText });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}

function open(parts: readonly Reloadable[], readSettings = () => settingsOf("")) {
  const lines: string[] = [];
  const write = (line: string) => {
    const { level, message, reason, parts, settings } = JSON.parse(line);
    lines.push(`${level} ${message}: ${reason ?? parts ?? settings}`);
  };
  const log = openLog({ level: "info", format: "json", region: "here", write });
  return { lines, reloads: new Reloads({ settings: settingsOf(""), readSettings, parts, log }) };
}
