// Reading and writing records: check, limit, hand over to the store.

import { dataOf, type Permissions } from "../access/permissions.ts";
import type { User } from "../access/user.ts";
import { invalidArgument, limitExceeded, type ServiceError } from "../errors.ts";
import { type Json, renderJson } from "../json.ts";
import { Listeners, type OnBug } from "../listeners.ts";
import type { Maybe } from "../maybe.ts";
import { requirePlainName } from "../names.ts";
import { isLongerThan } from "../utf8.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import type {
  RecordCommand,
  RecordOutcome,
  RecordPatch,
  StoredRecord,
  VersionConflict,
} from "./command.ts";
import { type Dependence, GuardedWrites, type WriteKind } from "./guarded-writes.ts";
import { parsePath } from "./path.ts";
import { type Reading, ReadPermissions } from "./read-permissions.ts";
import type { RecordChange, RecordStore, RecordSummary, Seen } from "./record-store.ts";
import type { RecordsLimits } from "./records-limits.ts";

export type WriteOutcome =
  | Exclude<
      RecordOutcome,
      { readonly kind: "deleted" | "exists" | "moved" | VersionConflict["kind"] }
    >
  | ToldConflict;

/** As `VersionConflict`; who may not read the record is told only that the version does not fit. */
export interface ToldConflict extends Omit<VersionConflict, "version"> {
  readonly version: number | undefined;
}

/** Some of the records there are, in bytewise order of their names. */
export interface RecordList {
  readonly records: readonly RecordSummary[];
  /** After which the next ones come; undefined: these were the last. */
  readonly next: string | undefined;
}

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
const REPEAT_HINT = "A write with a version can be repeated safely: it happens once at most.";

/**
 * `write`, `patch` and `delete` hand their command to the store before they return, unless a rule has
 * to look at records first (`dependence`): callers who do not wait keep their order and share commits.
 * Writes of one record keep theirs in any case. The user is who asks: what the rules do not permit is
 * refused with `permission_denied`, or `permission_failed` where one cannot be evaluated. Whatever is
 * refused rejects the promise.
 */
export class Records {
  readonly #store: RecordStore;
  readonly #permissions: Permissions;
  readonly #reads: ReadPermissions;
  readonly #guarded: GuardedWrites;
  readonly #limits: RecordsLimits;
  readonly #notified: Listeners<readonly string[]>;
  readonly #senders = new WeakMap<RecordCommand, object>();

