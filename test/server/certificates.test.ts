// A certificate is taken up anew when its files have changed, once, and the old stays where it cannot be.

import { expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import type { Certificate } from "../../src/server/certificate-file.ts";
import { Certificates } from "../../src/server/certificates.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { temporaryDirectory } from "../cli/millrace.ts";
import { certificatePath } from "../support/certificates.ts";
import { flagsOf } from "../support/flags.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { turns } from "../support/turns.ts";

test("files that change are taken up by themselves, and those that do not fit are told of once", async () => {
  using opened = open();
  opened.use("two", "two");
  await opened.looks(3);
  expect(opened.applied.map(nameOf)).toEqual(["CN=Millrace test two"]);
  expect(nameOf(opened.certificates.current)).toBe("CN=Millrace test two");
  expect(opened.lines).toEqual([expect.stringContaining("INFO Reloaded")]);

  opened.use("one", "two");
  await opened.looks(4);
  expect(opened.applied).toHaveLength(1);
  expect(opened.lines.slice(1)).toEqual([
    expect.stringContaining("ERROR Reload of certificates failed; the old stay in force"),
  ]);
});

test("where a new certificate cannot be shown, the old counts on, and can be replaced later", async () => {
  using opened = open();
  const { certificates } = opened;
  certificates.onChange(() => Promise.reject(new Error("not now")));
  opened.use("two", "two");
  expect(await opened.reload().catch(String)).toBe("Error: not now");
  expect(nameOf(certificates.current)).toBe("CN=Millrace test one");
  certificates.onChange(async () => {});
  await opened.reload();
  expect(nameOf(certificates.current)).toBe("CN=Millrace test two");
});

test("nothing is left of one that is disposed", async () => {
  const opened = open();
  await opened.looks(1);
  opened[Symbol.dispose]();
  expect(opened.clock.timers).toBe(0);
});

const CHECK_SECONDS = 30;

function open() {
  const directory = temporaryDirectory();
  const [certificate, key] = [join(directory.path, "a.pem"), join(directory.path, "a.key")];
  const use = (pem: "one" | "two", its: "one" | "two") => {
    copyFileSync(certificatePath(`${pem}.pem`), certificate);
    copyFileSync(certificatePath(`${its}.key`), key);
  };
  use("one", "one");
  const flags = flagsOf({ http: { tls: { certificate, key, check_seconds: CHECK_SECONDS } } });
  const loaded = loadSettings({ environment: {}, flags });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  const { settings } = loaded;
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = openLog({ level: "info", format: "text", region: "here", write });
  const clock = new ManualClock(Date.UTC(2030, 0, 1));
  const certificates = new Certificates(settings, clock, log);
  const applied: Certificate[] = [];
  certificates.onChange(async (anew) => void applied.push(anew));
  return {
    ...{ certificates, applied, lines, clock, use },
    reload: async () => certificates.reloadable.reload(settings),
    async looks(count: number) {
      clock.advance(count * CHECK_SECONDS * 1000);
      await turns();
    },
    [Symbol.dispose]() {
      certificates[Symbol.dispose]();
      directory[Symbol.dispose]();
    },
  };
}

function nameOf({ leaf }: Certificate): string {
  return leaf.subject;
}
