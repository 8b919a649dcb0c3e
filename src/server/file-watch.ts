// Notices that files are others than before, by looking: who renews them replaces files, links and folders, in whatever order.

import { stat } from "node:fs/promises";
import type { Clock } from "../core/clock.ts";

export class FileWatch implements Disposable {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #changed: () => void;
  #timer: Disposable | undefined;
  #known: string | undefined;
  #seen: string | undefined;
  #isDisposed = false;

  /**
   * Calls `changed` once for each change, when two looks in a row have seen the same: what is just
   * being replaced is left alone until it is complete.
   */
  constructor(paths: readonly string[], clock: Clock, everyMs: number, changed: () => void) {
    this.#paths = paths;
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#changed = changed;
    void this.#look();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    const signs = await Promise.all(this.#paths.map(signOf));
    if (this.#isDisposed) return;
    this.#note(signs.join());
    this.#timer = this.#clock.schedule(this.#everyMs, () => void this.#look());
  }

  #note(sign: string): void {
    this.#known ??= sign;
    const isSettled = sign === this.#seen;
    this.#seen = sign;
    if (!isSettled || sign === this.#known) return;
    this.#known = sign;
    this.#changed();
  }
}

/** Of the file that a path leads to, through whatever links. */
async function signOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(path);
    return [dev, ino, size, mtimeMs].join(":");
  } catch {
    // Whoever is told of the change says why the file cannot be read.
    return "missing";
  }
}