  /** `onBug` takes what a listener of `onNotify` throws. */
  constructor(
    store: RecordStore,
    permissions: Permissions,
    writes: WriteDeadline,
    limits: RecordsLimits,
    onBug: OnBug,
  ) {
    this.#store = store;
    this.#permissions = permissions;
    this.#reads = new ReadPermissions(permissions, store);
    this.#guarded = new GuardedWrites(permissions, store, {
      bound: (write) => writes.bound(write, REPEAT_HINT),
      waitingBytesMax: limits.waitingBytesMax,
    });
    this.#limits = limits;
    this.#notified = new Listeners(onBug);
  }

  /** As `read`, where no waiting is needed to know it and to permit it; undefined: ask `read` or `head`. */
  recall(user: User, name: string, reading: "READ" | "HEAD"): StoredRecord | undefined {
    const record = this.#store.recall(name);
    if (record === undefined || this.#reads.permitsAll) return record;
    if (this.#reads.needsRecords(name)) return undefined;
    void this.#reads.require(user, name, reading, () => null);
    return record;
  }

  /** Undefined: there is no such record. */
  async read(user: User, name: string): Promise<StoredRecord | undefined> {
    this.requireName(name);
    if (this.#reads.permitsAll) return await this.#store.read(name);
    return await this.#readPermitted(user, name, "READ");
  }

  /** The version; -1: there is no such record. */
  async head(user: User, name: string): Promise<number> {
    this.requireName(name);
    if (!this.#reads.permitsAll && this.#reads.needsData(name)) {
      return (await this.#readPermitted(user, name, "HEAD"))?.version ?? NO_VERSION;
    }
    await this.#reads.require(user, name, "HEAD", () => null);
    return (await this.#store.head(name)) ?? NO_VERSION;
  }

  /** Which of the records the user may not read in this way, and why. */
  refusals(
    user: User,
    names: readonly string[],
    reading: Reading,
  ): Maybe<ReadonlyMap<string, ServiceError>> {
    return this.#reads.refusals(user, names, reading);
  }

  /**
   * Many at one moment, in one read. It ends when it has so much data that the rest is to be read by
   * another: then fewer are found than were asked for, but one at least. Asks no rules: `refusals`
   * says whom this is for.
   */
  async readAll(names: readonly string[]): Promise<Seen<StoredRecord>> {
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
    const seen = await this.readAll(names);
    const missing = names.filter((_, index) => index < seen.found.length && !seen.found[index]);
    if (missing.length === 0) return seen;
    const creating = missing.map((name) =>
      this.create(user, name).catch((cause: unknown) => onRefusal(name, cause)),
    );
    await Promise.all(creating);
    return await this.readAll(names.slice(0, seen.found.length));
  }

  /** The versions of all of them at one moment, in one read. Asks no rules, as `readAll`. */
  async headAll(names: readonly string[]): Promise<Seen<number>> {
    for (const name of names) this.requireName(name);
    return this.#store.headAll(names);
  }

  /** Makes the record an empty object of version 0; false: there is one. Durable when it resolves. */
  async create(user: User, name: string, sender?: object): Promise<boolean> {
    this.requireName(name);
    const outcome = await this.#apply(user, { kind: "create-record", name }, sender);
    return outcome.kind === "written";
  }

  /** What such a write of the record is decided on. */
  dependence(kind: WriteKind, name: string): Dependence {
    return this.#permissions.permitsAll ? "nothing" : this.#guarded.dependence(kind, name);
  }

  /** Resolves when the writes of the record that depend on something are with the store; undefined: there is none. */
  handedOver(name: string): Promise<void> | undefined {
    return this.#guarded.handedOver(name);
  }

  /**
   * Makes `data` all that the record holds. `version` is the one that this write is to make; undefined:
   * whatever that is. Durable when it resolves. Rejects with `invalid_argument`, `limit_exceeded`,
   * `storage_full` with nothing stored, or `outcome_unknown`.
   */
  async write(
    user: User,
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
    const command = { kind: "set-record", name, data: text, version, mustExist } as const;
    return await this.#write(user, command, sender);
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
    user: User,
    name: string,
    asked: readonly PatchAsked[],
    version: number | undefined,
    { mustExist = false, sender }: WriteOptions = {},
  ): Promise<WriteOutcome> {
    this.requireName(name);
    if (asked.length === 0) throw invalidArgument("There is nothing to patch.");
    const patches = asked.map((patch) => this.#parse(patch));
    const command = { kind: "patch-record", name, patches, version, mustExist } as const;
    return await this.#write(user, command, sender);
  }

  /** Whether there was such a record. Durable when it resolves; the next write makes version 1 again. */
  async delete(user: User, name: string, sender?: object): Promise<boolean> {
    this.requireName(name);
    const outcome = await this.#apply(user, { kind: "delete-record", name }, sender);
    return outcome.kind === "deleted" && outcome.existed;
  }

  /**
   * Tells those who listen that these records may have changed behind their back. Reads nothing. All
   * of them, or, where one is refused, none; at once where there are no rules.
   */
  notify(user: User, names: readonly string[]): Maybe<void> {
    for (const name of names) this.requireName(name);
    if (this.#permissions.permitsAll) return this.announce(names);
    return this.#notifyPermitted(user, names);
  }

  /** As `notify`, by the server itself. */
  announce(names: readonly string[]): void {
    this.#notified.tell(names);
  }

  /**
   * Records whose name starts with `prefix`, after the name `after`, in bytewise order, at most
   * `limit`, of those that the user may read: nothing of it tells of others. Fewer where these lie
   * far apart; `invalid_argument` where they lie too far apart to find one.
   */
  async list(user: User, prefix: string, after: string, limit: number): Promise<RecordList> {
    const { listedMax } = this.#limits;
    const records: RecordSummary[] = [];
    let last = after;
    for (let looked = 0; records.length <= limit; ) {
      const found = await this.#store.list(prefix, last, limit + 1);
      const names = found.map(({ name }) => name);
      const refused = await this.#reads.refusals(user, names, "HEAD");
      records.push(...found.filter(({ name }) => !refused.has(name)));
      if (found.length <= limit) break;
      last = names.at(-1) ?? last;
      looked += found.length;
      if (looked < listedMax || records.length > limit) continue;
      if (records.length === 0) {
        throw invalidArgument(
          `None of the first ${listedMax} of these records may be read: give a longer prefix.`,
        );
      }
      return { records, next: records.at(-1)?.name };
    }
    const page = records.slice(0, limit);
    return { records: page, next: records.length > limit ? page.at(-1)?.name : undefined };
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

  /** Decides on the data that it returns. */
  async #readPermitted(
    user: User,
    name: string,
    reading: Reading,
  ): Promise<StoredRecord | undefined> {
    if (!this.#reads.needsData(name)) {
      await this.#reads.require(user, name, reading, () => null);
      return await this.#store.read(name);
    }
    await this.#permissions.rest();
    const record = await this.#store.read(name);
    await this.#reads.require(user, name, reading, () => dataOf({ record }));
    return record;
  }

  async #notifyPermitted(user: User, names: readonly string[]): Promise<void> {
    const about = { section: "record", action: "notify", operation: "NOTIFY" } as const;
    await this.#permissions.requireAll(names, (name) =>
      this.#permissions.require({ ...about, name, user }),
    );
    this.announce(names);
  }

  async #write(
    user: User,
    command: RecordCommand,
    sender: object | undefined,
  ): Promise<WriteOutcome> {
    const outcome = await this.#apply(user, command, sender);
    switch (outcome.kind) {
      case "written":
      case "not_found":
        return outcome;
      case "version_exists":
      case "invalid_version":
        return (await this.#mayRead(user, command.name, outcome.data))
          ? outcome
          : { kind: "invalid_version", version: undefined, data: undefined };
      default:
        throw new Error(`the store answered a write with ${outcome.kind}`);
    }
  }

  /** Who may write a record need not be one who may read it. */
  async #mayRead(user: User, name: string, data: string | undefined): Promise<boolean> {
    if (this.#reads.permitsAll) return true;
    const record = data === undefined ? await this.#store.read(name) : { version: 0, data };
    const refused = await this.#permissions.refusalsOf([name], () =>
      this.#reads.require(user, name, "READ", () => dataOf({ record })),
    );
    return refused.size === 0;
  }

  #apply(user: User, command: RecordCommand, sender: object | undefined): Promise<RecordOutcome> {
    return this.#guarded.run(user, command, (decided) => {
      if (sender !== undefined) this.#senders.set(decided, sender);
      return this.#store.apply(decided);
    });
  }
}
