// Reading and writing records: check, limit, hand over to the store.

import type { User } from "../access/user.ts";
import { invalidArgument, limitExceeded } from "../errors.ts";
import { type Json, renderJson } from "../json.ts";
import { Listeners, type OnBug } from "../listeners.ts";
import { requirePlainName } from "../names.ts";
import { isLongerThan } from "../utf8.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import type { RecordCommand, RecordOutcome, RecordPatch, StoredRecord } from "./command.ts";
import { parsePath } from "./path.ts";
import type { RecordChange, RecordStore, RecordSummary, Seen } from "./record-store.ts";

export interface RecordsLimits {
  /** Of the text of a record's data, and of a value written into it. */
  readonly recordBytesMax: number;
  readonly nameBytesMax: number;
  /** What the indexes of one path may add up to. */
  readonly arrayIndexMax: number;
  /** How deep arrays and objects of a record may lie in each other, the outermost counted. */
  readonly depthMax: number;
}

export type WriteOutcome = Exclude<RecordOutcome, { readonly kind: "deleted" | "exists" }>;

/** As a program says it; undefined data: what is at the path goes. */
export interface PatchAsked {
  readonly path: string;
  readonly data: Json | undefined;
}

export interface WriteOptions {
  /** Nothing is written where there is no record: `not_found`. */
  readonly mustExist?: boolean;
  /** Who made the change and knows it. */
  readonly sender?: object | undefined;
}

/** What `head` tells of a record that does not exist. */
const NO_VERSION = -1;
/** Characters of data of one read of many records, after which others have their turn. */
const READ_MAX = 8_388_608;

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
  readonly #senders = new WeakMap<RecordCommand, object>();

  /** `onBug` takes what a listener of `onNotify` throws. */
  constructor(store: RecordStore, writes: WriteDeadline, limits: RecordsLimits, onBug: OnBug) {
    this.#store = store;
    this.#writes = writes;
    this.#limits = limits;
    this.#notified = new Listeners(onBug);
  }

  /** The record, where the store knows it without waiting; undefined: ask `read` or `head`. */
  recall(_user: User, name: string): StoredRecord | undefined {
    return this.#store.recall(name);
  }

  /** Undefined: there is no such record. */
  async read(_user: User, name: string): Promise<StoredRecord | undefined> {
    this.requireName(name);
    return await this.#store.read(name);
  }

  /** The version; -1: there is no such record. */
  async head(_user: User, name: string): Promise<number> {
    this.requireName(name);
    return (await this.#store.head(name)) ?? NO_VERSION;
  }

  /**
   * Many at one moment, in one read. It ends when it has so much data that the rest is to be read by
   * another: then fewer are found than were asked for, but one at least.
   */
  async readAll(_user: User, names: readonly string[]): Promise<Seen<StoredRecord>> {
    for (const name of names) this.requireName(name);
    return this.#store.readAll(names, READ_MAX);
  }

  /**
   * As `readAll`, of records that are made empty where they are missing. `onRefusal` is told why one
   * could not be made, which then is not found.
   */
  async readOrCreateAll(
    user: User,
    names: readonly string[],
    onRefusal: (name: string, cause: unknown) => void,
  ): Promise<Seen<StoredRecord>> {
    const seen = await this.readAll(user, names);
    const missing = names.filter((_, index) => index < seen.found.length && !seen.found[index]);
    if (missing.length === 0) return seen;
    const creating = missing.map((name) =>
      this.create(user, name).catch((cause: unknown) => onRefusal(name, cause)),
    );
    await Promise.all(creating);
    return await this.readAll(user, names.slice(0, seen.found.length));
  }

  /** The versions of all of them at one moment, in one read. */
  async headAll(_user: User, names: readonly string[]): Promise<Seen<number>> {
    for (const name of names) this.requireName(name);
    return this.#store.headAll(names);
  }

  /** Makes the record an empty object of version 0; false: there is one. Durable when it resolves. */
  async create(_user: User, name: string, sender?: object): Promise<boolean> {
    this.requireName(name);
    const outcome = await this.#apply({ kind: "create-record", name }, sender);
    return outcome.kind === "written";
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
    { mustExist = false, sender }: WriteOptions = {},
  ): Promise<WriteOutcome> {
    this.requireName(name);
    if (typeof data !== "object" || data === null) {
      throw invalidArgument("The data of a record must be an object or an array.");
    }
    const text = this.#render(data, this.#limits.depthMax);
    return await this.#write({ kind: "set-record", name, data: text, version, mustExist }, sender);
  }

  /**
   * As `write`, for what is at the path alone; undefined: what is there goes. Makes the record, and
   * all that is missing on the way. `invalid_argument` too where the path asks an array for a name.
   */
  patch(
    user: User,
    name: string,
    path: string,
    data: Json | undefined,
    version: number | undefined,
    options?: WriteOptions,
  ): Promise<WriteOutcome> {
    return this.patchMany(user, name, [{ path, data }], version, options);
  }

  /** As `patch`, at several places in their order: all of it in one version, or nothing. */
  async patchMany(
    _user: User,
    name: string,
    asked: readonly PatchAsked[],
    version: number | undefined,
    { mustExist = false, sender }: WriteOptions = {},
  ): Promise<WriteOutcome> {
    this.requireName(name);
    if (asked.length === 0) throw invalidArgument("There is nothing to patch.");
    const patches = asked.map((patch) => this.#parse(patch));
    return await this.#write({ kind: "patch-record", name, patches, version, mustExist }, sender);
  }

  /** Whether there was such a record. Durable when it resolves; the next write makes version 1 again. */
  async delete(_user: User, name: string, sender?: object): Promise<boolean> {
    this.requireName(name);
    const outcome = await this.#apply({ kind: "delete-record", name }, sender);
    return outcome.kind === "deleted" && outcome.existed;
  }

  /** Tells those who listen that these records may have changed behind their back. Reads nothing. */
  notify(_user: User, names: readonly string[]): void {
    for (const name of names) this.requireName(name);
    this.announce(names);
  }

  /** As `notify`, by the server itself. */
  announce(names: readonly string[]): void {
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

  /** Who made the change of which this is the command; undefined: nobody who would hear of it. */
  senderOf(command: RecordCommand): object | undefined {
    return this.#senders.get(command);
  }

  /** Calls `listener` synchronously with the names of each `notify`. */
  onNotify(listener: (names: readonly string[]) => void): Disposable {
    return this.#notified.add(listener);
  }

  /** Throws `invalid_argument`. */
  requireName(name: string): void {
    requirePlainName("record name", name, this.#limits.nameBytesMax);
  }

  #parse({ path: text, data }: PatchAsked): RecordPatch {
    const path = parsePath(text, this.#limits);
    if (data === undefined) return { path, data };
    return { path, data: this.#render(data, this.#limits.depthMax - path.length) };
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

  async #write(command: RecordCommand, sender: object | undefined): Promise<WriteOutcome> {
    const outcome = await this.#apply(command, sender);
    if (outcome.kind !== "deleted" && outcome.kind !== "exists") return outcome;
    throw new Error(`the store answered a write with ${outcome.kind}`);
  }

  #apply(command: RecordCommand, sender: object | undefined): Promise<RecordOutcome> {
    if (sender !== undefined) this.#senders.set(command, sender);
    return this.#writes.bound(this.#store.apply(command), REPEAT_HINT);
  }
}

const REPEAT_HINT = "A write with a version can be repeated safely: it happens once at most.";
