// Records that were read lately, so that one that is asked for again and again costs no look into the file.

import type { StoredRecord } from "../../core/records/command.ts";
import { TwoGenerationMap } from "../../core/two-generation-map.ts";

const BYTES_MAX = 33_554_432;
/** What one takes beside its text. */
const OVERHEAD_BYTES = 256;

/**
 * A record is remembered only while no command about it is with the writer, for then the file may have
 * another at any moment, which some reads would see and others would not. Imports need no telling: they
 * make records that there are not, and that there is none is never remembered.
 */
export class RememberedRecords {
  readonly #records = new TwoGenerationMap<string, StoredRecord>(BYTES_MAX, bytesOf);
  /** How many commands about a record are with the writer. */
  readonly #commands = new Map<string, number>();

  get(name: string): StoredRecord | undefined {
    return this.#records.get(name);
  }

  /** To be called in the turn in which it was read. */
  put(name: string, record: StoredRecord): void {
    if (!this.#commands.has(name)) this.#records.set(name, record);
  }

  /** A command goes to the writer. */
  commandBegins(name: string): void {
    this.#commands.set(name, (this.#commands.get(name) ?? 0) + 1);
    this.#records.delete(name);
  }

  /** What the command did is announced, or it did nothing. */
  commandEnds(name: string): void {
    const others = (this.#commands.get(name) ?? 0) - 1;
    if (others > 0) this.#commands.set(name, others);
    else this.#commands.delete(name);
  }
}

/** A character takes two bytes at most. */
function bytesOf(name: string, { data }: StoredRecord): number {
  return 2 * (name.length + data.length) + OVERHEAD_BYTES;
}
