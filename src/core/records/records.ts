// Reading and writing records: check, limit, hand over to the store.

import type { User } from "../access/user.ts";
import { invalidArgument, limitExceeded } from "../errors.ts";
import { type Json, renderJson } from "../json.ts";
import { Listeners, type OnBug } from "../listeners.ts";
import { requirePlainName } from "../names.ts";
import { isLongerThan } from "../utf8.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import type { RecordCommand, RecordOutcome, StoredRecord } from "./command.ts";
import { parsePath } from "./path.ts";
import type { RecordChange, RecordStore, RecordSummary } from "./record-store.ts";

export interface RecordsLimits {
  /** Of the text of a record's data, and of a value written into it. */
  readonly recordBytesMax: number;
  readonly nameBytesMax: number;
  /** What the indexes of one path may add up to. */
  readonly arrayIndexMax: number;
  /** How deep arrays and objects of a record may lie in each other, the outermost counted. */
  readonly depthMax: number;
}

export type WriteOutcome = Exclude<RecordOutcome, { readonly kind: "deleted" }>;

/** What `head` tells of a record that does not exist. */
const NO_VERSION = -1;

/**
 * `write`, `patch` and `delete` hand their command to the store before they return: callers who do
 * not wait keep their order and share commits. Whatever is refused rejects the promise. The user is
 * who asks, for the permissions.
 */
export class Records {
  readonly #store: RecordStore;
  readonly #writes: WriteDeadline;
  readonly #limits: RecordsLimits;
  readonly #notified: Listeners<readonly string[]>;

  /** `onBug` takes what a listener of `onNotify` throws. */
  constructor(store: RecordStore, writes: WriteDeadline, limits: RecordsLimits, onBug: OnBug) {
    this.#store = store;
    this.#writes = writes;
    this.#limits = limits;
    this.#notified = new Listeners(onBug);
  }

  /** Undefined: there is no such record. */
  async read(_user: User, name: string): Promise<StoredRecord | undefined> {
    this.#requireName(name);
    return await this.#store.read(name);
  }

  /** The version; -1: there is no such record. */
  async head(_user: User, name: string): Promise<number> {
    this.#requireName(name);
    return (await this.#store.head(name)) ?? NO_VERSION;
  }

  /**
   * Makes `data` all that the record holds. `version` is the one that this write is to make; undefined:
   * whatever that is. Durable when it resolves. Rejects with `invalid_argument`, `limit_exceeded`,
   * `storage_full` with nothing stored, or `outcome_unknown`.
   */
  async write(
    _user: User,
    name: string,
    data: Json,
    version: number | undefined,
  ): Promise<WriteOutcome> {
    this.#requireName(name);
    if (typeof data !== "object" || data === null) {
      throw invalidArgument("The data of a record must be an object or an array.");
    }
    const text = this.#render(data, this.#limits.depthMax);
    return await this.#write({ kind: "set-record", name, data: text, version });
  }

  /**
   * As `write`, for what is at the path alone; undefined: what is there goes. Makes the record, and
   * all that is missing on the way. `invalid_argument` too where the path asks an array for a name.
   */
  async patch(
    _user: User,
    name: string,
    pathText: string,
    data: Json | undefined,
    version: number | undefined,
  ): Promise<WriteOutcome> {
    this.#requireName(name);
    const path = parsePath(pathText, this.#limits);
    const text =
      data === undefined ? undefined : this.#render(data, this.#limits.depthMax - path.length);
    return await this.#write({ kind: "patch-record", name, path, data: text, version });
  }

  /** Whether there was such a record. Durable when it resolves; the next write makes version 1 again. */
  async delete(_user: User, name: string): Promise<boolean> {
    this.#requireName(name);
    const outcome = await this.#apply({ kind: "delete-record", name });
    return outcome.kind === "deleted" && outcome.existed;
  }

  /** Tells those who listen that these records may have changed behind their back. Reads nothing. */
  notify(_user: User, names: readonly string[]): void {
    for (const name of names) this.#requireName(name);
    this.#notified.tell(names);
  }

  /** Records whose name starts with `prefix`, after the name `after`, in bytewise order, at most `limit`. */
  list(
    _user: User,
    prefix: string,
    after: string,
    limit: number,
  ): Promise<readonly RecordSummary[]> {
    return this.#store.list(prefix, after, limit);
  }

  /** Calls `listener` synchronously for every change in commit order, when it is durable and readable. */
  onChange(listener: (change: RecordChange) => void): Disposable {
    return this.#store.onChange(listener);
  }

  /** Calls `listener` synchronously with the names of each `notify`. */
  onNotify(listener: (names: readonly string[]) => void): Disposable {
    return this.#notified.add(listener);
  }

  #requireName(name: string): void {
    requirePlainName("record name", name, this.#limits.nameBytesMax);
  }

  #render(data: Json, depthMax: number): string {
    const text = renderJson("data", data, depthMax);
    const { recordBytesMax } = this.#limits;
    if (!isLongerThan(text, recordBytesMax)) return text;
    throw limitExceeded(
      "record_size_limit_exceeded",
      `The data is too large: at most ${recordBytesMax} bytes of JSON are allowed.`,
    );
  }

  async #write(command: RecordCommand): Promise<WriteOutcome> {
    const outcome = await this.#apply(command);
    if (outcome.kind === "deleted") throw new Error("the store deleted what was to be written");
    return outcome;
  }

  #apply(command: RecordCommand): Promise<RecordOutcome> {
    return this.#writes.bound(this.#store.apply(command), REPEAT_HINT);
  }
}

const REPEAT_HINT = "A write with a version can be repeated safely: it happens once at most.";
