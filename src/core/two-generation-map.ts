// A bounded map that forgets what was not used lately, at the cost of one extra lookup.

/**
 * Holds entries of `sizeMax` in all at most, each of which counts 1 unless `sizeOf` says otherwise; one
 * that was used since the last turn of generations is never forgotten by the next.
 */
export class TwoGenerationMap<Key, Value> {
  readonly #sizeMax: number;
  readonly #generationMax: number;
  readonly #sizeOf: (key: Key, value: Value) => number;
  #young = new Map<Key, Value>();
  #youngSize = 0;
  #old = new Map<Key, Value>();

  constructor(sizeMax: number, sizeOf: (key: Key, value: Value) => number = () => 1) {
    this.#sizeMax = sizeMax;
    this.#generationMax = Math.max(1, Math.floor(sizeMax / 2));
    this.#sizeOf = sizeOf;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** What is larger than half of all is not kept. */
  set(key: Key, value: Value): void {
    this.delete(key);
    const size = this.#sizeOf(key, value);
    if (this.#sizeMax < 1 || size > this.#generationMax) return;
    if (this.#youngSize + size > this.#generationMax) {
      this.#old = this.#sizeMax === 1 ? new Map() : this.#young;
      this.#young = new Map();
      this.#youngSize = 0;
    }
    this.#young.set(key, value);
    this.#youngSize += size;
  }

  delete(key: Key): void {
    const young = this.#young.get(key);
    if (young !== undefined) this.#youngSize -= this.#sizeOf(key, young);
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#youngSize = 0;
    this.#old.clear();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
