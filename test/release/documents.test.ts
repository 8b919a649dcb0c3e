// What a release tells about itself: the manual page, the bill of materials, and the licences of what is inside.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { billOfMaterials } from "../../scripts/release/bill-of-materials.ts";
import { licencesText } from "../../scripts/release/licences.ts";
import { manualPage } from "../../scripts/release/manual-page.ts";
import { readPackages } from "../../scripts/release/packages.ts";
import { commands } from "../../src/cli/commands.ts";
import { everySetting } from "../../src/cli/settings.ts";

const ROOT = join(import.meta.dir, "../..");
const EDITION = { version: "1.2.3", commit: "abc", date: new Date(1_790_000_000_000) };
const NESTED = "node_modules/@deepstream/protobuf/node_modules/protobufjs";

const packages = await readPackages(ROOT, [
  ...Object.keys(packageJson.dependencies).map((name) => `node_modules/${name}`),
  NESTED,
]);

describe("the manual page", () => {
  const page = manualPage({ version: "1.2.3", date: "2026-09-21" });

  test("has every command, flag and setting", () => {
    expect(page).toStartWith('.TH MILLRACE 1 2026-09-21 "Millrace 1.2.3" "User Commands"\n');
    const typed = (text: string) => text.replaceAll("-", "\\-");
    for (const { name, flags } of commands) {
      expect(page).toContain(`.SS "millrace ${typed(name)}`);
      for (const flag of flags) expect(page).toContain(`.BI ${typed(`--${flag.name}`)}`);
    }
    for (const { path, flag, environment } of everySetting()) {
      expect(page).toMatch(
        new RegExp(`^\\.B ${path.at(-1)} \\(.*${RegExp.escape(typed(`--${flag}`))}`, "m"),
      );
      expect(page).toMatch(new RegExp(`\\b${environment}$`, "m"));
    }
  });

  test("has no line that would be taken for a request of roff, nor one that is too long", () => {
    const requests = page.split("\n").filter((line) => /^[.']/.test(line));
    const known = /^\.(?:TH|SH|SS|TP|PP|B|I|BI|BR|EX|EE|nh|ad)\b/;
    expect(requests.filter((line) => !known.test(line))).toEqual([]);
    expect(page).not.toContain("\n\n");
    expect(page).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

describe("the bill of materials", () => {
  const bill = JSON.parse(billOfMaterials(EDITION, packages));

  test("is of this version and commit, and the same each time", () => {
    expect(bill).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      serialNumber: expect.stringMatching(
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      metadata: {
        timestamp: "2026-09-21T14:13:20.000Z",
        component: {
          name: "millrace",
          version: "1.2.3",
          properties: [{ name: "commit", value: "abc" }],
        },
      },
    });
    expect(billOfMaterials(EDITION, packages)).toBe(billOfMaterials(EDITION, packages));
  });

  test("has Bun with what is linked into it, and every package with its hash and licence", () => {
    const [bun, ...libraries] = bill.components;
    expect(bun).toMatchObject({ name: "bun", version: Bun.version, type: "platform" });
    const names = bun.components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["JavaScriptCore", "SQLite", "BoringSSL"]));
    expect(libraries).toHaveLength(packages.length);
    for (const { purl, hashes, licenses } of libraries) {
      expect(purl).toMatch(/^pkg:npm\/(?:%40[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+$/);
      expect(hashes).toEqual([
        { alg: "SHA-512", content: expect.stringMatching(/^[0-9a-f]{128}$/) },
      ]);
      expect(licenses).toHaveLength(1);
    }
    const references = bill.components.map(
      (component: Record<string, string>) => component["bom-ref"],
    );
    expect(new Set(references).size).toBe(references.length);
  });
});

test("the licences are those of Millrace, of Bun, of every package, and the LGPL in full", async () => {
  const text = (path: string) => Bun.file(join(ROOT, path)).text();
  const lgpl = await text("scripts/release/lgpl-2.1.txt");
  const licences = licencesText(await text("LICENSE"), lgpl, packages);
  for (const { name, version, licenceText } of packages) {
    expect(licences).toContain(`\n${name} ${version} (`);
    expect(licences).toContain(licenceText);
  }
  expect(licences).toContain(`Bun ${Bun.version} (MIT)`);
  expect(licences).toMatch(/^JavaScriptCore [0-9a-f]{40}$/m);
  expect(licences).toContain("END OF TERMS AND CONDITIONS");
});

test("a package that is not locked as it lies there is no part of a release", async () => {
  const folder = `${NESTED}/../../../../elysia`;
  expect(await readPackages(ROOT, [folder]).catch(String)).toMatch(
    /bun\.lock does not have elysia@/,
  );
});
