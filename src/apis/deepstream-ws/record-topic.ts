// Records over one connection: subscribing and reading, writing with its answers, and being told.

import { RECORD_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import { ServiceError } from "../../core/errors.ts";
import type { PatternListeners } from "../../core/listening/listeners.ts";
import type { Maybe } from "../../core/maybe.ts";
import type { Reading } from "../../core/records/read-permissions.ts";
import type { Seen } from "../../core/records/record-store.ts";
import type {
  RecordNews,
  RecordSubscriber,
  RecordSubscription,
  RecordSubscriptions,
} from "../../core/records/record-subscriptions.ts";
import type { Records } from "../../core/records/records.ts";
import type { Telling } from "./codec.ts";
import { Listening, type ListeningWords } from "./listening.ts";
import type { Message } from "./message.ts";
import { NamedSubscriptions } from "./named-subscriptions.ts";
import {
  headResponse,
  headResponses,
  PATCH_MULTI,
  readResponse,
  tellRecord,
  tellRecordToOld,
} from "./record-messages.ts";
import { RecordWrites } from "./record-writes.ts";
import { refusal, unknownAction } from "./refusals.ts";
import type { Session, TopicHandler } from "./session.ts";

export interface RecordTopicServices {
  readonly records: Records;
  readonly recordSubscriptions: RecordSubscriptions;
  readonly recordListeners: PatternListeners;
}

export class RecordTopic implements TopicHandler, RecordSubscriber {
  readonly #session: Session;
  readonly #records: Records;
  readonly #shared: RecordSubscriptions;
  readonly #writes: RecordWrites;
  readonly #listening: Listening;
  readonly #telling: Telling<RecordNews>;
  readonly #subscriptions: NamedSubscriptions<RecordSubscription>;
  /** Those that the message being handled has made. */
  #opened: RecordSubscription[] = [];

  constructor(session: Session, services: RecordTopicServices) {
    this.#session = session;
    this.#records = services.records;
    this.#shared = services.recordSubscriptions;
    this.#writes = new RecordWrites(session, services.records, this);
    this.#listening = new Listening(session, services.recordListeners, WORDS);
    this.#telling = session.knowsPatchMulti ? tellRecord : tellRecordToOld;
    this.#subscriptions = new NamedSubscriptions(session, {
      multiple: RECORD_ACTION.MULTIPLE_SUBSCRIPTIONS,
      missing: RECORD_ACTION.NOT_SUBSCRIBED,
      refusals: (names, { action }) => this.#refusals(names, READINGS.get(action) ?? "SUBSCRIBE"),
      open: (name) => this.#open(name),
      close: (subscription) => subscription[Symbol.dispose](),
    });
  }

  handle(message: Message): Maybe<void> {
    switch (message.action) {
      case RECORD_ACTION.SUBSCRIBECREATEANDREAD:
      case RECORD_ACTION.SUBSCRIBEANDREAD:
      case RECORD_ACTION.SUBSCRIBEANDHEAD:
      case RECORD_ACTION.SUBSCRIBE:
        return this.#subscribe(message);
      case RECORD_ACTION.UNSUBSCRIBE:
        return this.#subscriptions.unsubscribe(message);
      case RECORD_ACTION.READ:
      case RECORD_ACTION.HEAD:
        return this.#answer(message, message.name, () => this.#read(message));
      case RECORD_ACTION.HEAD_BULK:
        return this.#headBulk(message);
      case RECORD_ACTION.UPDATE:
      case RECORD_ACTION.PATCH:
      case RECORD_ACTION.ERASE:
      case RECORD_ACTION.CREATEANDUPDATE:
      case RECORD_ACTION.CREATEANDPATCH:
      case PATCH_MULTI:
        return this.#writes.write(message);
      case RECORD_ACTION.DELETE:
        return this.#writes.delete(message);
      case RECORD_ACTION.NOTIFY:
        return this.#notify(message);
      default:
        return this.#listen(message);
    }
  }

  receive(news: RecordNews): void {
    this.#session.tell(news, this.#telling);
  }

  end(name: string): void {
    this.#subscriptions.forget(name);
  }

  [Symbol.dispose](): void {
    this.#subscriptions[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
  }

  #open(name: string): RecordSubscription {
    const subscription = this.#shared.subscribe(name, this);
    this.#opened.push(subscription);
    return subscription;
  }

  #listen(message: Message): Maybe<void> {
    const isHandled = this.#listening.handle(message);
    if (isHandled instanceof Promise) return isHandled.then(() => {});
    if (!isHandled) this.#session.send(unknownAction(message));
  }

  #subscribe(message: Message): Maybe<void> {
    this.#opened = [];
    const waits = this.#subscriptions.subscribe(message);
    return waits === undefined
      ? this.#beginHandingOver(message)
      : waits.then(() => this.#beginHandingOver(message));
  }

  #beginHandingOver(message: Message): void {
    const opened = this.#opened;
    if (opened.length === 0) return;
    const handingOver = this.#handOver(message, opened);
    handingOver.catch((cause: unknown) => {
      for (const { name, isOver } of opened) if (!isOver) this.#drop(message, name, cause);
    });
  }

  /** What the client itself has written before is in what it is decided on. */
  #refusals(names: readonly string[], reading: Reading): Maybe<ReadonlyMap<string, ServiceError>> {
    const { permissions, user } = this.#session;
    if (permissions.permitsAll) return this.#records.refusals(user, names, reading);
    return this.#writes.settled(names).then(() => this.#records.refusals(user, names, reading));
  }

  /** What the client itself has written before is in what it reads. */
  async #handOver(message: Message, opened: readonly RecordSubscription[]): Promise<void> {
    await this.#writes.settled(opened.map(({ name }) => name));
    const { user } = this.#session;
    const records = this.#records;
    const refused = new Map<string, unknown>();
    switch (message.action) {
      case RECORD_ACTION.SUBSCRIBECREATEANDREAD:
        await this.#shared.handOver(
          opened,
          (names) =>
            records.readOrCreateAll(user, names, (name, cause) => refused.set(name, cause)),
          (name, record) => {
            if (refused.has(name)) this.#drop(message, name, refused.get(name));
            else this.#session.send(readResponse(name, record));
          },
        );
        break;
      case RECORD_ACTION.SUBSCRIBEANDREAD:
        await this.#shared.handOver(
          opened,
          (names) => records.readAll(names),
          (name, record) => this.#session.send(readResponse(name, record)),
        );
        break;
      case RECORD_ACTION.SUBSCRIBEANDHEAD:
        await this.#shared.handOver(
          opened,
          (names) => this.#headAll(names),
          () => {},
        );
        break;
      default:
        await this.#shared.handOver(
          opened,
          (names) => records.headAll(names),
          () => {},
        );
    }
  }

  /** Tells the client all of them before it is told what happened to any since. */
  async #headAll(names: readonly string[]): Promise<Seen<number>> {
    const seen = await this.#records.headAll(names);
    for (const response of headResponses(names, seen.found)) this.#session.send(response);
    return seen;
  }

  #drop(message: Message, name: string, cause: unknown): void {
    this.#subscriptions.close(name);
    this.#refuse(message, name, cause);
  }

  async #read(message: Message): Promise<Message> {
    const { action, name = "" } = message;
    const { user } = this.#session;
    await this.#writes.settled([name]);
    if (action === RECORD_ACTION.HEAD) {
      return headResponse(name, await this.#records.head(user, name));
    }
    const record = await this.#records.read(user, name);
    if (record !== undefined) return readResponse(name, record);
    return {
      topic: TOPIC.RECORD,
      action: RECORD_ACTION.RECORD_NOT_FOUND,
      originalAction: action,
      name,
      isError: true,
    };
  }

  #headBulk(message: Message): Maybe<void> {
    const { names = [] } = message;
    const good = names.filter((name) => this.#isGood(message, name));
    if (good.length === 0) return;
    return this.#answer(message, undefined, async () => {
      await this.#writes.settled(good);
      const refusals = await this.#refusals(good, "HEAD");
      for (const [name, cause] of refusals) this.#refuse(message, name, cause);
      const permitted = good.filter((name) => !refusals.has(name));
      if (permitted.length > 0) await this.#headAll(permitted);
      return undefined;
    });
  }

  /** Each name counts for itself. */
  async #notify(message: Message): Promise<void> {
    const { topic, action, names = [], correlationId } = message;
    let notified = 0;
    for (const name of names) {
      try {
        await this.#records.notify(this.#session.user, [name]);
        notified += 1;
      } catch (cause) {
        this.#refuse(message, name, cause);
      }
    }
    if (notified > 0) this.#session.send({ topic, action, names, correlationId, isAck: true });
  }

  #isGood(message: Message, name: string): boolean {
    try {
      this.#records.requireName(name);
      return true;
    } catch (cause) {
      this.#refuse(message, name, cause);
      return false;
    }
  }

  /** Where rules are asked, the next messages wait: a denial costs its sender less than the server. */
  #answer(
    message: Message,
    name: string | undefined,
    work: () => Promise<Message | undefined>,
  ): Maybe<void> {
    const answering = work().then(
      (answer) => {
        if (answer !== undefined) this.#session.send(answer);
      },
      (cause: unknown) => this.#refuse(message, name, cause),
    );
    return this.#session.permissions.permitsAll ? undefined : answering;
  }

  #refuse(message: Message, name: string | undefined, cause: unknown): void {
    if (cause instanceof ServiceError) this.#session.send(refusal(message, name, cause));
    else this.#session.onBug(cause);
  }
}

