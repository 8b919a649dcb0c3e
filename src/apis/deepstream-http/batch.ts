// Runs the commands of one request: in order, each with an answer of its own, all within one deadline.

import type { User } from "../../core/access/user.ts";
import type { Deadlines } from "../../core/deadlines.ts";
import { ServiceError } from "../../core/errors.ts";
import type { Events } from "../../core/events/events.ts";
import { type Json, renderJson } from "../../core/json.ts";
import type { Presence } from "../../core/presence/presence.ts";
import type { StoredRecord } from "../../core/records/command.ts";
import type { Records, WriteOutcome } from "../../core/records/records.ts";
import type { RpcOutcome } from "../../core/rpc/pending-call.ts";
import type { Rpcs } from "../../core/rpc/rpcs.ts";
import type { Command } from "./codec.ts";
import { type Deed, failure, failureOf } from "./errors.ts";

export interface BatchServices {
  readonly records: Records;
  readonly events: Events;
  readonly rpcs: Rpcs;
  readonly presence: Presence;
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

const SUCCESS = '{"success":true}';
const TIMED_OUT = failure(
  "connection",
  "HTTP_REQUEST_TIMEOUT",
  "Request exceeded timeout before a response was received.",
);
/** After so many commands others have their turn. */
const COMMANDS_A_TURN = 64;

/**
 * Commands see the effects of those before them: each waits for the writes before it, but writes do
 * not wait for writes, which the store keeps in order and commits together, and nobody waits for an
 * RPC. What is not done by the deadline is answered as timed out, and what has not begun never does.
 */
export class Batch {
  readonly #services: BatchServices;
  readonly #options: BatchOptions;
  readonly #user: User;
  readonly #commands: readonly Command[];
  readonly #answers: (string | undefined)[];
  readonly #over = new AbortController();
  #writes: Promise<void>[] = [];
  readonly #calls: Promise<void>[] = [];
  #bytes = 0;

  constructor(
    services: BatchServices,
    options: BatchOptions,
    user: User,
    commands: readonly Command[],
  ) {
    this.#services = services;
    this.#options = options;
    this.#user = user;
    this.#commands = commands;
    this.#answers = new Array(commands.length);
  }

