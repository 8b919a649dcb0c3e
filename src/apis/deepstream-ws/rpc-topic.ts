// RPCs over one connection: providing them, and calling those that others provide.

import { RPC_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import { ServiceError } from "../../core/errors.ts";
import type { Maybe } from "../../core/maybe.ts";
import type { RpcOutcome } from "../../core/rpc/pending-call.ts";
import type { Provision, RpcCall, RpcProvider } from "../../core/rpc/provider.ts";
import type { Rpcs } from "../../core/rpc/rpcs.ts";
import type { DataReader } from "./data.ts";
import type { Message } from "./message.ts";
import { NamedSubscriptions } from "./named-subscriptions.ts";
import { refusal, unknownAction } from "./refusals.ts";
import type { Session, TopicHandler } from "./session.ts";

export interface RpcTopicOptions {
  /** What a provider is told of who calls. */
  readonly tellsRequesterName: boolean;
  readonly tellsRequesterData: boolean;
}

/** Ids of calls are made by clients and held as long as the call. */
const CORRELATION_ID_CHARACTERS_MAX = 256;

export class RpcTopic implements TopicHandler, RpcProvider {
  readonly #session: Session;
  readonly #rpcs: Rpcs;
  readonly #options: RpcTopicOptions;
  readonly #readData: DataReader;
  readonly #provisions: NamedSubscriptions<Provision>;
  /** Those that take no more calls and have some still to answer. */
  readonly #leaving = new Set<Provision>();

  constructor(session: Session, rpcs: Rpcs, options: RpcTopicOptions, readData: DataReader) {
    this.#session = session;
    this.#rpcs = rpcs;
    this.#options = options;
    this.#readData = readData;
    this.#provisions = new NamedSubscriptions(session, {
      multiple: RPC_ACTION.MULTIPLE_PROVIDERS,
      missing: RPC_ACTION.NOT_PROVIDED,
      refusals: (names) =>
        session.permissions.refusals(session.user, "rpc", "provide", "PROVIDE", names),
      open: (name) => rpcs.provide(name, this),
      close: (provision) => this.#withdraw(provision),
    });
  }

  handle(message: Message): Maybe<void> {
    switch (message.action) {
      case RPC_ACTION.PROVIDE:
        return this.#provisions.subscribe(message);
      case RPC_ACTION.UNPROVIDE:
        return this.#provisions.unsubscribe(message);
      case RPC_ACTION.REQUEST:
        return this.#request(message);
      case RPC_ACTION.ACCEPT:
      case RPC_ACTION.REJECT:
      case RPC_ACTION.RESPONSE:
      case RPC_ACTION.REQUEST_ERROR:
        return this.#takeAnswer(message);
      default:
        return this.#session.send(unknownAction(message));
    }
  }

  call({ id, name, data, requester }: RpcCall): void {
    const { tellsRequesterName, tellsRequesterData } = this.#options;
    const { clientData } = requester;
    this.#session.send({
      topic: TOPIC.RPC,
      action: RPC_ACTION.REQUEST,
      name,
      correlationId: id,
      ...(data === undefined ? {} : { data }),
      ...(tellsRequesterName ? { requestorName: requester.id } : {}),
      ...(tellsRequesterData && clientData ? { requestorData: clientData } : {}),
    });
  }

  [Symbol.dispose](): void {
    this.#provisions[Symbol.dispose]();
    for (const provision of this.#leaving) provision[Symbol.dispose]();
    this.#leaving.clear();
  }

  #request(message: Message): void {
    const { name = "", correlationId = "", data } = message;
    if (correlationId === "" || correlationId.length > CORRELATION_ID_CHARACTERS_MAX) {
      this.#session.send({
        ...about(message),
        action: RPC_ACTION.INVALID_RPC_CORRELATION_ID,
        originalAction: message.action,
      });
      return;
    }
    const onAccept = () => this.#session.send({ ...about(message), action: RPC_ACTION.ACCEPT });
    let call: Promise<RpcOutcome>;
    try {
      const text = this.#readData(data);
      call = this.#rpcs.make(this.#session.user, name, text, this.#session.signal, onAccept);
    } catch (cause) {
      this.#answerFailure(message, cause);
      return;
    }
    call.then(
      (outcome) => this.#answer(message, outcome),
      (cause: unknown) => this.#answerFailure(message, cause),
    );
  }

  #answer(message: Message, outcome: RpcOutcome): void {
    const answer = answerOf(outcome);
    if (answer !== undefined) this.#session.send({ ...about(message), ...answer });
  }

  /** As an error of the call where it is not a refusal: the client lets a caller wait forever for others. */
  #answerFailure(message: Message, cause: unknown): void {
    if (!(cause instanceof ServiceError)) this.#session.onBug(cause);
    if (isRefusal(cause)) {
      this.#session.send(refusal(message, message.name, cause));
      return;
    }
    const text = cause instanceof ServiceError ? cause.message : INTERNAL;
    this.#answer(message, { kind: "error", error: JSON.stringify(text) });
  }

  #takeAnswer(message: Message): void {
    const { name = "", correlationId = "", action, data } = message;
    const call = this.#find(name, correlationId);
    let outcome: "ok" | "multiple_accept" | "unknown";
    try {
      outcome = call === undefined ? "unknown" : this.#settle(call, action, this.#readData(data));
    } catch (cause) {
      // The call goes on: the provider may still answer it better.
      this.#session.send(refusal(message, name, cause));
      return;
    }
    if (outcome === "ok") return;
    const { MULTIPLE_ACCEPT, INVALID_RPC_CORRELATION_ID } = RPC_ACTION;
    this.#session.send({
      ...about(message),
      action: outcome === "unknown" ? INVALID_RPC_CORRELATION_ID : MULTIPLE_ACCEPT,
      originalAction: action,
    });
  }

  #settle(call: RpcCall, action: number, data: string | undefined) {
    switch (action) {
      case RPC_ACTION.ACCEPT:
        return call.accept();
      case RPC_ACTION.REJECT:
        return call.reject();
      case RPC_ACTION.RESPONSE:
        return call.respond(data);
      default:
        return call.fail(data ?? "null");
    }
  }

  #find(name: string, callId: string): RpcCall | undefined {
    const call = this.#provisions.get(name)?.find(callId);
    if (call !== undefined) return call;
    for (const provision of this.#leaving) {
      const found = provision.find(callId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #withdraw(provision: Provision): void {
    provision.withdraw();
    for (const left of this.#leaving) if (left.calls === 0) this.#leaving.delete(left);
    if (provision.calls > 0) this.#leaving.add(provision);
  }
}

function isRefusal(cause: unknown): boolean {
  if (!(cause instanceof ServiceError)) return false;
  return cause.code === "permission_denied" || cause.code === "permission_failed";
}

const INTERNAL = "The server failed to handle this call. The log of the server says more.";

function about({ topic, name, correlationId }: Message) {
  return { topic, name, correlationId };
}

/** Undefined: nobody waits for it any more. */
function answerOf(outcome: RpcOutcome): Pick<Message, "action" | "data"> | undefined {
  switch (outcome.kind) {
    case "result":
      return outcome.data === undefined
        ? { action: RPC_ACTION.RESPONSE }
        : { action: RPC_ACTION.RESPONSE, data: outcome.data };
    case "error":
      return { action: RPC_ACTION.REQUEST_ERROR, data: outcome.error };
    case "no_provider":
      return { action: RPC_ACTION.NO_RPC_PROVIDER };
    case "accept_timeout":
      return { action: RPC_ACTION.ACCEPT_TIMEOUT };
    case "response_timeout":
    case "provider_gone":
      return { action: RPC_ACTION.RESPONSE_TIMEOUT };
    case "aborted":
      return undefined;
  }
}
