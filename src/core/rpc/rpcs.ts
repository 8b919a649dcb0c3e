// Remote procedure calls: who provides which, and the calls in flight.

import type { Permissions } from "../access/permissions.ts";
import type { User } from "../access/user.ts";
import type { Deadlines } from "../deadlines.ts";
import { limitExceeded, ServiceError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { OnBug } from "../listeners.ts";
import type { Maybe } from "../maybe.ts";
import { requirePlainName } from "../names.ts";
import { type CallTimes, PendingCall, type RpcOutcome, type Seat } from "./pending-call.ts";
import type { Provision, RpcProvider, RpcQuestion } from "./provider.ts";

export interface RpcsSettings extends CallTimes {
  /** Calls in flight in all. */
  readonly callsMax: number;
  /** Characters of the data of all calls in flight: each is held until it ends, to be offered to others. */
  readonly dataMax: number;
  readonly nameBytesMax: number;
}

export class Rpcs implements Disposable {
  readonly #permissions: Permissions;
  readonly #deadlines: Deadlines;
  readonly #settings: RpcsSettings;
  readonly #onBug: OnBug;
  readonly #random: () => number;
  readonly #seats = new Map<string, Seat[]>();
  /** With what ends their promise when the server stops. */
  readonly #calls = new Map<PendingCall, (cause: ServiceError) => void>();
  #data = 0;
  /** Calls that wait for a rule which looks at records, and the characters of their data. */
  readonly #undecided = { calls: 0, data: 0 };
  #isDisposed = false;

  /** `onBug` takes what providers throw; `random` is at least 0 and less than 1. */
  constructor(
    permissions: Permissions,
    deadlines: Deadlines,
    settings: RpcsSettings,
    onBug: OnBug,
    random: () => number = Math.random,
  ) {
    this.#permissions = permissions;
    this.#deadlines = deadlines;
    this.#settings = settings;
    this.#onBug = onBug;
    this.#random = random;
  }

  /**
   * Calls of this name are offered to the provider from now on. When the provision is disposed,
   * calls that were not accepted go on to others, and accepted ones end as `provider_gone`. Throws
   * `invalid_argument`.
   */
  provide(name: string, provider: RpcProvider): Provision {
    this.#requireName(name);
    const seat: Seat = { provider, offers: new Map() };
    const seats = this.#seats.get(name);
    if (seats === undefined) this.#seats.set(name, [seat]);
    else seats.push(seat);
    return {
      find: (callId) => seat.offers.get(callId),
      get calls() {
        return seat.offers.size;
      },
      withdraw: () => this.#remove(name, seat),
      [Symbol.dispose]: () => {
        this.#remove(name, seat);
        for (const offer of seat.offers.values()) offer.abandon();
      },
    };
  }

  /**
   * Offers the call to providers of this name in random order, one at a time, before it returns the
   * promise, unless a rule has to look at records; never to the same twice, and to the requester's own
   * connection as to any other. `onAccept` is called when the first of them accepts. Rejects with
   * `invalid_argument`, what the rules do not permit as `Permissions.require`, `limit_exceeded` when
   * too many calls are in flight, or `stopping`.
   */
  async make(
    requester: User,
    name: string,
    data: string | undefined,
    signal?: AbortSignal,
    onAccept: () => void = () => {},
  ): Promise<RpcOutcome> {
    this.#requireName(name);
    this.#requireRoomToWait(data);
    const waits = this.#requireRequest(requester, name, data);
    if (waits !== undefined) await this.#waitFor(waits, data);
    if (this.#isDisposed) throw stopping();
    if (signal?.aborted) return { kind: "aborted" };
    if (!this.#seats.has(name)) return { kind: "no_provider" };
    if (this.#calls.size >= this.#settings.callsMax) throw tooManyCalls(this.#settings.callsMax);
    if (this.#data + (data?.length ?? 0) > this.#settings.dataMax) throw tooMuchData();
    return this.#offer({ id: crypto.randomUUID(), name, data, requester }, signal, onAccept);
  }

  #requireRoomToWait(data: string | undefined): void {
    const { callsMax, dataMax } = this.#settings;
    const { calls, data: held } = this.#undecided;
    if (calls >= callsMax) throw tooManyCalls(callsMax);
    if (calls > 0 && held + (data?.length ?? 0) > dataMax) throw tooMuchData();
  }

  async #waitFor(decision: Promise<void>, data: string | undefined): Promise<void> {
    const length = data?.length ?? 0;
    this.#undecided.calls += 1;
    this.#undecided.data += length;
    try {
      await decision;
    } finally {
      this.#undecided.calls -= 1;
      this.#undecided.data -= length;
    }
  }

  #requireRequest(user: User, name: string, data: string | undefined): Maybe<void> {
    if (this.#permissions.permitsAll) return undefined;
    return this.#permissions.require({
      ...({ section: "rpc", action: "request", operation: "REQUEST" } as const),
      ...{ name, user },
      data: () => (data === undefined ? undefined : (JSON.parse(data) as Json)),
    });
  }

  /** Ends the calls in flight; those made from now on are refused. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const [call, reject] of this.#calls) {
      reject(stopping());
      call.end({ kind: "aborted" });
    }
  }

  /** Calls in flight. */
  get calls(): number {
    return this.#calls.size;
  }

  /** Provisions that take calls. */
  get provisions(): number {
    let provisions = 0;
    for (const seats of this.#seats.values()) provisions += seats.length;
    return provisions;
  }

  #offer(
    question: RpcQuestion,
    signal: AbortSignal | undefined,
    onAccept: () => void,
  ): Promise<RpcOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<RpcOutcome>();
    const abort = () => call.end({ kind: "aborted" });
    const room = {
      next: (tried: ReadonlySet<RpcProvider>) => this.#next(question.name, tried),
      onAccept,
      onEnd: (outcome: RpcOutcome) => {
        signal?.removeEventListener("abort", abort);
        this.#calls.delete(call);
        this.#data -= question.data?.length ?? 0;
        resolve(outcome);
      },
      onBug: this.#onBug,
    };
    const call = new PendingCall(question, room, this.#deadlines, this.#settings);
    this.#calls.set(call, reject);
    this.#data += question.data?.length ?? 0;
    signal?.addEventListener("abort", abort);
    call.seek();
    return promise;
  }

  /** The first that was not tried, from a place that chance says. */
  #next(name: string, tried: ReadonlySet<RpcProvider>): Seat | undefined {
    const seats = this.#seats.get(name) ?? [];
    const start = Math.floor(this.#random() * seats.length);
    for (let step = 0; step < seats.length; step += 1) {
      const seat = seats[(start + step) % seats.length];
      if (seat !== undefined && !tried.has(seat.provider)) return seat;
    }
    return undefined;
  }

  #remove(name: string, seat: Seat): void {
    const seats = this.#seats.get(name) ?? [];
    const index = seats.indexOf(seat);
    if (index === -1) return;
    seats.splice(index, 1);
    if (seats.length === 0) this.#seats.delete(name);
  }

  #requireName(name: string): void {
    requirePlainName("RPC name", name, this.#settings.nameBytesMax);
  }
}

function tooManyCalls(callsMax: number): ServiceError {
  return limitExceeded(
    "rpc_limit_exceeded",
    `Too many RPCs are in flight: at most ${callsMax} are allowed at the same time.`,
  );
}

function tooMuchData(): ServiceError {
  return limitExceeded(
    "rpc_limit_exceeded",
    "The data of all RPCs in flight is too much; try again when some of them have ended.",
  );
}

function stopping(): ServiceError {
  return new ServiceError("stopping", "The server is stopping; try again in a moment.");
}
