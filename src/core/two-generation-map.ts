// A bounded map that forgets what was not used lately, at the cost of one extra lookup.

/** Holds at most `sizeMax` entries; an entry used since the last turn of generations is never forgotten by the next. */
export class TwoGenerationMap<Key, Value> {
  readonly #sizeMax: number;
  readonly #generationMax: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
    this.#generationMax = Math.max(1, Math.floor(sizeMax / 2));
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#sizeMax < 1) return;
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#sizeMax === 1 ? new Map() : this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: Key): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
