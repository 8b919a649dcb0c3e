// Writes that rules permit: decided on what they make of the record, at the moment at which they make it.

import { dataOf, type Permissions } from "../access/permissions.ts";
import type { RuleAction, RuleQuestion } from "../access/rules.ts";
import type { User } from "../access/user.ts";
import { limitExceeded, ServiceError } from "../errors.ts";
import type { Json } from "../json.ts";
import { type Basis, dataAfter, type RecordCommand, type RecordOutcome } from "./command.ts";
import type { RecordStore, RevisedRecord } from "./record-store.ts";

/** What has to be known before a write can be decided: nothing beside itself, its own record, or others. */
export type Dependence = "nothing" | "itself" | "others";

export type WriteKind = "set-record" | "patch-record" | "delete-record";

/** Hands a command to the store. */
type Apply = (command: RecordCommand) => Promise<RecordOutcome>;

interface Asked {
  readonly action: RuleAction;
  readonly operation: string;
}

/** The writes of one record that wait for each other: the last of them. */
interface Line {
  /** It is with the store, or will never be. */
  readonly handedOver: Promise<void>;
  readonly done: Promise<void>;
}

export interface GuardedWritesOptions {
  /** Rejects when the write takes too long, all its waiting counted; what has not begun then never does. */
  readonly bound: <Result>(write: Promise<Result>) => Promise<Result>;
  /** Of commands that wait for others or for being decided, and of what each of them holds. */
  readonly waitingBytesMax: number;
}

/** Each time somebody else must have changed a record that was decided on. */
const ATTEMPTS_MAX = 20;
/** What a write that waits holds in memory beside its data. */
const WAITING_OVERHEAD_BYTES = 2048;

const CREATE: Asked = { action: "create", operation: "CREATE" };
const UPDATE: Asked = { action: "write", operation: "UPDATE" };
const PATCH: Asked = { action: "write", operation: "PATCH" };
const PATCH_MULTI: Asked = { action: "write", operation: "PATCH_MULTI" };
const ERASE: Asked = { action: "delete", operation: "ERASE" };
const DELETE: Asked = { action: "delete", operation: "DELETE" };

export class GuardedWrites {
  readonly #permissions: Permissions;
  readonly #store: Pick<RecordStore, "readRevised">;
  readonly #options: GuardedWritesOptions;
  readonly #lines = new Map<string, Line>();
  #waitingBytes = 0;

  constructor(
    permissions: Permissions,
    store: Pick<RecordStore, "readRevised">,
    options: GuardedWritesOptions,
  ) {
    this.#permissions = permissions;
    this.#store = store;
    this.#options = options;
  }

  dependence(kind: WriteKind, name: string): Dependence {
    return this.#dependence(ANY_OF[kind], name, kind === "patch-record");
  }

  /** Resolves when the writes of the record that wait for each other are with the store; undefined: none does. */
  handedOver(name: string): Promise<void> | undefined {
    return this.#lines.get(name)?.handedOver;
  }

  /**
   * Calls `apply` before it returns where the write depends on nothing; else when it was decided, and
   * after the writes of the record that were there before: again until no record that it was decided
   * on has moved. Rejects with, or throws, `permission_denied`, `permission_failed`, or
   * `limit_exceeded` when too much waits already, and as `apply` and `bound` do.
   */
  run(user: User, command: RecordCommand, apply: Apply): Promise<RecordOutcome> {
    const { bound } = this.#options;
    if (this.#permissions.permitsAll && this.#lines.size === 0) return bound(apply(command));
    const { name } = command;
    const asked = askedOf(command);
    const dependence = this.#dependence(asked, name, command.kind === "patch-record");
    if (dependence !== "nothing") {
      return this.#inLine(command, apply, (apply) =>
        this.#decideAndApply(user, command, asked, apply),
      );
    }
    this.#requireAtOnce(user, command, asked);
    return this.#lines.has(name)
      ? this.#inLine(command, apply, (apply) => apply(command))
      : bound(apply(command));
  }

