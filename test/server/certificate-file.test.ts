// What keeps a certificate and its key from being used is said in one sentence that names the file.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doubtOf, readCertificate } from "../../src/server/certificate-file.ts";
import { StartError } from "../../src/server/start-error.ts";
import { certificatePath, TLS } from "../support/certificates.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-certificates-"));
afterAll(() => rmSync(directory, { recursive: true }));

const one = readFileSync(TLS.certificate, "utf8");
const { certificate, key } = TLS;

describe("what cannot be used", () => {
  const rows: [string, { certificate: string; key: string }, string][] = [
    [
      "a key of another certificate",
      { certificate, key: certificatePath("two.key") },
      `The key ${certificatePath("two.key")} does not belong to the certificate ${certificate}.`,
    ],
    [
      "no certificate",
      { certificate: "/nowhere/a.pem", key },
      "The certificate /nowhere/a.pem cannot be read: ENOENT: no such file or directory, open '/nowhere/a.pem'.",
    ],
    [
      "no key",
      { certificate, key: "/nowhere/a.key" },
      "The key /nowhere/a.key cannot be read: ENOENT: no such file or directory, open '/nowhere/a.key'.",
    ],
    [
      "a certificate that is a directory",
      { certificate: directory, key },
      `The certificate ${directory} cannot be read: EISDIR: illegal operation on a directory, read.`,
    ],
    [
      "a certificate that is a key",
      { certificate: key, key },
      `The certificate ${key} is not in PEM: it has no line -----BEGIN CERTIFICATE-----.`,
    ],
    [
      "a key that is a certificate",
      { certificate, key: certificate },
      `The key ${certificate} is not in PEM: it has no line -----BEGIN PRIVATE KEY-----.`,
    ],
    [
      "an encrypted key",
      { certificate, key: certificatePath("encrypted.key") },
      `The key ${certificatePath("encrypted.key")} is encrypted, which a server that starts by itself cannot use: write it anew without a password, as with openssl pkey -in OLD -out NEW.`,
    ],
    [
      "a key encrypted in the old form",
      {
        certificate,
        key: written(
          "old.key",
          "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n-----END RSA PRIVATE KEY-----",
        ),
      },
      `The key ${join(directory, "old.key")} is encrypted, which a server that starts by itself cannot use: write it anew without a password, as with openssl pkey -in OLD -out NEW.`,
    ],
  ];
  test.each(rows)("%s", (_, files, sentence) => {
    expect(failure(files)).toBe(sentence);
  });

  const damaged: [string, { certificate: string; key: string }, RegExp][] = [
    [
      "half a certificate",
      { certificate: written("half.pem", one.slice(0, 200)), key },
      /^The certificate \S+half\.pem is damaged: .+\.$/,
    ],
    [
      "half a key",
      { certificate, key: written("half.key", readFileSync(key, "utf8").slice(0, 150)) },
      /^The key \S+half\.key is damaged: .+\.$/,
    ],
    [
      "a chain that is damaged after the first",
      { certificate: written("chain.pem", `${one}${one.slice(0, 200)}`), key },
      /^The certificate \S+chain\.pem cannot be used with its key: .+\.$/,
    ],
  ];
  test.each(damaged)("%s", (_, files, sentence) => {
    expect(failure(files)).toMatch(sentence);
  });
});

test("a certificate with its issuer's behind it can be used", () => {
  const chain = `${one}${readFileSync(certificatePath("two.pem"), "utf8")}`;
  expect(readCertificate({ certificate: written("both.pem", chain), key })).toMatchObject({
    chain,
  });
});

test("what clients refuse for its time is doubted, to the second", () => {
  const read = readCertificate(TLS);
  const [from, to] = [Date.UTC(2020, 0, 1), Date.UTC(2120, 0, 1)];
  expect(doubtOf(read, "a.pem", from)).toBeUndefined();
  expect(doubtOf(read, "a.pem", to)).toBeUndefined();
  expect(doubtOf(read, "a.pem", from - 1)).toBe(
    "The certificate a.pem is not valid yet (Jan  1 00:00:00 2020 GMT): clients refuse it.",
  );
  expect(doubtOf(read, "a.pem", to + 1)).toBe(
    "The certificate a.pem has expired (Jan  1 00:00:00 2120 GMT): clients refuse it.",
  );
});

function written(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function failure(files: { certificate: string; key: string }): string {
  try {
    readCertificate(files);
  } catch (cause) {
    if (cause instanceof StartError) return cause.message;
    throw cause;
  }
  return "none";
}
