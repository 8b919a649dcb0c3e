// One name that somebody subscribes to and that patterns match, on its way to the one who provides it.

import type { Deadlines } from "../deadlines.ts";
import { attempt, type OnBug } from "../listeners.ts";
import type { Pattern } from "./pattern.ts";
import type { PatternListener, PatternProvider } from "./pattern-provider.ts";

/** A pattern with all who listen to it. */
export interface ListenedPattern {
  readonly text: string;
  readonly pattern: Pattern;
  readonly seats: Set<Seat>;
}

/** What a match asks of the service that found it. */
export interface MatchRoom {
  readonly deadlines: Deadlines;
  readonly responseTimeoutMs: number;
  /** One of these, of which there is one at least. */
  readonly choose: (seats: readonly Seat[]) => Seat;
  readonly onProvider: (name: string, hasProvider: boolean) => void;
  /** Everybody was asked and nobody provides it. */
  readonly onNobody: (match: Match) => void;
  readonly onBug: OnBug;
}

export class Match {
  readonly name: string;
  readonly #room: MatchRoom;
  readonly #patterns = new Set<ListenedPattern>();
  /** Weak: they may leave, and be forgotten. */
  #tried = new WeakSet<Seat>();
  /** Asked in vain until now: they may still accept. */
  readonly #late = new Set<Seat>();
  #offered: { readonly seat: Seat; readonly callOff: () => void } | undefined;
  #provider: Seat | undefined;
  #isSeeking = false;
  #isOver = false;

  constructor(name: string, room: MatchRoom) {
    this.name = name;
    this.#room = room;
  }

  get hasProvider(): boolean {
    return this.#provider !== undefined;
  }

  /** Whoever listens to the pattern is asked, too, when it is needed. */
  add(pattern: ListenedPattern): void {
    this.#patterns.add(pattern);
  }

  /** Whether no pattern that anybody listens to matches. */
  get isLost(): boolean {
    for (const { seats } of this.#patterns) if (seats.size > 0) return false;
    return true;
  }

  /** Asks one after the other until somebody accepts. */
  seek(): void {
    // Who is asked may answer at once: then the loop that asked goes on.
    if (this.#isSeeking) return;
    this.#isSeeking = true;
    while (!this.#isOver && this.#provider === undefined && this.#offered === undefined) {
      const seats = this.#untried();
      if (seats.length === 0) break;
      this.#offer(this.#room.choose(seats));
    }
    this.#isSeeking = false;
    if (this.#isOver || this.#provider !== undefined || this.#offered !== undefined) return;
    this.#room.onNobody(this);
  }

  /** Asks everybody again, also those who did not want it. */
  seekAnew(): void {
    this.#tried = new WeakSet();
    this.seek();
  }

  accept(seat: Seat): "ok" | "unknown" {
    if (this.#provider === seat) return "ok";
    if (this.#offered?.seat === seat) this.#takeOffer();
    else if (!this.#late.delete(seat)) return "unknown";
    else if (this.#provider !== undefined) {
      this.#dismiss(seat);
      return "ok";
    } else this.#dismissOffered();
    this.#provider = seat;
    this.#room.onProvider(this.name, true);
    return "ok";
  }

  reject(seat: Seat): "ok" | "unknown" {
    if (this.#late.delete(seat)) {
      seat.matches.delete(this.name);
      return "ok";
    }
    if (this.#offered?.seat !== seat) return "unknown";
    this.#takeOffer();
    seat.matches.delete(this.name);
    this.seek();
    return "ok";
  }

  /** Who listened does so no more. */
  leave(seat: Seat): void {
    this.#late.delete(seat);
    this.#tried.delete(seat);
    if (this.#provider === seat) {
      this.#provider = undefined;
      this.#room.onProvider(this.name, false);
      this.seekAnew();
    } else if (this.#offered?.seat === seat) {
      this.#takeOffer();
      this.seek();
    }
  }

  /** Nobody subscribes any more. */
  end(): void {
    this.#isOver = true;
    this.#dismissOffered();
    if (this.#provider !== undefined) this.#dismiss(this.#provider);
    for (const seat of this.#late) seat.matches.delete(this.name);
  }

  #untried(): Seat[] {
    const seats: Seat[] = [];
    for (const pattern of this.#patterns) {
      if (pattern.seats.size === 0) this.#patterns.delete(pattern);
      for (const seat of pattern.seats) if (!this.#tried.has(seat)) seats.push(seat);
    }
    return seats;
  }

  #offer(seat: Seat): void {
    const { deadlines, responseTimeoutMs } = this.#room;
    this.#tried.add(seat);
    this.#late.delete(seat);
    seat.matches.set(this.name, this);
    const callOff = deadlines.after(responseTimeoutMs, () => this.#giveUp(seat));
    this.#offered = { seat, callOff };
    let isAsked = false;
    attempt(() => {
      isAsked = seat.provider.offer(seat.pattern, this.name);
    }, this.#room.onBug);
    if (!isAsked) this.reject(seat);
  }

  #giveUp(seat: Seat): void {
    this.#offered = undefined;
    this.#late.add(seat);
    attempt(() => seat.provider.late(seat.pattern, this.name), this.#room.onBug);
    this.seek();
  }

  #dismissOffered(): void {
    const seat = this.#takeOffer();
    if (seat !== undefined) this.#dismiss(seat);
  }

  #dismiss(seat: Seat): void {
    seat.matches.delete(this.name);
    attempt(() => seat.provider.withdraw(seat.pattern, this.name), this.#room.onBug);
  }

  #takeOffer(): Seat | undefined {
    const offered = this.#offered;
    this.#offered = undefined;
    offered?.callOff();
    return offered?.seat;
  }
}

/** One pattern of one provider. */
export class Seat implements PatternListener {
  readonly pattern: string;
  readonly provider: PatternProvider;
  /** What it was offered and has not rejected, by name. */
  readonly matches = new Map<string, Match>();
  readonly #onLeave: (seat: Seat) => void;

  constructor(pattern: string, provider: PatternProvider, onLeave: (seat: Seat) => void) {
    this.pattern = pattern;
    this.provider = provider;
    this.#onLeave = onLeave;
  }

  accept(name: string): "ok" | "unknown" {
    const answer = this.matches.get(name)?.accept(this) ?? "unknown";
    if (answer === "unknown") this.provider.withdraw(this.pattern, name);
    return answer;
  }

  reject(name: string): "ok" | "unknown" {
    return this.matches.get(name)?.reject(this) ?? "unknown";
  }

  [Symbol.dispose](): void {
    this.#onLeave(this);
  }
}
