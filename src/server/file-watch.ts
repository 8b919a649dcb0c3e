// Notices that files are others than before, by looking: who renews them replaces files, links and folders, in whatever order.

import { statSync } from "node:fs";
import type { Clock } from "../core/clock.ts";

export class FileWatch implements Disposable {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #changed: () => void;
  #timer: Disposable;
  #known: string;
  #seen: string;

  /**
   * To be made before the files are read, so that no change is missed. Calls `changed` once for each,
   * when two looks in a row have seen the same: what is just being replaced is left alone until it is
   * complete.
   */
  constructor(paths: readonly string[], clock: Clock, everyMs: number, changed: () => void) {
    this.#paths = paths;
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#changed = changed;
    this.#known = this.#sign();
    this.#seen = this.#known;
    this.#timer = this.#lookLater();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #lookLater(): Disposable {
    return this.#clock.schedule(this.#everyMs, () => {
      this.#timer = this.#lookLater();
      this.#look();
    });
  }

  #look(): void {
    const sign = this.#sign();
    const isSettled = sign === this.#seen;
    this.#seen = sign;
    if (!isSettled || sign === this.#known) return;
    this.#known = sign;
    this.#changed();
  }

  #sign(): string {
    return this.#paths.map(signOf).join();
  }
}

/** Of the file that a path leads to, through whatever links. */
function signOf(path: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return [dev, ino, size, mtimeMs].join(":");
  } catch {
    // Whoever is told of the change says why the file cannot be read.
    return "missing";
  }
}
