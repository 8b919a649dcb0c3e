// What a provider of remote procedures is asked, and how it answers.

import type { User } from "../access/user.ts";

export interface RpcQuestion {
  /** Unique; the same at every provider that this call is offered to. */
  readonly id: string;
  readonly name: string;
  /** JSON text; undefined: the call has none. */
  readonly data: string | undefined;
  readonly requester: User;
}

/**
 * One call at one provider. An answer is `unknown` when the call is over, or has gone on to another
 * provider; nothing happens then.
 */
export interface RpcCall extends RpcQuestion {
  /** Says that an answer will come; ends the time for saying so. */
  accept(): "ok" | "multiple_accept" | "unknown";
  /** Answers with JSON text, or with nothing. Needs no `accept` before it. */
  respond(data?: string): "ok" | "unknown";
  /** Answers that the call failed; `error` is any JSON text. */
  fail(error: string): "ok" | "unknown";
  /** Leaves the call to another provider, also after an `accept`: the provider says that it did nothing. */
  reject(): "ok" | "unknown";
}

/** One connection, which may provide many procedures. */
export interface RpcProvider {
  /** May answer at once or later. When it throws, the call goes on to another provider. */
  call(call: RpcCall): void;
}

/** One procedure of one provider. Dispose it when the provider is gone. */
export interface Provision extends Disposable {
  /** An open call that was offered to this provision. */
  find(callId: string): RpcCall | undefined;
  /** Open calls that were offered to it. */
  readonly calls: number;
  /** Takes no more calls; those that it has go on. */
  withdraw(): void;
}
