/** The bill of materials (SBOM) of the executable, in CycloneDX's JSON. */
import type { Package } from "./packages.ts";
import { BUN_URL, RUNTIME_PARTS, versionOf } from "./runtime.ts";

export interface Edition {
  readonly version: string;
  readonly commit: string;
  /** When the commit was made. */
  readonly date: Date;
}

/** The same for every platform. */
export function billOfMaterials(
  { version, commit, date }: Edition,
  packages: readonly Package[],
): string {
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`millrace ${version} ${commit}`)}`,
    version: 1,
    metadata: {
      timestamp: date.toISOString(),
      component: {
        type: "application",
        "bom-ref": "millrace",
        name: "millrace",
        version,
        licenses: licences("MIT"),
        properties: [{ name: "commit", value: commit }],
      },
    },
    components: [describeBun(), ...packages.map(describePackage)],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function describeBun() {
  return {
    type: "platform",
    "bom-ref": `bun@${Bun.version}`,
    name: "bun",
    version: Bun.version,
    licenses: licences("MIT"),
    purl: `pkg:github/oven-sh/bun@bun-v${Bun.version}`,
    externalReferences: [{ type: "vcs", url: BUN_URL }],
    components: RUNTIME_PARTS.map((part) => {
      const version = versionOf(part);
      return {
        type: "library",
        "bom-ref": `bun/${part.name}`,
        name: part.name,
        ...(version !== undefined && { version }),
        licenses: licences(part.licence),
        externalReferences: [{ type: "website", url: part.url }],
      };
    }),
  };
}

function describePackage({ name, version, licence, sha512 }: Package) {
  const [group, short] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    ...(group !== undefined && { group }),
    name: short,
    version,
    hashes: [{ alg: "SHA-512", content: sha512.toString("hex") }],
    licenses: licences(licence),
    purl,
  };
}

/** One licence has an identifier, several are an expression. */
function licences(expression: string) {
  return / (?:AND|OR|WITH) /.test(expression)
    ? [{ expression }]
    : [{ license: { id: expression } }];
}

/** The same for the same text, as a UUID of version 8. */
function uuidOf(text: string): string {
  const digits = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(12, 15)}`];
  return [...parts, `8${digits.slice(15, 18)}`, digits.slice(18, 30)].join("-");
}