  /** Resolves with the body of the answer, in JSON. */
  async run(): Promise<string> {
    const { deadlines } = this.#services;
    const late = Promise.withResolvers<void>();
    const callOff = deadlines.after(this.#options.timeoutMs, () => {
      this.#over.abort();
      late.resolve();
    });
    try {
      await Promise.race([this.#runAll(), late.promise]);
    } finally {
      callOff();
    }
    return encode(this.#answers);
  }

  async #runAll(): Promise<void> {
    for (const [index, command] of this.#commands.entries()) {
      if (index > 0 && index % COMMANDS_A_TURN === 0) await new Promise(setImmediate);
      if (isWrite(command)) {
        this.#writes.push(this.#answer(index, deedOf(command), this.#write(command)));
        continue;
      }
      await this.#settleWrites();
      if (this.#over.signal.aborted) return;
      if (command.kind === "call") {
        this.#calls.push(this.#answer(index, "rpc", this.#call(command)));
      } else {
        await this.#answer(index, deedOf(command), this.#do(command));
      }
    }
    await this.#settleWrites();
    await Promise.all(this.#calls);
  }

  async #settleWrites(): Promise<void> {
    if (this.#writes.length === 0) return;
    await Promise.all(this.#writes);
    this.#writes = [];
  }

  /** Never rejects: a command that fails takes no other with it. */
  async #answer(index: number, deed: Deed, work: Promise<string>): Promise<void> {
    let text: string;
    try {
      text = await work;
    } catch (cause) {
      if (!(cause instanceof ServiceError)) this.#services.onBug(cause);
      text = failureOf(deed, cause instanceof ServiceError ? cause : undefined);
    }
    if (!this.#over.signal.aborted) this.#answers[index] = text;
  }

  async #do(command: Exclude<Command, Write | Call>): Promise<string> {
    const { records, events } = this.#services;
    const user = this.#user;
    switch (command.kind) {
      case "emit":
        events.emit(user, command.name, this.#render(command.data));
        return SUCCESS;
      case "read":
        return this.#encodeRead(command.name, await records.read(user, command.name));
      case "head":
        return `{"version":${await records.head(user, command.name)},"success":true}`;
      case "notify":
        records.notify(user, command.names);
        return SUCCESS;
      case "query":
        return this.#query(command.names);
    }
  }

  async #write(command: Write): Promise<string> {
    const { records } = this.#services;
    const user = this.#user;
    const { name } = command;
    switch (command.kind) {
      case "write":
        return this.#encodeWrite(
          name,
          await records.write(user, name, command.data, command.version),
        );
      case "patch":
        return this.#encodeWrite(
          name,
          await records.patch(user, name, command.path, command.data, command.version),
        );
      case "delete":
        await records.delete(user, name);
        return SUCCESS;
    }
  }

  async #call({ name, data }: Call): Promise<string> {
    const text = this.#render(data);
    const { rpcs } = this.#services;
    return encodeCall(name, await rpcs.make(this.#user, name, text, this.#over.signal));
  }

  #query(names: readonly string[] | undefined): string {
    const { presence } = this.#services;
    const users =
      names === undefined
        ? JSON.stringify(presence.users(this.#user))
        : `{${[...presence.areOnline(names)].map(([name, is]) => `${JSON.stringify(name)}:${is}`).join()}}`;
    return this.#hasRoomFor(users)
      ? `{"users":${users},"success":true}`
      : failure("presence", "MESSAGE_DENIED", this.#tooLong("Presence query"));
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
      : failure("record", "RECORD_LOAD_ERROR", this.#tooLong("Record read"));
  }

  #encodeWrite(name: string, outcome: WriteOutcome): string {
    if (outcome.kind === "written") return SUCCESS;
    if (outcome.kind === "not_found") {
      const text = `Record update failed. Record "${name}" could not be found.`;
      return failure("record", "RECORD_UPDATE_ERROR", text);
    }
    const { version, data } = outcome;
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
    if (this.#bytes + text.length > this.#options.answerBytesMax) return false;
    this.#bytes += text.length;
    return true;
  }

  #tooLong(what: string): string {
    return `${what} failed. The answers of one request may have ${this.#options.answerBytesMax} bytes; ask for less at once.`;
  }
}

type Write = Extract<Command, { kind: "write" | "patch" } | { kind: "delete" }>;
type Call = Extract<Command, { kind: "call" }>;

function isWrite(command: Command): command is Write {
  return command.kind === "write" || command.kind === "patch" || command.kind === "delete";
}

function deedOf({ kind }: Exclude<Command, Call>): Deed {
  switch (kind) {
    case "emit":
      return "event";
    case "query":
      return "presence";
    case "read":
    case "head":
      return "record-read";
    case "write":
    case "patch":
      return "record-write";
    case "delete":
      return "record-delete";
    case "notify":
      return "record-notify";
  }
}

function encodeCall(name: string, outcome: RpcOutcome): string {
  switch (outcome.kind) {
    case "result":
      return outcome.data === undefined ? SUCCESS : `{"data":${outcome.data},"success":true}`;
    case "error":
      return `{"success":false,"error":${outcome.error},"errorTopic":"rpc"}`;
    case "no_provider":
      return failure(
        "rpc",
        "NO_RPC_PROVIDER",
        `No provider was available to handle the RPC "${name}".`,
      );
    case "accept_timeout":
      return failure("rpc", "ACCEPT_TIMEOUT", "The RPC was not accepted in time by the provider.");
    case "response_timeout":
      return failure(
        "rpc",
        "RESPONSE_TIMEOUT",
        "The RPC response timeout was exceeded by the provider.",
      );
    case "provider_gone":
      return failure(
        "rpc",
        "RESPONSE_TIMEOUT",
        "The provider went away before it answered the RPC.",
      );
    case "aborted":
      return TIMED_OUT;
  }
}

function encode(answers: readonly (string | undefined)[]): string {
  let succeeded = 0;
  const texts: string[] = [];
  // By index: a sparse array has no entry to iterate over where nothing was answered.
  for (let index = 0; index < answers.length; index += 1) {
    const text = answers[index] ?? TIMED_OUT;
    if (!text.startsWith(FAILED)) succeeded += 1;
    texts.push(text);
  }
  const result =
    succeeded === answers.length ? "SUCCESS" : succeeded === 0 ? "FAILURE" : "PARTIAL_SUCCESS";
  return `{"result":"${result}","body":[${texts.join()}]}`;
}

const FAILED = '{"success":false';
