// Records as administrators see and change them: whatever they hold, and without a word to anybody.

import type { Audit } from "../access/audit.ts";
import { type Principal, requireAdmin } from "../access/principal.ts";
import { invalidArgument, limitExceeded, ServiceError } from "../errors.ts";
import { type Json, renderJson } from "../json.ts";
import { requirePlainName } from "../names.ts";
import { isLongerThan } from "../utf8.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import { type StoredRecord, VERSION_MAX } from "./command.ts";
import type { RecordStore } from "./record-store.ts";
import type { RecordsLimits } from "./records-limits.ts";

export class StoredRecords {
  readonly #store: RecordStore;
  readonly #writes: WriteDeadline;
  readonly #limits: RecordsLimits;
  readonly #notify: (name: string) => void;
  readonly #audit: Audit;

  /** `notify` tells the subscribers of a record what it is now. */
  constructor(
    store: RecordStore,
    writes: WriteDeadline,
    limits: RecordsLimits,
    notify: (name: string) => void,
    audit: Audit,
  ) {
    this.#store = store;
    this.#writes = writes;
    this.#limits = limits;
    this.#notify = notify;
    this.#audit = audit;
  }

  /** Throws `record_not_found`. */
  async read(principal: Principal, name: string): Promise<StoredRecord> {
    requireAdmin(principal);
    this.#requireName(name);
    const record = await this.#store.read(name);
    if (record === undefined) throw notFound();
    return record;
  }

  /**
   * Makes the record this value in this version, whatever it was; without one, in the next. Returns
   * the version. Subscribers learn of it by a notify, or never.
   */
  async replace(
    principal: Principal,
    name: string,
    data: Json,
    version: number | undefined,
  ): Promise<number> {
    return await this.#audit.administer(principal, "record.set", { record: name }, () =>
      this.#replace(name, data, version),
    );
  }

  /** Takes the record away, as `replace` changes it. Throws `record_not_found`. */
  async remove(principal: Principal, name: string): Promise<void> {
    await this.#audit.administer(principal, "record.delete", { record: name }, async () => {
      this.#requireName(name);
      const nothing = { data: undefined, version: undefined };
      const command = { kind: "replace-record", name, ...nothing } as const;
      const outcome = await this.#writes.bound(this.#store.apply(command), REPEAT_HINT);
      if (outcome.kind === "deleted" && !outcome.existed) throw notFound();
    });
  }

  /** Tells the subscribers what the record is now. */
  notify(principal: Principal, name: string): void {
    requireAdmin(principal);
    this.#requireName(name);
    this.#notify(name);
    this.#audit.note(principal, "record.notify", { record: name });
  }

  async #replace(name: string, data: Json, version: number | undefined): Promise<number> {
    this.#requireName(name);
    if (version !== undefined && !(Number.isInteger(version) && version >= 0)) throw badVersion();
    if (version !== undefined && version > VERSION_MAX) throw badVersion();
    const text = renderJson("data", data, this.#limits.depthMax);
    const { recordBytesMax } = this.#limits;
    if (isLongerThan(text, recordBytesMax)) {
      throw limitExceeded(
        "record_size_limit_exceeded",
        `The data is too large: at most ${recordBytesMax} bytes of JSON are allowed.`,
      );
    }
    const command = { kind: "replace-record", name, data: text, version } as const;
    const outcome = await this.#writes.bound(this.#store.apply(command), REPEAT_HINT);
    if (outcome.kind === "written") return outcome.version;
    throw new Error(`the store answered a replacement with ${outcome.kind}`);
  }

  #requireName(name: string): void {
    requirePlainName("record name", name, this.#limits.nameBytesMax);
  }
}

const REPEAT_HINT = "It can be repeated safely.";

function notFound(): ServiceError {
  return new ServiceError("record_not_found", "There is no record of this name.");
}

function badVersion(): ServiceError {
  return invalidArgument(`The version must be a whole number from 0 to ${VERSION_MAX}.`);
}