  async #decideAndApply(
    user: User,
    command: RecordCommand,
    asked: readonly Asked[],
    apply: Apply,
  ): Promise<RecordOutcome> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      await this.#permissions.rest();
      const basis: Basis[] = [];
      const note = ({ name, revision }: RevisedRecord) => void basis.push({ name, revision });
      const current = await this.#store.readRevised(command.name);
      note(current);
      const becomes = () => dataAfter(current.record, command);
      for (const { action, operation } of asked) {
        const data = action === "write" ? becomes : undefined;
        const question = ask(user, command.name, action, operation, data, () => dataOf(current));
        await this.#require(question, note);
      }
      const outcome = await apply({ ...command, basis });
      if (outcome.kind !== "moved") return outcome;
    }
    throw new ServiceError(
      "permission_failed",
      "Others changed the record each time while it was decided whether this is permitted; nothing was done, try again.",
    );
  }

  /** That the record has no place for a path is told before it is decided only to who may read it. */
  async #require(question: RuleQuestion, note: (record: RevisedRecord) => void): Promise<void> {
    try {
      await this.#permissions.require(question, note);
    } catch (cause) {
      if (!(cause instanceof ServiceError) || isRefusal(cause)) throw cause;
      const { data: _, ...rest } = question;
      await this.#permissions.require({ ...rest, action: "read", operation: "READ" });
      throw cause;
    }
  }

  #requireAtOnce(user: User, command: RecordCommand, asked: readonly Asked[]): void {
    const becomes = () => dataAfter(undefined, command);
    for (const { action, operation } of asked) {
      const data = action === "write" ? becomes : undefined;
      const question = ask(user, command.name, action, operation, data);
      const waits = this.#permissions.require(question);
      if (waits !== undefined) throw new Error(`the rule for ${action} needs what it did not say`);
    }
  }

  #dependence(asked: readonly Asked[], name: string, isPatch: boolean): Dependence {
    let dependence: Dependence = "nothing";
    for (const { action } of asked) {
      const { data, oldData, records } = this.#permissions.needs("record", action, name);
      if (records) return "others";
      if (oldData || (data && isPatch)) dependence = "itself";
    }
    return dependence;
  }

  #inLine(
    command: RecordCommand,
    apply: Apply,
    work: (apply: Apply) => Promise<RecordOutcome>,
  ): Promise<RecordOutcome> {
    const { name } = command;
    const bytes = this.#takeRoom(command);
    const { promise: handedOver, resolve } = Promise.withResolvers<void>();
    let isOver = false;
    const begin = () =>
      work(async (decided) => {
        if (isOver) throw new Error("nobody waits for this write any more");
        const applying = apply(decided);
        resolve();
        return await applying;
      });
    const before = this.#lines.get(name)?.done;
    const working = before === undefined ? begin() : before.then(begin);
    const giveRoom = () => {
      this.#waitingBytes -= bytes;
    };
    working.then(giveRoom, giveRoom);
    const result = this.#options.bound(working);
    const leave = () => {
      isOver = true;
      resolve();
      if (this.#lines.get(name) === line) this.#lines.delete(name);
    };
    const line: Line = { handedOver, done: result.then(leave, leave) };
    this.#lines.set(name, line);
    return result;
  }

  /** One is taken whatever its size. */
  #takeRoom(command: RecordCommand): number {
    const bytes = WAITING_OVERHEAD_BYTES + lengthOf(command);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#options.waitingBytesMax) {
      throw limitExceeded("queue_limit_exceeded", "Too many writes wait for others; try again.");
    }
    this.#waitingBytes += bytes;
    return bytes;
  }
}

function lengthOf(command: RecordCommand): number {
  switch (command.kind) {
    case "set-record":
      return command.data.length;
    case "patch-record":
      return command.patches.reduce((length, { data }) => length + (data?.length ?? 0), 0);
    default:
      return 0;
  }
}

function isRefusal({ code }: ServiceError): boolean {
  return code === "permission_denied" || code === "permission_failed";
}

function askedOf(command: RecordCommand): readonly Asked[] {
  switch (command.kind) {
    case "create-record":
      return [CREATE];
    case "set-record":
      return command.mustExist === true ? [UPDATE] : [CREATE, UPDATE];
    case "patch-record": {
      const { patches } = command;
      const asked: Asked[] = command.mustExist === true ? [] : [CREATE];
      if (patches.some(({ data }) => data !== undefined)) {
        asked.push(patches.length > 1 ? PATCH_MULTI : PATCH);
      }
      if (patches.some(({ data }) => data === undefined)) asked.push(ERASE);
      return asked;
    }
    case "delete-record":
      return [DELETE];
    case "replace-record":
      return [];
  }
}

/** All that a command of the kind may ask. */
const ANY_OF: Record<WriteKind, readonly Asked[]> = {
  "set-record": [CREATE, UPDATE],
  "patch-record": [CREATE, PATCH, ERASE],
  "delete-record": [DELETE],
};

function ask(
  user: User,
  name: string,
  action: RuleAction,
  operation: string,
  data: (() => Json | undefined) | undefined,
  oldData?: () => Json,
): RuleQuestion {
  return {
    ...({ section: "record", action, operation, name, user } as const),
    ...(data !== undefined && { data }),
    ...(oldData !== undefined && { oldData }),
  };
}
