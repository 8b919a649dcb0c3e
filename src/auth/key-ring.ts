// The server's own signing keys, newest first: sign with the first, verify with all.

import { makeSigningKey, type StoredKey } from "../core/access/signing-key.ts";
import type { KeyRotation, KeyStore, SigningKeys } from "../core/access/token-ports.ts";
import type { Clock } from "../core/clock.ts";

/** Keys that only verify are kept up to this number, so that the file does not grow for ever. */
const KEYS_MAX = 100;

export class KeyRing implements SigningKeys {
  readonly #store: KeyStore;
  readonly #clock: Clock;
  #keys: readonly StoredKey[];
  readonly #secrets = new Map<string, Uint8Array>();

  constructor(store: KeyStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#keys = store.load();
    this.#remember();
  }

  get newest(): { id: string; secret: Uint8Array } {
    const [key] = this.#keys;
    const secret = key && this.#secrets.get(key.id);
    if (key === undefined || secret === undefined) throw new Error("the key store was empty");
    return { id: key.id, secret };
  }

  secretOf(id: string): Uint8Array | undefined {
    return this.#secrets.get(id);
  }

  async rotate(revokeOld: boolean): Promise<KeyRotation> {
    const old = this.#keys;
    const key = makeSigningKey(this.#clock.now());
    const keys = [key, ...(revokeOld ? [] : old)].slice(0, KEYS_MAX);
    this.#store.save(keys);
    this.#keys = keys;
    this.#remember();
    const ended = old.filter(({ id }) => !this.#secrets.has(id)).map(({ id }) => id);
    return { keyId: key.id, endedKeyIds: ended };
  }

  #remember(): void {
    this.#secrets.clear();
    for (const { id, secret } of this.#keys) {
      this.#secrets.set(id, Uint8Array.fromBase64(secret, { alphabet: "base64url" }));
    }
  }
}