const READINGS: ReadonlyMap<number, Reading> = new Map([
  [RECORD_ACTION.SUBSCRIBECREATEANDREAD as number, "SUBSCRIBECREATEANDREAD" as Reading],
  [RECORD_ACTION.SUBSCRIBEANDREAD, "SUBSCRIBEANDREAD"],
  [RECORD_ACTION.SUBSCRIBEANDHEAD, "SUBSCRIBEANDHEAD"],
]);

const WORDS: ListeningWords = {
  topic: TOPIC.RECORD,
  section: "record",
  listen: RECORD_ACTION.LISTEN,
  unlisten: RECORD_ACTION.UNLISTEN,
  accept: RECORD_ACTION.LISTEN_ACCEPT,
  reject: RECORD_ACTION.LISTEN_REJECT,
  found: RECORD_ACTION.SUBSCRIPTION_FOR_PATTERN_FOUND,
  removed: RECORD_ACTION.SUBSCRIPTION_FOR_PATTERN_REMOVED,
  late: RECORD_ACTION.LISTEN_RESPONSE_TIMEOUT,
  invalid: RECORD_ACTION.INVALID_LISTEN_REGEX,
  multiple: RECORD_ACTION.MULTIPLE_SUBSCRIPTIONS,
  missing: RECORD_ACTION.NOT_SUBSCRIBED,
};
