// Runs the commands of one request: in order, each with an answer of its own, all within one deadline.

import type { Permissions } from "../../core/access/permissions.ts";
import type { User } from "../../core/access/user.ts";
import type { AnswerShare } from "../../core/answer-budget.ts";
import type { Deadlines } from "../../core/deadlines.ts";
import { invalidArgument, ServiceError } from "../../core/errors.ts";
import type { Events } from "../../core/events/events.ts";
import { type Json, renderJson, renderMembers, requireJson } from "../../core/json.ts";
import type { Maybe } from "../../core/maybe.ts";
import { Payload } from "../../core/payload.ts";
import type { Presence } from "../../core/presence/presence.ts";
import type { StoredRecord } from "../../core/records/command.ts";
import type { WriteKind } from "../../core/records/guarded-writes.ts";
import type { Records, WriteOutcome } from "../../core/records/records.ts";
import type { Rpcs } from "../../core/rpc/rpcs.ts";
import {
  answerOf,
  encodeAnswers,
  encodeCall,
  encodeFailure,
  encodeHead,
  SUCCESS,
} from "./batch-answers.ts";
import type { Command } from "./codec.ts";
import { failure } from "./errors.ts";

export interface BatchServices {
  readonly records: Records;
  readonly events: Events;
  readonly rpcs: Rpcs;
  readonly presence: Presence;
  readonly permissions: Permissions;
  readonly deadlines: Deadlines;
  readonly onBug: (cause: unknown) => void;
}

export interface BatchOptions {
  readonly timeoutMs: number;
  /** Of the answers in all; what would make them longer fails. */
  readonly answerBytesMax: number;
  /** How deep data may be nested. */
  readonly depthMax: number;
}

/** After so many commands others have their turn. */
const COMMANDS_A_TURN = 64;
/**
 * Writes that are with the store at once, so that those of others come in between; of paths fewer,
 * because each costs as much as the record is long.
 */
const WRITES_AT_ONCE = 1024;
const PATCH_WEIGHT = 16;

/**
 * Commands see the effects of those before them: each waits for the writes before it, but writes do
 * not wait for writes, which the store keeps in order and commits together, unless a rule for them
 * looks at other records, and nobody waits for an RPC. What is not done by the deadline is answered as timed out, and what has not begun never does.
 */
export class Batch {
  readonly #services: BatchServices;
  readonly #options: BatchOptions;
  readonly #user: User;
  readonly #room: AnswerShare;
  readonly #commands: readonly Command[];
  readonly #answers: (string | undefined)[];
  /** Index of the command that comes next. */
  #next = 0;
  /** Index of the command before which others have their turn. */
  #turnEnd = COMMANDS_A_TURN;
  #isOver = false;
  /** Made for the first RPC: it costs more than most commands. */
  #callsEnd: AbortController | undefined;
  readonly #writes: Promise<void>[] = [];
  #writesWeight = 0;
  readonly #calls: Promise<void>[] = [];
  #bytes = 0;
  /** Of what was read or given, and had no room; when these are as many, nothing more is read. */
  #bytesInVain = 0;
  /** Whether there was no room because of the answers of others. */
  #isCrowded = false;

  constructor(
    services: BatchServices,
    options: BatchOptions,
    user: User,
    commands: readonly Command[],
    room: AnswerShare,
  ) {
    this.#services = services;
    this.#options = options;
    this.#user = user;
    this.#commands = commands;
    this.#room = room;
    this.#answers = new Array(commands.length);
  }

