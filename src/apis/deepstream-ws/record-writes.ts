// What one connection writes to records, and the answers to it.

import { RECORD_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import { ServiceError } from "../../core/errors.ts";
import type { Maybe } from "../../core/maybe.ts";
import type { WriteKind } from "../../core/records/guarded-writes.ts";
import type { Records, WriteOutcome } from "../../core/records/records.ts";
import type { Message } from "./message.ts";
import { dataOf, patchesOf, versionOf } from "./record-messages.ts";
import { refusal } from "./refusals.ts";
import type { Session } from "./session.ts";

type Work = () => Promise<Message | undefined>;

export class RecordWrites {
  readonly #session: Session;
  readonly #records: Records;
  readonly #sender: object;
  /** The last write of each record that is not done: it is the last to be. */
  readonly #pending = new Map<string, Promise<void>>();

  /** `sender` is not told of these writes. */
  constructor(session: Session, records: Records, sender: object) {
    this.#session = session;
    this.#records = records;
    this.#sender = sender;
  }

  /** Hands it over before it returns, or resolves: the store keeps the order. */
  write(message: Message): Maybe<void> {
    return this.#run(message, kindOf(message), async () => {
      const outcome = await this.#apply(message);
      return outcome.kind === "written" ? acknowledgement(message) : this.#lost(message, outcome);
    });
  }

  /** As `write`. */
  delete(message: Message): Maybe<void> {
    return this.#run(message, "delete-record", async () => {
      const { name = "" } = message;
      await this.#records.delete(this.#session.user, name, this.#sender);
      return { topic: TOPIC.RECORD, action: RECORD_ACTION.DELETE_SUCCESS, name };
    });
  }

  /** Resolves when what was handed over of these records is done. */
  async settled(names: readonly string[]): Promise<void> {
    if (this.#pending.size === 0) return;
    await Promise.all(names.map((name) => this.#pending.get(name)));
  }

  async #apply(message: Message): Promise<WriteOutcome> {
    const { action, name = "" } = message;
    const { user } = this.#session;
    const version = versionOf(message);
    const makes =
      action === RECORD_ACTION.CREATEANDUPDATE || action === RECORD_ACTION.CREATEANDPATCH;
    const options = { mustExist: !makes, sender: this.#sender };
    if (action === RECORD_ACTION.UPDATE || action === RECORD_ACTION.CREATEANDUPDATE) {
      return this.#records.write(user, name, dataOf(message), version, options);
    }
    const patches = patchesOf(message);
    return this.#records.patchMany(user, name, patches, version, options);
  }

  #run(message: Message, kind: WriteKind, work: Work): Maybe<void> {
    const { name = "" } = message;
    const isOnOthers = this.#records.dependence(kind, name) === "others";
    // What a rule looks at may be what this connection is writing.
    if (!isOnOthers || this.#pending.size === 0) return this.#begin({ ...message, name }, work);
    return Promise.all(this.#pending.values()).then(() => this.#begin({ ...message, name }, work));
  }

  #begin(message: Message & { readonly name: string }, work: Work): Maybe<void> {
    const { name } = message;
    const done = work().then(
      (answer) => {
        if (answer !== undefined) this.#session.send(answer);
      },
      (cause: unknown) => this.#fail(message, cause),
    );
    this.#pending.set(name, done);
    void done.then(() => {
      if (this.#pending.get(name) === done) this.#pending.delete(name);
    });
    return this.#records.handedOver(name);
  }

  async #lost(
    message: Message,
    outcome: Exclude<WriteOutcome, { readonly kind: "written" }>,
  ): Promise<Message> {
    const { name = "" } = message;
    if (outcome.kind === "not_found") return failure(message, RECORD_ACTION.RECORD_UPDATE_ERROR);
    if (outcome.kind === "invalid_version") {
      const { version } = outcome;
      const told = version === undefined ? {} : { version };
      return { ...failure(message, RECORD_ACTION.INVALID_VERSION), ...told };
    }
    // The client merges with it: what the store could not tell beside many others is read.
    const record =
      outcome.data === undefined
        ? await this.#records.read(this.#session.user, name)
        : { version: outcome.version, data: outcome.data };
    const { isError: _, ...conflict } = failure(message, RECORD_ACTION.VERSION_EXISTS);
    return { ...conflict, version: record?.version ?? 0, data: record?.data ?? "{}" };
  }

  /** As the client's words have it, where it is not that it may not, or makes no sense. */
  #fail(message: Message, cause: unknown): void {
    if (!(cause instanceof ServiceError)) this.#session.onBug(cause);
    const isRefusal =
      cause instanceof ServiceError &&
      (cause.code === "permission_denied" ||
        cause.code === "permission_failed" ||
        cause.code === "invalid_argument");
    const isDelete = message.action === RECORD_ACTION.DELETE;
    const { RECORD_DELETE_ERROR, RECORD_UPDATE_ERROR } = RECORD_ACTION;
    this.#session.send(
      isRefusal
        ? refusal(message, message.name, cause)
        : failure(message, isDelete ? RECORD_DELETE_ERROR : RECORD_UPDATE_ERROR),
    );
  }
}

function kindOf({ action }: Message): WriteKind {
  const { UPDATE, CREATEANDUPDATE } = RECORD_ACTION;
  return action === UPDATE || action === CREATEANDUPDATE ? "set-record" : "patch-record";
}

/** Undefined: the client did not ask for one. */
function acknowledgement({ name, correlationId, isWriteAck }: Message): Message | undefined {
  if (isWriteAck !== true) return undefined;
  const { WRITE_ACKNOWLEDGEMENT: action } = RECORD_ACTION;
  return { topic: TOPIC.RECORD, action, name, correlationId, isWriteAck };
}

function failure(message: Message, action: number): Message {
  const { name, correlationId, isWriteAck } = message;
  return {
    topic: TOPIC.RECORD,
    action,
    originalAction: message.action,
    name,
    isError: true,
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(isWriteAck === undefined ? {} : { isWriteAck }),
  };
}
