// However requesters, providers and time fall together, every RPC has one outcome, the right one, and in time.

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { RpcOutcome } from "../../src/core/rpc/pending-call.ts";
import type { Provision, RpcCall } from "../../src/core/rpc/provider.ts";
import { ACK_MS, LATE_MS, openRpcs, RESPONSE_MS, TestProvider } from "../support/open-rpcs.ts";
import { turns } from "../support/turns.ts";

const PROVIDERS = 3;
const CALLS_MAX = 2;
const BUG = new Error("mine");

type Step =
  | { kind: "make" }
  | { kind: "provide"; provider: number }
  | { kind: "gone" | "withdraw"; provider: number }
  | { kind: "accept" | "respond" | "fail" | "reject"; nth: number }
  | { kind: "abort"; nth: number }
  | { kind: "wait"; ms: number };

const nth = fc.nat(20);
const provider = fc.nat(PROVIDERS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("make" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("provide" as const), provider }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("gone" as const, "withdraw" as const),
      provider,
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "accept" as const,
        "respond" as const,
        "fail" as const,
        "reject" as const,
      ),
      nth,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("abort" as const), nth }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 400, ACK_MS + LATE_MS, 4000, RESPONSE_MS + LATE_MS),
    }),
  },
);
/** What a provider does while it is being asked. */
const habits = fc.array(fc.constantFrom("keep", "keep", "keep", "reject", "respond", "throw"), {
  minLength: PROVIDERS,
  maxLength: PROVIDERS,
});

test("whatever requesters and providers do, every call ends once, as it must, and nothing is left", async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 60 }),
    habits,
    async (steps, habits) => {
      using run = new Run(habits);
      for (const planned of steps) {
        run.take(planned);
        await run.settle();
      }
      await run.end();
    },
  );
  await fc.assert(property, { numRuns: 500 });
}, 180_000);

/** One call, and where it should be. */
interface ModelCall {
  readonly index: number;
  readonly madeAt: number;
  readonly requester: AbortController;
  readonly outcomes: RpcOutcome[];
  readonly tried: Set<TestProvider>;
  holder: { offer: RpcCall; seat: ModelSeat; at: number; isAccepted: boolean } | undefined;
  expected: RpcOutcome["kind"] | undefined;
}

interface ModelSeat {
  readonly provider: TestProvider;
  readonly provision: Provision;
  isOpen: boolean;
}

class Run implements Disposable {
  readonly #room = openRpcs({ callsMax: CALLS_MAX });
  readonly #providers: TestProvider[];
  readonly #seats: ModelSeat[] = [];
  readonly #calls: ModelCall[] = [];
  readonly #byId = new Map<string, ModelCall>();
  /** Every offer that there ever was, with its call. */
  readonly #offers: { offer: RpcCall; call: ModelCall }[] = [];

  constructor(habits: readonly string[]) {
    this.#providers = habits.map(
      (habit, index) => new TestProvider(`p${index}`, (offer) => this.#asked(index, habit, offer)),
    );
  }

  take(planned: Step): void {
    if (planned.kind === "make") this.#make();
    else if (planned.kind === "wait") this.#wait(planned.ms);
    else if (planned.kind === "abort") this.#abort(planned.nth);
    else if (planned.kind === "provide") this.#provide(planned.provider);
    else if ("provider" in planned) this.#leave(planned.provider, planned.kind);
    else this.#answer(planned.kind, planned.nth);
  }

  /** Promises settle, and then each call is where the model has it. */
  async settle(): Promise<void> {
    await turns(1);
    for (const { outcomes, expected } of this.#calls) {
      expect(outcomes.map(({ kind }) => kind)).toEqual(expected === undefined ? [] : [expected]);
    }
    // What a provider finds wrong while it is being asked ends up there.
    expect(this.#room.bugs.filter((bug) => bug !== BUG)).toEqual([]);
    const open = this.#open();
    const unaccepted = open.filter(({ holder }) => holder?.isAccepted === false).length;
    expect(this.#room.left()).toEqual([open.length, open.length + unaccepted]);
    for (const { offer, call } of this.#offers) {
      const isHeld = call.expected === undefined && call.holder?.offer === offer;
      const found = this.#seats.filter(({ provision }) => provision.find(offer.id) === offer);
      expect(found.length).toBe(isHeld ? 1 : 0);
    }
  }

  /** Time alone ends what is left. */
  async end(): Promise<void> {
    this.#wait(RESPONSE_MS + LATE_MS);
    await this.settle();
    expect(this.#room.left()).toEqual([0, 0]);
  }

  [Symbol.dispose](): void {
    this.#room[Symbol.dispose]();
  }

  #open(): ModelCall[] {
    return this.#calls.filter(({ expected }) => expected === undefined);
  }

  #make(): void {
    const isFull = this.#open().length >= CALLS_MAX && this.#seats.some(({ isOpen }) => isOpen);
    const index = this.#calls.length;
    const call: ModelCall = {
      ...{ index, madeAt: this.#room.clock.now(), requester: new AbortController() },
      ...{ outcomes: [], tried: new Set<TestProvider>(), holder: undefined, expected: undefined },
    };
    if (!isFull) this.#calls.push(call);
    const { signal } = call.requester;
    this.#room.make({ data: String(index), signal }).then(
      (outcome) => void call.outcomes.push(outcome),
      (cause: { limit: string }) => {
        expect([isFull, cause.limit]).toEqual([true, "rpc_limit_exceeded"]);
      },
    );
    if (!isFull) this.#expectNoProviderUnlessHeld(call);
  }

  #provide(index: number): void {
    const provider = this.#providers[index]!;
    const provision = this.#room.rpcs.provide("add", provider);
    this.#seats.push({ provider, provision, isOpen: true });
  }

