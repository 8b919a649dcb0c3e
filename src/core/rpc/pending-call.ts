// One call from its making to its one outcome, on its way from provider to provider.

import type { Deadlines } from "../deadlines.ts";
import { attempt, type OnBug } from "../listeners.ts";
import type { RpcCall, RpcProvider, RpcQuestion } from "./provider.ts";

export type RpcOutcome =
  /** JSON text, or nothing. */
  | { readonly kind: "result"; readonly data: string | undefined }
  /** Any JSON text, as the provider gave it. */
  | { readonly kind: "error"; readonly error: string }
  /** There is none, or all have rejected. */
  | { readonly kind: "no_provider" }
  /** The provider did not say in time that it has the call. */
  | { readonly kind: "accept_timeout" }
  /** No answer in time. */
  | { readonly kind: "response_timeout" }
  /** Who had accepted went away: the work may be done or not, so nobody else is asked. */
  | { readonly kind: "provider_gone" }
  /** Nobody waits for the answer any more. */
  | { readonly kind: "aborted" };

/** Where a provider keeps the calls that it was offered. */
export interface Seat {
  readonly provider: RpcProvider;
  readonly offers: Map<string, Offer>;
}

export interface CallTimes {
  /** Each provider's, for saying that it has the call. */
  readonly ackTimeoutMs: number;
  /** Of the whole call, however many providers it goes to. */
  readonly responseTimeoutMs: number;
}

/** What a call asks of the service that made it. */
export interface CallRoom {
  /** A provider that is not among those tried; undefined: there is none. */
  readonly next: (tried: ReadonlySet<RpcProvider>) => Seat | undefined;
  readonly onAccept: () => void;
  /** Called once. */
  readonly onEnd: (outcome: RpcOutcome) => void;
  readonly onBug: OnBug;
}

export class PendingCall {
  readonly question: RpcQuestion;
  readonly #room: CallRoom;
  readonly #deadlines: Deadlines;
  readonly #times: CallTimes;
  readonly #tried = new Set<RpcProvider>();
  readonly #callOff: () => void;
  #offer: Offer | undefined;
  #isSeeking = false;
  #isAccepted = false;
  #isOver = false;

  constructor(question: RpcQuestion, room: CallRoom, deadlines: Deadlines, times: CallTimes) {
    this.question = question;
    this.#room = room;
    this.#deadlines = deadlines;
    this.#times = times;
    this.#callOff = deadlines.after(times.responseTimeoutMs, () =>
      this.end({ kind: "response_timeout" }),
    );
  }

  /** Offers the call to providers until one keeps it. */
  seek(): void {
    // A provider may reject while it is being asked: then the loop that asked it goes on.
    if (this.#isSeeking) return;
    this.#isSeeking = true;
    while (!this.#isOver && this.#offer === undefined) this.#offerToNext();
    this.#isSeeking = false;
  }

  isAt(offer: Offer): boolean {
    return this.#offer === offer;
  }

  /** Takes the call from the provider that has it, and gives it to another. */
  moveOn(): void {
    this.#leaveProvider();
    this.seek();
  }

  /** The requester hears of the first time only. */
  accepted(): void {
    if (this.#isAccepted) return;
    this.#isAccepted = true;
    attempt(this.#room.onAccept, this.#room.onBug);
  }

  end(outcome: RpcOutcome): void {
    this.#isOver = true;
    this.#callOff();
    this.#leaveProvider();
    this.#room.onEnd(outcome);
  }

  #offerToNext(): void {
    const seat = this.#room.next(this.#tried);
    if (seat === undefined) {
      this.end({ kind: "no_provider" });
      return;
    }
    this.#tried.add(seat.provider);
    const callOff = this.#deadlines.after(this.#times.ackTimeoutMs, () =>
      this.end({ kind: "accept_timeout" }),
    );
    const offer = new Offer(this, seat, callOff);
    this.#offer = offer;
    seat.offers.set(this.question.id, offer);
    if (!attempt(() => seat.provider.call(offer), this.#room.onBug)) offer.reject();
  }

  #leaveProvider(): void {
    this.#offer?.leave();
    this.#offer = undefined;
  }
}

/** The call as one provider sees it. */
export class Offer implements RpcCall {
  readonly id: string;
  readonly name: string;
  readonly data: string | undefined;
  readonly requester: RpcQuestion["requester"];
  readonly #call: PendingCall;
  readonly #seat: Seat;
  readonly #callOff: () => void;
  #isAccepted = false;

  constructor(call: PendingCall, seat: Seat, callOff: () => void) {
    this.id = call.question.id;
    this.name = call.question.name;
    this.data = call.question.data;
    this.requester = call.question.requester;
    this.#call = call;
    this.#seat = seat;
    this.#callOff = callOff;
  }

  accept(): "ok" | "multiple_accept" | "unknown" {
    if (!this.#call.isAt(this)) return "unknown";
    if (this.#isAccepted) return "multiple_accept";
    this.#isAccepted = true;
    this.#callOff();
    this.#call.accepted();
    return "ok";
  }

  respond(data?: string): "ok" | "unknown" {
    return this.#end({ kind: "result", data });
  }

  fail(error: string): "ok" | "unknown" {
    return this.#end({ kind: "error", error });
  }

  reject(): "ok" | "unknown" {
    if (!this.#call.isAt(this)) return "unknown";
    this.#call.moveOn();
    return "ok";
  }

  /** To be called when the provider is gone. */
  abandon(): void {
    if (this.#isAccepted) this.#end({ kind: "provider_gone" });
    else this.reject();
  }

  /** Called by the call when it is no longer at this provider. */
  leave(): void {
    this.#callOff();
    this.#seat.offers.delete(this.id);
  }

  #end(outcome: RpcOutcome): "ok" | "unknown" {
    if (!this.#call.isAt(this)) return "unknown";
    this.#call.end(outcome);
    return "ok";
  }
}
