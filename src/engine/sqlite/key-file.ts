// The signing keys: a file in the data directory that only its owner may read.

import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { makeSigningKey, type StoredKey } from "../../core/access/signing-key.ts";
import type { KeyStore } from "../../core/access/token-ports.ts";
import { hasCode, syncDirectory } from "./directory.ts";
import { StoreError } from "./store-error.ts";

const OWNER_ONLY = 0o600;
const SECRET_BYTES = 32;

export class KeyFile implements KeyStore {
  readonly #directory: string;
  readonly #file: string;
  readonly #now: () => number;

  constructor(directory: string, now: () => number) {
    this.#directory = directory;
    this.#file = join(directory, "keys.json");
    this.#now = now;
  }

  load(): readonly StoredKey[] {
    const found = this.find();
    if (found !== undefined) return found;
    const temporary = this.#write([makeSigningKey(this.#now())]);
    try {
      // Unlike a rename, a link does not replace what another process made in the meantime.
      linkSync(temporary, this.#file);
      syncDirectory(this.#directory);
    } catch (cause) {
      if (!hasCode(cause, "EEXIST")) throw cause;
    } finally {
      rmSync(temporary);
    }
    return parseKeys(this.#read() ?? "");
  }

  /** Undefined: there are none yet. Throws `StoreError`. */
  find(): readonly StoredKey[] | undefined {
    const text = this.#read();
    return text === undefined ? undefined : parseKeys(text);
  }

  save(keys: readonly StoredKey[]): void {
    renameSync(this.#write(keys), this.#file);
    syncDirectory(this.#directory);
  }

  #read(): string | undefined {
    try {
      const text = readFileSync(this.#file, "utf8");
      chmodSync(this.#file, OWNER_ONLY);
      return text;
    } catch (cause) {
      if (hasCode(cause, "ENOENT")) return undefined;
      throw new StoreError(`The key file keys.json cannot be read: ${String(cause)}.`, { cause });
    }
  }

  #write(keys: readonly StoredKey[]): string {
    const temporary = `${this.#file}.${crypto.randomUUID()}`;
    try {
      writeDurably(temporary, renderKeys(keys));
      return temporary;
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw new StoreError(`The key file keys.json cannot be written: ${String(cause)}.`, {
        cause,
      });
    }
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx", OWNER_ONLY);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The text of a key file. */
export function renderKeys(keys: readonly StoredKey[]): string {
  return `${JSON.stringify({ keys }, null, 2)}\n`;
}

/** Throws `StoreError` when it is not the text of a key file. */
export function parseKeys(text: string): readonly StoredKey[] {
  try {
    const { keys } = JSON.parse(text) as { keys: readonly StoredKey[] };
    if (keys.length > 0 && keys.every(isKey)) return keys;
  } catch (cause) {
    throw new StoreError(
      "The key file keys.json is damaged: it is not the JSON that was written.",
      {
        cause,
      },
    );
  }
  throw new StoreError("The key file keys.json is damaged: it holds no keys.");
}

function isKey({ id, secret }: StoredKey): boolean {
  return (
    typeof id === "string" && typeof secret === "string" && secretBytes(secret) >= SECRET_BYTES
  );
}

/** 0 when it is not base64url. */
function secretBytes(secret: string): number {
  const [, digits] = /^([\w-]+)=*$/.exec(secret) ?? [];
  return Math.floor(((digits?.length ?? 0) * 3) / 4);
}