  #leave(index: number, how: "gone" | "withdraw"): void {
    const provider = this.#providers[index]!;
    const seat = this.#seats.findLast((seat) => seat.provider === provider && seat.isOpen);
    if (seat === undefined) return;
    seat.isOpen = false;
    if (how === "withdraw") {
      seat.provision.withdraw();
      return;
    }
    const held = this.#open().filter(({ holder }) => holder?.seat === seat);
    for (const call of held) {
      if (call.holder?.isAccepted) this.#over(call, "provider_gone");
      else call.holder = undefined;
    }
    seat.provision[Symbol.dispose]();
    for (const call of held) this.#expectNoProviderUnlessHeld(call);
  }

  #answer(kind: "accept" | "respond" | "fail" | "reject", nth: number): void {
    const known = this.#offers[nth % Math.max(1, this.#offers.length)];
    if (known === undefined) return;
    const { offer, call } = known;
    const holder = call.expected === undefined ? call.holder : undefined;
    const isHolder = holder?.offer === offer;
    const isSecond = kind === "accept" && isHolder && holder.isAccepted;
    if (isHolder) this.#note(call, kind);
    const answers = {
      accept: () => offer.accept(),
      respond: () => offer.respond(String(call.index)),
      fail: () => offer.fail(String(call.index)),
      reject: () => offer.reject(),
    };
    expect(answers[kind]()).toBe(!isHolder ? "unknown" : isSecond ? "multiple_accept" : "ok");
    if (isHolder && kind === "reject") this.#expectNoProviderUnlessHeld(call);
  }

  #note(call: ModelCall, kind: "accept" | "respond" | "fail" | "reject"): void {
    if (kind === "respond") this.#over(call, "result");
    else if (kind === "fail") this.#over(call, "error");
    else if (kind === "reject") call.holder = undefined;
    else if (call.holder !== undefined) call.holder.isAccepted = true;
  }

  #abort(nth: number): void {
    const call = this.#calls[nth % Math.max(1, this.#calls.length)];
    if (call === undefined) return;
    if (call.expected === undefined) this.#over(call, "aborted");
    call.requester.abort();
  }

  /** Deadlines fire in the first tick of a tenth of a second that is not before them. */
  #wait(ms: number): void {
    const firesAt = (dueAt: number) => Math.ceil(dueAt / LATE_MS) * LATE_MS;
    const now = this.#room.clock.now() + ms;
    for (const call of this.#open()) {
      const endsAt = firesAt(call.madeAt + RESPONSE_MS);
      const { holder } = call;
      const acceptedAt =
        holder === undefined || holder.isAccepted ? Infinity : firesAt(holder.at + ACK_MS);
      if (Math.min(endsAt, acceptedAt) > now) continue;
      this.#over(call, acceptedAt < endsAt ? "accept_timeout" : "response_timeout");
    }
    this.#room.clock.advance(ms);
  }

  /** A provider is asked: it must be one that provides, and that this call did not ask before. */
  #asked(index: number, habit: string, offer: RpcCall): void {
    const provider = this.#providers[index]!;
    const call = this.#calls[Number(offer.data)]!;
    expect(call.expected).toBeUndefined();
    expect(call.holder).toBeUndefined();
    expect(call.tried.has(provider)).toBe(false);
    const seat = this.#seats.find(
      (seat) => seat.provider === provider && seat.provision.find(offer.id) === offer,
    );
    expect(seat?.isOpen).toBe(true);
    expect(this.#byId.get(offer.id) ?? call).toBe(call);
    this.#byId.set(offer.id, call);
    call.tried.add(provider);
    call.holder = { offer, seat: seat!, at: this.#room.clock.now(), isAccepted: false };
    this.#offers.push({ offer, call });
    if (habit === "keep") return;
    this.#note(call, habit === "respond" ? "respond" : "reject");
    if (habit === "throw") throw BUG;
    expect(habit === "respond" ? offer.respond(String(call.index)) : offer.reject()).toBe("ok");
  }

  /** A call that nobody holds now has asked all who provide. */
  #expectNoProviderUnlessHeld(call: ModelCall): void {
    if (call.expected !== undefined || call.holder !== undefined) return;
    const untried = this.#seats.filter(
      ({ isOpen, provider }) => isOpen && !call.tried.has(provider),
    );
    expect(untried).toEqual([]);
    this.#over(call, "no_provider");
  }

  #over(call: ModelCall, kind: RpcOutcome["kind"]): void {
    expect(call.expected).toBeUndefined();
    call.expected = kind;
    call.holder = undefined;
  }
}
