// Whether the rules permit reading records: decided on the very data that are read, where they look at them.

import { dataOf, type Permissions } from "../access/permissions.ts";
import type { RuleQuestion } from "../access/rules.ts";
import type { User } from "../access/user.ts";
import type { ServiceError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { Maybe } from "../maybe.ts";
import type { StoredRecord } from "./command.ts";
import type { RecordStore } from "./record-store.ts";

/** What is asked for, as the protocol calls it. */
export type Reading =
  | "READ"
  | "HEAD"
  | "SUBSCRIBE"
  | "SUBSCRIBEANDHEAD"
  | "SUBSCRIBEANDREAD"
  | "SUBSCRIBECREATEANDREAD";

/** Characters of data of one read of many records for their rules. */
const READ_MAX = 8_388_608;
const NOBODY: ReadonlyMap<string, ServiceError> = new Map();

export class ReadPermissions {
  readonly #permissions: Permissions;
  readonly #store: RecordStore;

  constructor(permissions: Permissions, store: RecordStore) {
    this.#permissions = permissions;
    this.#store = store;
  }

  /** Throws, or rejects with, `permission_denied` or `permission_failed`. */
  require(user: User, name: string, reading: Reading, oldData: () => Json): Maybe<void> {
    return this.#permissions.require(question(user, name, reading, oldData));
  }

  /** Whether it is decided on what the record holds. */
  needsData(name: string): boolean {
    return this.#permissions.needs("record", "read", name).oldData;
  }

  /** Whether it is decided on what records hold, this one or others. */
  needsRecords(name: string): boolean {
    const { oldData, records } = this.#permissions.needs("record", "read", name);
    return oldData || records;
  }

  get permitsAll(): boolean {
    return this.#permissions.permitsAll;
  }

  /**
   * Which of the records the user may not read, and why; all at one moment, in one read where rules
   * look at what they hold. One that would be made is taken for an empty object, and may have to be
   * made.
   */
  refusals(
    user: User,
    names: readonly string[],
    reading: Reading,
  ): Maybe<ReadonlyMap<string, ServiceError>> {
    return this.#permissions.permitsAll ? NOBODY : this.#refusals(user, names, reading);
  }

  async #refusals(
    user: User,
    names: readonly string[],
    reading: Reading,
  ): Promise<ReadonlyMap<string, ServiceError>> {
    const makes = reading === "SUBSCRIBECREATEANDREAD";
    const asked = makes ? "READ" : reading;
    const missing = makes ? {} : null;
    const looking: string[] = [];
    const each = [...new Set(names)];
    const atOnce = await this.#permissions.refusalsOf(each, (name) => {
      if (!this.needsData(name)) return this.require(user, name, asked, () => missing);
      looking.push(name);
      return undefined;
    });
    const afterLooking = await this.#refusalsOnData(looking, (name, record) =>
      this.require(user, name, asked, () => (record === undefined ? missing : dataOf({ record }))),
    );
    const refused = new Map([...atOnce, ...afterLooking]);
    if (!makes) return refused;
    // Whether there is such a record is not for who may not read it.
    const readable = each.filter((name) => !refused.has(name));
    return new Map([...refused, ...(await this.#refusalsToMake(user, readable))]);
  }

  async #refusalsToMake(
    user: User,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, ServiceError>> {
    const { found } = await this.#store.headAll(names);
    const missing = names.filter((_, index) => found[index] === undefined);
    return await this.#permissions.refusals(user, "record", "create", "CREATE", missing);
  }

  /** Holds no more of them at a time than one read brings. */
  async #refusalsOnData(
    names: readonly string[],
    require: (name: string, record: StoredRecord | undefined) => Maybe<void>,
  ): Promise<ReadonlyMap<string, ServiceError>> {
    const refusals = new Map<string, ServiceError>();
    for (let rest = names; rest.length > 0; ) {
      const { found } = await this.#store.readAll(rest, READ_MAX);
      const read = new Map(found.map((record, index) => [rest[index] ?? "", record]));
      const refused = await this.#permissions.refusalsOf([...read.keys()], (name) =>
        require(name, read.get(name)),
      );
      for (const [name, cause] of refused) refusals.set(name, cause);
      rest = rest.slice(found.length);
    }
    return refusals;
  }
}

function question(user: User, name: string, operation: Reading, oldData: () => Json): RuleQuestion {
  return { section: "record", action: "read", operation, name, user, oldData };
}
