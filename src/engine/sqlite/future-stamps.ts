// Looks past items that were stamped by a clock that was ahead: what was committed after them tells their age.

import type { Database, Statement } from "bun:sqlite";

export interface StampRow {
  readonly id: number;
  readonly published_at: number;
}

export class FutureStamps {
  readonly #firstFrom: Statement<StampRow, [number, number]>;
  readonly #newest: Statement<StampRow, [number]>;

  constructor(database: Database) {
    const item = "SELECT id, published_at FROM items WHERE cache_id = ?";
    this.#firstFrom = database.prepare(`${item} AND id >= ? ORDER BY id LIMIT 1`);
    this.#newest = database.prepare(`${item} ORDER BY id DESC LIMIT 1`);
  }

  /**
   * The first item after a run of those stamped later than `now`, which begins with the item `id` of
   * the cache; undefined when there is none. Halves what is between, so that a long run costs no more
   * than a few dozen look-ups; where there are several runs, it is the item after any of them.
   */
  firstAfter(cache: number, id: number, now: number): StampRow | undefined {
    const newest = this.#newest.get(cache);
    if (newest === null || newest.published_at > now) return undefined;
    let first = newest;
    let [ahead, bound] = [id, newest.id];
    // No item is between the bound and the first, and the one at `ahead` is of the run.
    while (ahead + 1 < bound) {
      const middle = Math.floor((ahead + bound) / 2);
      const item = this.#firstFrom.get(cache, middle) ?? newest;
      if (item.published_at > now) {
        ahead = item.id;
      } else {
        bound = middle;
        first = item;
      }
    }
    return first;
  }
}