  /** The body of the answer, in JSON; a promise where something has to be waited for. */
  run(): string | Promise<string> {
    const wait = this.#advance();
    // What waits for nothing needs no deadline.
    return wait === undefined ? encodeAnswers(this.#answers) : this.#inTime(this.#goOn(wait));
  }

  /** Resolves when `work` does, or at the deadline. */
  #inTime(work: Promise<void>): Promise<string> {
    return new Promise((resolve, reject) => {
      const callOff = this.#services.deadlines.after(this.#options.timeoutMs, () => {
        this.#isOver = true;
        this.#callsEnd?.abort();
        resolve(encodeAnswers(this.#answers));
      });
      const done = () => {
        callOff();
        if (!this.#isOver) resolve(encodeAnswers(this.#answers));
      };
      const failed = (cause: unknown) => {
        callOff();
        reject(cause);
      };
      work.then(done, failed);
    });
  }

  async #goOn(first: Promise<unknown>): Promise<void> {
    for (let wait: Promise<unknown> | undefined = first; wait; wait = this.#advance()) await wait;
  }

  /** Runs commands until something has to be waited for, which it returns; undefined: all are done. */
  #advance(): Promise<unknown> | undefined {
    for (; this.#next < this.#commands.length; this.#next += 1) {
      const command = this.#commands[this.#next] as Command;
      if (this.#next === this.#turnEnd) {
        this.#turnEnd += COMMANDS_A_TURN;
        return new Promise(setImmediate);
      }
      const mayJoin = isWrite(command) && this.#mayJoin(command);
      if (this.#writes.length > 0 && !mayJoin) return this.#oneWrite();
      if (this.#isOver) return undefined;
      const answered = this.#begin(this.#next, command);
      if (answered === undefined) continue;
      if (isWrite(command)) {
        this.#writes.push(answered);
        this.#writesWeight += command.kind === "patch" ? PATCH_WEIGHT : 1;
        const handedOver = this.#services.records.handedOver(command.name);
        if (handedOver === undefined) continue;
        this.#next += 1;
        return handedOver;
      }
      if (command.kind === "call") {
        this.#calls.push(answered);
      } else {
        this.#next += 1;
        return answered;
      }
    }
    return this.#oneWrite() ?? this.#calls.pop();
  }

  /** Whether it may be with the store beside the writes before it. */
  #mayJoin(command: Write): boolean {
    if (this.#writesWeight >= WRITES_AT_ONCE) return false;
    return this.#services.records.dependence(WRITE_KINDS[command.kind], command.name) !== "others";
  }

  /** One of the writes that are with the store: the last, before which the others are mostly done. */
  #oneWrite(): Promise<void> | undefined {
    const write = this.#writes.pop();
    if (this.#writes.length === 0) this.#writesWeight = 0;
    return write;
  }

  /** Resolves when the command is answered; undefined: it is. A command that fails takes no other with it. */
  #begin(index: number, command: Command): Promise<void> | undefined {
    try {
      const answer = this.#do(command);
      if (typeof answer !== "string") return this.#answerLater(index, command, answer);
      this.#answers[index] = answer;
    } catch (cause) {
      this.#answers[index] = this.#explain(command, cause);
    }
    return undefined;
  }

  #answerLater(index: number, command: Command, answer: Promise<string>): Promise<void> {
    const put = (text: string) => {
      if (!this.#isOver) this.#answers[index] = text;
    };
    return answer.then(put, (cause) => put(this.#explain(command, cause)));
  }

  #explain(command: Command, cause: unknown): string {
    if (!(cause instanceof ServiceError)) this.#services.onBug(cause);
    return encodeFailure(command, cause instanceof ServiceError ? cause : undefined);
  }

  #do(command: Command): Maybe<string> {
    const { records, events } = this.#services;
    switch (command.kind) {
      case "emit":
        return succeeding(events.emit(this.#user, command.name, this.#payloadOf(command)));
      case "notify":
        return succeeding(records.notify(this.#user, command.names));
      case "query":
        return this.#query(command.names);
      case "read":
        return this.#read(command);
      case "head":
        return this.#head(command);
      case "call":
        return this.#call(command);
      default:
        return this.#write(command);
    }
  }

  #read({ name }: Read): string | Promise<string> {
    if (this.#bytesInVain > this.#options.answerBytesMax) return this.#refuseRead();
    const { records } = this.#services;
    const known = records.recall(this.#user, name, "READ");
    if (known !== undefined) return this.#encodeRead(name, known);
    return records.read(this.#user, name).then((record) => this.#encodeRead(name, record));
  }

  #head({ name }: Read): string | Promise<string> {
    const { records } = this.#services;
    const known = records.recall(this.#user, name, "HEAD");
    if (known !== undefined) return encodeHead(known.version);
    return records.head(this.#user, name).then(encodeHead);
  }

  #write(command: Write): Promise<string> {
    const { records } = this.#services;
    const user = this.#user;
    const { name } = command;
    const encode = (outcome: WriteOutcome) => this.#encodeWrite(name, outcome);
    switch (command.kind) {
      case "write":
        return records.write(user, name, command.data, command.version).then(encode);
      case "patch":
        return records.patch(user, name, command.path, command.data, command.version).then(encode);
      case "delete":
        return records.delete(user, name).then(() => SUCCESS);
    }
  }

  async #call({ name, data }: Call): Promise<string> {
    const text = this.#render(data);
    this.#callsEnd ??= new AbortController();
    const { rpcs } = this.#services;
    const outcome = await rpcs.make(this.#user, name, text, this.#callsEnd.signal);
    return this.#hasRoomFor(answerOf(outcome))
      ? encodeCall(name, outcome)
      : failure("rpc", "MESSAGE_DENIED", this.#tooLong("RPC"));
  }

  #query(names: readonly string[] | undefined): Maybe<string> {
    if (names?.some((name) => !name.isWellFormed())) {
      throw invalidArgument("A user's name holds half of a surrogate pair, which is no character.");
    }
    if (this.#bytesInVain > this.#options.answerBytesMax) return this.#refuseQuery();
    const waits = this.#requireQuery(names);
    return waits === undefined
      ? this.#answerQuery(names)
      : waits.then(() => this.#answerQuery(names));
  }

  /** Of all of them, or none: an answer that leaves some out would be taken for the whole. */
  #requireQuery(names: readonly string[] | undefined): Maybe<void> {
    const { permissions } = this.#services;
    if (permissions.permitsAll) return undefined;
    return permissions.requirePresence(
      this.#user,
      names === undefined ? "QUERY_ALL" : "QUERY",
      names,
    );
  }

  #answerQuery(names: readonly string[] | undefined): string {
    const { presence } = this.#services;
    const users =
      names === undefined
        ? JSON.stringify(presence.users(this.#user))
        : renderMembers(presence.areOnline(names));
    return this.#hasRoomFor(users) ? `{"users":${users},"success":true}` : this.#refuseQuery();
  }

  #refuseQuery(): string {
    return failure("presence", "MESSAGE_DENIED", this.#tooLong("Presence query"));
  }

  #payloadOf({ data }: Emit): Payload | undefined {
    if (data === undefined) return undefined;
    requireJson("data", data, this.#options.depthMax);
    return Payload.ofValue(data);
  }

  #render(data: Json | undefined): string | undefined {
    return data === undefined ? undefined : renderJson("data", data, this.#options.depthMax);
  }

  #encodeRead(name: string, record: StoredRecord | undefined): string {
    if (record === undefined) {
      const text = `Record read failed. Record "${name}" could not be found.`;
      return failure("record", "RECORD_NOT_FOUND", text);
    }
    return this.#hasRoomFor(record.data)
      ? `{"version":${record.version},"data":${record.data},"success":true}`
      : this.#refuseRead();
  }

  #refuseRead(): string {
    return failure("record", "RECORD_LOAD_ERROR", this.#tooLong("Record read"));
  }

  #encodeWrite(name: string, outcome: WriteOutcome): string {
    if (outcome.kind === "written") return SUCCESS;
    if (outcome.kind === "not_found") {
      const text = `Record update failed. Record "${name}" could not be found.`;
      return failure("record", "RECORD_UPDATE_ERROR", text);
    }
    const { version, data } = outcome;
    if (version === undefined) {
      const text = `Record update failed. The version is not valid for record "${name}".`;
      return failure("record", "INVALID_VERSION", text);
    }
    const current = data !== undefined && this.#hasRoomFor(data) ? `,"currentData":${data}` : "";
    const more = `,"currentVersion":${version}${current}`;
    return outcome.kind === "version_exists"
      ? failure(
          "record",
          "VERSION_EXISTS",
          `Record update failed. Version ${version} exists for record "${name}".`,
          more,
        )
      : failure(
          "record",
          "INVALID_VERSION",
          `Record update failed. Version ${version} is not valid for record "${name}".`,
          more,
        );
  }

  #hasRoomFor(text: string): boolean {
    const bytes = Buffer.byteLength(text);
    const isAllowed = this.#bytes + bytes <= this.#options.answerBytesMax;
    const isRoom = isAllowed && this.#room.take(bytes);
    if (isRoom) this.#bytes += bytes;
    else this.#bytesInVain += bytes;
    if (isAllowed && !isRoom) this.#isCrowded = true;
    return isRoom;
  }

  #tooLong(what: string): string {
    if (this.#isCrowded) {
      return `${what} failed. Too many bytes of answers wait to be read; try again.`;
    }
    return `${what} failed. The answers of one request may have ${this.#options.answerBytesMax} bytes; ask for less at once.`;
  }
}

type Emit = Extract<Command, { kind: "emit" }>;
type Read = Extract<Command, { kind: "read" | "head" }>;
type Write = Extract<Command, { kind: "write" | "patch" } | { kind: "delete" }>;
type Call = Extract<Command, { kind: "call" }>;

const WRITE_KINDS = {
  write: "set-record",
  patch: "patch-record",
  delete: "delete-record",
} satisfies Record<Write["kind"], WriteKind>;

function succeeding(work: Maybe<void>): Maybe<string> {
  return work === undefined ? SUCCESS : work.then(() => SUCCESS);
}

function isWrite(command: Command): command is Write {
  return command.kind === "write" || command.kind === "patch" || command.kind === "delete";
}
