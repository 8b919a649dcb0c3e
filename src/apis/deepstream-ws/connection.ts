// One connection of a client: it introduces itself, logs in, and then speaks about topics.

import { AUTH_ACTION, CONNECTION_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { Connections } from "../../core/access/connections.ts";
import type { Caller, Credentials } from "../../core/access/login.ts";
import type { Admitted, Logins } from "../../core/access/logins.ts";
import type { UserLimits } from "../../core/access/user-limits.ts";
import type { Deadlines } from "../../core/deadlines.ts";
import { ServiceError } from "../../core/errors.ts";
import type { Maybe } from "../../core/maybe.ts";
import { isLongerThan } from "../../core/utf8.ts";
import type { Frame, WebSocketPeer, WebSocketSession } from "../../http/web-socket.ts";
import type { Codec } from "./codec.ts";
import type { Message } from "./message.ts";
import { OpenSession, type TopicServices } from "./open-session.ts";
import {
  FAILED,
  MALFORMED_MESSAGE,
  NOT_A_CHALLENGE,
  NOT_A_LOGIN,
  refusals,
  TOO_LARGE,
  unknownTopic,
} from "./refusals.ts";
import type { SubscriptionTotal } from "./subscription-count.ts";

export interface ConnectionLimits {
  /** Failed logins after which the connection is closed. */
  readonly loginAttemptsMax: number;
  readonly loginTimeoutMs: number;
  readonly messageBytesMax: number;
  readonly subscriptionsMax: number;
}

export interface ConnectionServices extends TopicServices {
  readonly logins: Logins;
  readonly connections: Connections;
  readonly userLimits: UserLimits;
  readonly deadlines: Deadlines;
}

/** What the server has of all connections together. */
export interface Surroundings {
  readonly total: SubscriptionTotal;
  /** `address` is that of the caller. */
  readonly onOpened: (connection: Connection, address: string) => void;
  /** Called when it is known whose connection it is. */
  readonly onLoggedIn: (connection: Connection) => void;
  /** Called when the connection is gone. */
  readonly onClosed: (connection: Connection) => void;
}

type Stage =
  /** Nothing was said yet. */
  | "new"
  | "introduced"
  /** Credentials are being looked at. */
  | "checking"
  | "open"
  | "closed";

/** Of one message, beside as many as there may be subscriptions: each that is refused has an answer. */
const NAMES_MAX = 10_000;

/** Of messages of whoever has not logged in. */
const STRANGER_BYTES_MAX = 65_536;

const NORMAL = 1000;
const GOING_AWAY = 1001;
const POLICY = 1008;

export class Connection implements WebSocketSession {
  readonly #services: ConnectionServices;
  readonly #limits: ConnectionLimits;
  readonly #codec: Codec;
  readonly #surroundings: Surroundings;
  /** Until the login. */
  #caller: Caller | undefined;
  #peer: WebSocketPeer | undefined;
  #stage: Stage = "new";
  #failedLogins = 0;
  /** As the client says. */
  #sdkVersion: string | undefined;
  #callOffLogin = () => {};
  #session: OpenSession | undefined;
  #registration: Disposable | undefined;
  /** Times that nothing was heard between two looks. */
  #silences = 0;

  constructor(
    services: ConnectionServices,
    limits: ConnectionLimits,
    codec: Codec,
    caller: Caller,
    surroundings: Surroundings,
  ) {
    this.#services = services;
    this.#limits = limits;
    this.#codec = codec;
    this.#caller = caller;
    this.#surroundings = surroundings;
  }

  opened(peer: WebSocketPeer): void {
    this.#peer = peer;
    this.#surroundings.onOpened(this, this.#caller?.address ?? "");
    this.#callOffLogin = this.#services.deadlines.after(this.#limits.loginTimeoutMs, () => {
      this.#send({
        topic: TOPIC.CONNECTION,
        action: CONNECTION_ACTION.AUTHENTICATION_TIMEOUT,
        isError: true,
      });
      this.close(POLICY, "no login in time");
    });
  }

  received(frame: Frame): Maybe<void> {
    this.#silences = 0;
    if (this.#stage === "closed") return;
    try {
      const answer = this.#answer(frame);
      if (answer instanceof Promise) return answer.catch((cause: unknown) => this.#fail(cause));
      if (answer !== undefined) this.#send(answer);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  heard(): void {
    this.#silences = 0;
  }

  closed(): void {
    if (this.#stage === "closed") return;
    this.#stage = "closed";
    this.#callOffLogin();
    this.#session?.[Symbol.dispose]();
    this.#registration?.[Symbol.dispose]();
    this.#surroundings.onClosed(this);
  }

  /** To be called at even times; closes the connection when nothing was heard between three of them. */
  look(): void {
    this.#silences += 1;
    if (this.#silences > 2) this.close(GOING_AWAY, "no heartbeat");
  }

  close(code: number, reason: string): void {
    this.#peer?.close(code, reason);
  }

  #isTooLong(frame: Frame): boolean {
    const { messageBytesMax } = this.#limits;
    const bytesMax =
      this.#stage === "open" ? messageBytesMax : Math.min(messageBytesMax, STRANGER_BYTES_MAX);
    return typeof frame === "string" ? isLongerThan(frame, bytesMax) : frame.byteLength > bytesMax;
  }

  #fail(cause: unknown): void {
    this.#services.onBug(cause);
    this.#send(FAILED);
  }

  /** What is to be said at once; undefined: nothing; a promise: nothing, and the next frames wait. */
  #answer(frame: Frame): Message | Promise<void> | undefined {
    if (this.#isTooLong(frame)) return TOO_LARGE;
    const decoded = this.#codec.decode(frame);
    if (decoded.kind === "malformed") return MALFORMED_MESSAGE;
    if (decoded.kind === "unknown_topic") return unknownTopic(decoded.topic);
    const { message } = decoded;
    if ((message.names?.length ?? 0) > NAMES_MAX + this.#limits.subscriptionsMax) return TOO_LARGE;
    if (message.topic === TOPIC.CONNECTION) return this.#answerConnection(message);
    if (this.#stage === "new") return NOT_A_CHALLENGE;
    if (this.#stage === "introduced") return this.#answerLogin(message);
    if (this.#session === undefined || message.topic === TOPIC.AUTH) return NOT_A_LOGIN;
    return this.#takeOfTopic(this.#session, message) ?? undefined;
  }

  #answerConnection({ action, sdkVersion }: Message): Message | undefined {
    switch (action) {
      case CONNECTION_ACTION.PING:
        return this.#stage === "open" ? PONG : undefined;
      case CONNECTION_ACTION.CLOSING:
        this.#send({ topic: TOPIC.CONNECTION, action: CONNECTION_ACTION.CLOSED });
        this.close(NORMAL, "");
        return undefined;
      case CONNECTION_ACTION.CHALLENGE:
        if (this.#stage !== "new") return NOT_A_CHALLENGE;
        this.#stage = "introduced";
        this.#sdkVersion = sdkVersion?.slice(0, 32);
        return { topic: TOPIC.CONNECTION, action: CONNECTION_ACTION.ACCEPT };
      default:
        return NOT_A_CHALLENGE;
    }
  }

  #answerLogin({ topic, action, data }: Message): Message | undefined {
    if (topic !== TOPIC.AUTH || action !== AUTH_ACTION.REQUEST) return NOT_A_LOGIN;
    const credentials = readCredentials(data);
    if (credentials === undefined) {
      this.#send({ topic, action: AUTH_ACTION.INVALID_MESSAGE_DATA, isError: true });
      this.close(POLICY, "the credentials are no object");
      return undefined;
    }
    this.#stage = "checking";
    void this.#logIn(credentials);
    return undefined;
  }

  async #logIn(credentials: Credentials): Promise<void> {
    const { logins, onBug } = this.#services;
    if (this.#caller === undefined) return;
    try {
      const admitted = await logins.admit(credentials, this.#caller);
      if (this.#stage === "checking") this.#open(admitted);
    } catch (cause) {
      if (!(cause instanceof ServiceError)) onBug(cause);
      if (this.#stage === "checking") this.#refuse(cause);
    }
  }

  #open({ user, principal }: Admitted): void {
    this.#callOffLogin();
    this.#caller = undefined;
    this.#stage = "open";
    this.#surroundings.onLoggedIn(this);
    const { connections } = this.#services;
    this.#session = new OpenSession(
      this.#services,
      user,
      (message) => this.#send(message),
      (news, telling) => this.#peer?.send(this.#codec.encodeNews(news, telling)),
      { max: this.#limits.subscriptionsMax, total: this.#surroundings.total },
      this.#sdkVersion,
    );
    const { clientData } = user;
    this.#send({
      topic: TOPIC.AUTH,
      action: AUTH_ACTION.AUTH_SUCCESSFUL,
      ...(clientData === undefined ? {} : { data: JSON.stringify(clientData) }),
    });
    this.#registration = connections.open(user, principal, (why) => this.close(POLICY, why));
  }

  /** What cannot be said in the protocol's words is said in the core's. */
  #refuse(cause: unknown): void {
    this.#stage = "introduced";
    const code = cause instanceof ServiceError ? cause.code : undefined;
    const text =
      code === "unauthenticated" || !(cause instanceof Error) ? undefined : cause.message;
    this.#send({
      topic: TOPIC.AUTH,
      action: AUTH_ACTION.AUTH_UNSUCCESSFUL,
      ...(code === undefined || text === undefined ? {} : { data: JSON.stringify(text) }),
    });
    // That nobody could look is no fault of the client, which would never come back.
    if (code !== "unauthenticated" && code !== "limit_exceeded") return;
    this.#failedLogins += 1;
    if (this.#failedLogins < this.#limits.loginAttemptsMax) return;
    this.#send({ topic: TOPIC.AUTH, action: AUTH_ACTION.TOO_MANY_AUTH_ATTEMPTS, isError: true });
    this.close(POLICY, "too many failed logins");
  }

  #takeOfTopic(session: OpenSession, message: Message): Maybe<void> {
    try {
      this.#services.userLimits.takeCommands(session.user, Math.max(1, message.names?.length ?? 0));
    } catch (cause) {
      for (const answer of refusals(message, cause)) this.#send(answer);
      return;
    }
    return session.handle(message);
  }

  #send(message: Message): void {
    if (this.#stage !== "closed") this.#peer?.send(this.#codec.encode(message));
  }
}

const PONG: Message = { topic: TOPIC.CONNECTION, action: CONNECTION_ACTION.PONG };

function readCredentials(data: string | undefined): Credentials | undefined {
  if (data === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(data);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Credentials) : undefined;
  } catch {
    return undefined;
  }
}
