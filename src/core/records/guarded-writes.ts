// Writes that rules permit: decided on what they make of the record, at the moment at which they make it.

import { dataOf, type Permissions } from "../access/permissions.ts";
import type { RuleAction, RuleQuestion } from "../access/rules.ts";
import type { User } from "../access/user.ts";
import { ServiceError } from "../errors.ts";
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

/** Each time somebody else must have changed a record that was decided on. */
const ATTEMPTS_MAX = 20;

const CREATE: Asked = { action: "create", operation: "CREATE" };
const UPDATE: Asked = { action: "write", operation: "UPDATE" };
const PATCH: Asked = { action: "write", operation: "PATCH" };
const PATCH_MULTI: Asked = { action: "write", operation: "PATCH_MULTI" };
const ERASE: Asked = { action: "delete", operation: "ERASE" };
const DELETE: Asked = { action: "delete", operation: "DELETE" };

export class GuardedWrites {
  readonly #permissions: Permissions;
  readonly #store: Pick<RecordStore, "readRevised">;
  readonly #lines = new Map<string, Line>();

  constructor(permissions: Permissions, store: Pick<RecordStore, "readRevised">) {
    this.#permissions = permissions;
    this.#store = store;
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
   * on has moved. `value` is what a command of the whole record writes. Rejects with, or throws,
   * `permission_denied` or `permission_failed`, and as `apply` does.
   */
  run(
    user: User,
    command: RecordCommand,
    value: Json | undefined,
    apply: Apply,
  ): Promise<RecordOutcome> {
    if (this.#permissions.permitsAll && this.#lines.size === 0) return apply(command);
    const { name } = command;
    const asked = askedOf(command);
    const dependence = this.#dependence(asked, name, command.kind === "patch-record");
    if (dependence !== "nothing") {
      return this.#inLine(name, (handedOver) =>
        this.#decideAndApply(user, command, value, asked, async (decided) => {
          const applying = apply(decided);
          handedOver();
          return await applying;
        }),
      );
    }
    this.#requireAtOnce(user, command, value, asked);
    return this.#lines.has(name) ? this.#inLine(name, () => apply(command)) : apply(command);
  }

  async #decideAndApply(
    user: User,
    command: RecordCommand,
    value: Json | undefined,
    asked: readonly Asked[],
    apply: Apply,
  ): Promise<RecordOutcome> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const basis: Basis[] = [];
      const note = ({ name, revision }: RevisedRecord) => void basis.push({ name, revision });
      const current = await this.#store.readRevised(command.name);
      note(current);
      const becomes = () => value ?? dataAfter(current.record, command);
      for (const { action, operation } of asked) {
        const data = action === "write" ? becomes : undefined;
        const question = ask(user, command.name, action, operation, data, () => dataOf(current));
        await this.#permissions.require(question, note);
      }
      const outcome = await apply({ ...command, basis });
      if (outcome.kind !== "moved") return outcome;
    }
    throw new ServiceError(
      "permission_failed",
      "Others changed the record each time while it was decided whether this is permitted; nothing was done, try again.",
    );
  }

  #requireAtOnce(
    user: User,
    { name }: RecordCommand,
    value: Json | undefined,
    asked: readonly Asked[],
  ): void {
    const data = () => value;
    for (const { action, operation } of asked) {
      const question = ask(user, name, action, operation, action === "write" ? data : undefined);
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

  #inLine<Result>(
    name: string,
    work: (handedOver: () => void) => Promise<Result>,
  ): Promise<Result> {
    const before = this.#lines.get(name)?.done;
    const { promise: handedOver, resolve } = Promise.withResolvers<void>();
    const result = before === undefined ? work(resolve) : before.then(() => work(resolve));
    const leave = () => {
      resolve();
      if (this.#lines.get(name) === line) this.#lines.delete(name);
    };
    const line: Line = { handedOver, done: result.then(leave, leave) };
    this.#lines.set(name, line);
    return result;
  }
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
