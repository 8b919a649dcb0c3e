// Reads a certificate and its key from their files, and says in one sentence what keeps them from being used.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { StartError } from "./start-error.ts";

/** The paths of the files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Certificate {
  /** In PEM, with those that lead to its issuer. */
  readonly chain: string;
  /** Its private key, in PEM. */
  readonly key: string;
  readonly leaf: X509Certificate;
}

/** Throws `StartError` when they cannot be used. */
export function readCertificate(files: CertificateFiles): Certificate {
  const chain = readText("certificate", files.certificate);
  const key = readText("key", files.key);
  const leaf = parseLeaf(chain, files.certificate);
  if (!leaf.checkPrivateKey(parseKey(key, files.key))) {
    throw new StartError(
      `The key ${files.key} does not belong to the certificate ${files.certificate}.`,
    );
  }
  try {
    createSecureContext({ cert: chain, key });
  } catch (cause) {
    throw new StartError(
      `The certificate ${files.certificate} cannot be used with its key: ${textOf(cause)}.`,
      { cause },
    );
  }
  return { chain, key, leaf };
}

/** Why clients will refuse it at this time, in milliseconds since the Unix epoch; undefined: they will not for that. */
export function doubtOf({ leaf }: Certificate, path: string, now: number): string | undefined {
  if (Date.parse(leaf.validTo) < now) {
    return `The certificate ${path} has expired (${leaf.validTo}): clients refuse it.`;
  }
  if (Date.parse(leaf.validFrom) > now) {
    return `The certificate ${path} is not valid yet (${leaf.validFrom}): clients refuse it.`;
  }
  return undefined;
}

function readText(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new StartError(`The ${what} ${path} cannot be read: ${textOf(cause)}.`, { cause });
  }
}

function parseLeaf(chain: string, path: string): X509Certificate {
  if (!chain.includes("-----BEGIN CERTIFICATE-----")) {
    throw new StartError(
      `The certificate ${path} is not in PEM: it has no line -----BEGIN CERTIFICATE-----.`,
    );
  }
  try {
    return new X509Certificate(chain);
  } catch (cause) {
    throw new StartError(`The certificate ${path} is damaged: ${textOf(cause)}.`, { cause });
  }
}

function parseKey(key: string, path: string): KeyObject {
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(key)) {
    throw new StartError(
      `The key ${path} is not in PEM: it has no line -----BEGIN PRIVATE KEY-----.`,
    );
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type:.*ENCRYPTED/m.test(key)) {
    throw new StartError(
      `The key ${path} is encrypted, which a server that starts by itself cannot use: write it anew without a password, as with openssl pkey -in OLD -out NEW.`,
    );
  }
  try {
    return createPrivateKey(key);
  } catch (cause) {
    throw new StartError(`The key ${path} is damaged: ${textOf(cause)}.`, { cause });
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
