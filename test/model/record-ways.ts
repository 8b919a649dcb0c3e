// The ways to reach records that the model is held against: the core's service, and batches over HTTP.

import type { User } from "../../src/core/access/user.ts";
import type { Json } from "../../src/core/json.ts";
import type { StoredRecord } from "../../src/core/records/command.ts";
import type { RecordSummary } from "../../src/core/records/record-store.ts";
import type { WriteOutcome } from "../../src/core/records/records.ts";
import { systemClock } from "../../src/server/system-clock.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import type { RestartableTarget } from "../conformance/target.ts";
import { openInProcess } from "../support/in-process-server.ts";
import { type OpenRecords, openRecords } from "../support/open-records.ts";
import { refusal } from "../support/refusal.ts";
import { SqliteStore } from "../support/sqlite-store.ts";
import { user } from "../support/users.ts";
import type { Answer, Command, Path } from "./model-records.ts";

export interface Way extends AsyncDisposable {
  /** Commands of one batch, whose answers stand in their order. */
  run(commands: readonly Command[]): Promise<readonly unknown[]>;
  list(): Promise<readonly RecordSummary[]>;
  restart(): Promise<void>;
  /** An answer as it is told this way. */
  tell(answer: Answer): unknown;
}

export class CoreWay implements Way {
  #store: SqliteStore;
  #open: OpenRecords;
  readonly #user: User = user();

  private constructor(store: SqliteStore) {
    this.#store = store;
    this.#open = openRecords(store, systemClock);
  }

  static async open(): Promise<CoreWay> {
    return new CoreWay(await SqliteStore.open());
  }

  /** Writes do not wait for writes. */
  async run(commands: readonly Command[]): Promise<readonly Answer[]> {
    const answers: Promise<Answer>[] = [];
    for (const command of commands) {
      if (command.kind === "read" || command.kind === "head") await Promise.all(answers);
      answers.push(this.#run(command));
    }
    return await Promise.all(answers);
  }

  async list() {
    return (await this.#open.records.list(this.#user, "", "", 100)).records;
  }

  async restart(): Promise<void> {
    this.#open[Symbol.dispose]();
    this.#store = await this.#store.reopen();
    this.#open = openRecords(this.#store, systemClock);
  }

  tell(answer: Answer): Answer {
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open[Symbol.dispose]();
    await this.#store[Symbol.asyncDispose]();
  }

  async #run(command: Command): Promise<Answer> {
    const { records } = this.#open;
    const { name } = command;
    switch (command.kind) {
      case "read":
        return recordOf(await records.read(this.#user, name));
      case "head":
        return { kind: "version", version: await records.head(this.#user, name) };
      case "delete":
        return { kind: "deleted", existed: await records.delete(this.#user, name) };
      case "set": {
        const { data, version } = command;
        return writtenOf(await records.write(this.#user, name, data, wanted(version)));
      }
      case "patch": {
        const { path, data, version } = command;
        const patching = records.patch(this.#user, name, textOf(path), data, wanted(version));
        return await patching.then(writtenOf, async () => {
          expectInvalid((await refusal(() => patching)).code);
          return { kind: "refused" };
        });
      }
    }
  }
}

export class HttpWay implements Way {
  #target: RestartableTarget;
  readonly #client = new DeepstreamClient(() => this.#target);

  private constructor(target: RestartableTarget) {
    this.#target = target;
  }

  static async open(): Promise<HttpWay> {
    return new HttpWay(await openInProcess());
  }

  async run(commands: readonly Command[]): Promise<readonly object[]> {
    const { body } = await this.#client.run(commands.map(wireOf));
    return JSON.parse(body).body.map(({ error: _, ...answer }: { error?: string }) => answer);
  }

  async list() {
    const { body } = await this.#client.send("GET", "/api/records?limit=100");
    return JSON.parse(body).records;
  }

  async restart(): Promise<void> {
    this.#target = await this.#target.restart();
  }

  /** Without the sentence, whose words are free. */
  tell(answer: Answer): object {
    const failed = { success: false, errorTopic: "record" };
    switch (answer.kind) {
      case "written":
      case "deleted":
        return { success: true };
      case "record":
        return { success: true, version: answer.version, data: answer.data };
      case "version":
        return { success: true, version: answer.version };
      case "missing":
        return { ...failed, errorEvent: "RECORD_NOT_FOUND" };
      case "refused":
        return { ...failed, errorEvent: "INVALID_MESSAGE_DATA" };
      case "conflict": {
        const { is, version: currentVersion, data } = answer;
        const errorEvent = is === "exists" ? "VERSION_EXISTS" : "INVALID_VERSION";
        const current = data === undefined ? {} : { currentData: data };
        return { ...failed, errorEvent, currentVersion, ...current };
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#target.close();
  }
}

/** A member that is undefined is left out of the JSON. */
function wireOf(command: Command): object {
  const { kind, name: recordName } = command;
  const wire = { topic: "record", recordName };
  switch (kind) {
    case "set":
      return { ...wire, action: "write", data: command.data, version: command.version };
    case "patch": {
      const { path, data, version } = command;
      return { ...wire, action: "write", path: textOf(path), data, version };
    }
    default:
      return { ...wire, action: kind };
  }
}

function textOf(path: Path): string {
  return path
    .map((token) => (typeof token === "number" ? `[${token}]` : `.${token}`))
    .join("")
    .slice(1);
}

/** As the HTTP API understands it. */
function wanted(version: number | undefined): number | undefined {
  return version !== undefined && version > 0 ? version : undefined;
}

function recordOf(record: StoredRecord | undefined): Answer {
  if (record === undefined) return { kind: "missing" };
  return { kind: "record", version: record.version, data: parsed(record.data) };
}

function writtenOf(outcome: WriteOutcome): Answer {
  if (outcome.kind === "written") return outcome;
  if (outcome.kind === "not_found") throw new Error("a write that makes its record found none");
  const { kind, version, data } = outcome;
  if (version === undefined) throw new Error("who may read is not told the version");
  const is = kind === "version_exists" ? "exists" : "invalid";
  return { kind: "conflict", is, version, data: data === undefined ? undefined : parsed(data) };
}

function parsed(text: string): Json {
  return JSON.parse(text) as Json;
}

function expectInvalid(code: string): void {
  if (code !== "invalid_argument") throw new Error(`a patch was refused with ${code}`);
}
