// Who listens to patterns: every name that somebody subscribes to is offered to them until one provides it.

import type { Deadlines } from "../deadlines.ts";
import { invalidArgument, limitExceeded } from "../errors.ts";
import { Listeners, type OnBug } from "../listeners.ts";
import { isLongerThan } from "../utf8.ts";
import { type ListenedPattern, Match, type MatchRoom, Seat } from "./match.ts";
import type { CompilePattern } from "./pattern.ts";
import type { PatternListener, PatternProvider } from "./pattern-provider.ts";
import { type Job, Turns } from "./turns.ts";

/** Names with their subscribers: of records, or of events. */
export interface Subscribed {
  subscribedNames(): Iterable<string>;
  has(name: string): boolean;
  /** Calls `listener` synchronously with a name when it gets its first subscriber. */
  onFirst(listener: (name: string) => void): Disposable;
  /** Calls `listener` synchronously with a name when it has no subscriber any more. */
  onLast(listener: (name: string) => void): Disposable;
}

export interface ListeningSettings {
  /** For accepting or rejecting, after which the next is asked. */
  readonly responseTimeoutMs: number;
  /** Whether who is asked next is left to chance; else they are asked in the order in which they came. */
  readonly shuffleProviders: boolean;
  /** After which names that nobody wanted are offered to everybody again; 0: never. */
  readonly rematchMs: number;
  /** Patterns that are listened to in all, however many listen to each. */
  readonly patternsMax: number;
  readonly providerPatternsMax: number;
  readonly patternBytesMax: number;
}

export interface ProviderNews {
  readonly name: string;
  readonly hasProvider: boolean;
}

/** What offering one name takes, in the steps of matching. */
const OFFER_STEPS = 500;

export class PatternListeners implements Disposable {
  readonly #subscribed: Subscribed;
  readonly #compile: CompilePattern;
  readonly #settings: ListeningSettings;
  readonly #deadlines: Deadlines;
  readonly #room: MatchRoom;
  readonly #turns: Turns;
  readonly #news: Listeners<ProviderNews>;
  readonly #patterns = new Map<string, ListenedPattern>();
  readonly #counts = new Map<PatternProvider, number>();
  readonly #matches = new Map<string, Match>();
  /** That nobody provides although everybody was asked. */
  #unwanted = new Set<Match>();
  #callOffRematch: (() => void) | undefined;
  readonly #listening = new DisposableStack();

  /**
   * `pause` lets others have their turn in long work; `onBug` takes what providers throw; `random` is
   * at least 0 and less than 1.
   */
  constructor(
    subscribed: Subscribed,
    compile: CompilePattern,
    settings: ListeningSettings,
    deadlines: Deadlines,
    pause: () => Promise<void>,
    onBug: OnBug,
    random: () => number = Math.random,
  ) {
    this.#subscribed = subscribed;
    this.#compile = compile;
    this.#settings = settings;
    this.#deadlines = deadlines;
    this.#turns = new Turns(pause, onBug);
    this.#news = new Listeners(onBug);
    this.#room = {
      deadlines,
      responseTimeoutMs: settings.responseTimeoutMs,
      choose: chooser(settings.shuffleProviders ? random : () => 0),
      onProvider: (name, hasProvider) => this.#news.tell({ name, hasProvider }),
      onNobody: (match) => this.#noteUnwanted(match),
      onBug,
    };
    this.#listening.use(subscribed.onFirst((name) => this.#turns.add(this.#find(name))));
    this.#listening.use(subscribed.onLast((name) => this.#forget(name)));
  }

  /**
   * Names that match and have no provider are offered from now on, those that are there in a moment.
   * Throws `invalid_argument` when the text is no pattern, or `limit_exceeded`.
   */
  listen(text: string, provider: PatternProvider): PatternListener {
    const count = this.#counts.get(provider) ?? 0;
    const { providerPatternsMax } = this.#settings;
    if (count >= providerPatternsMax) {
      throw tooMany(`A connection may listen to ${providerPatternsMax} patterns.`);
    }
    const pattern = this.#patterns.get(text) ?? this.#makePattern(text);
    this.#patterns.set(text, pattern);
    this.#counts.set(provider, count + 1);
    const seat = new Seat(text, provider, (left) => this.#leave(pattern, left));
    pattern.seats.add(seat);
    this.#turns.add(this.#scan(pattern));
    return seat;
  }

  hasProvider(name: string): boolean {
    return this.#matches.get(name)?.hasProvider ?? false;
  }

  /** Calls `listener` synchronously when a name that somebody subscribes to gets a provider or loses it. */
  onProvider(listener: (news: ProviderNews) => void): Disposable {
    return this.#news.add(listener);
  }

  /** Patterns that somebody listens to, names that match one, and deadlines and jobs that are not over. */
  get sizes(): { patterns: number; matches: number; jobs: number } {
    const { size: patterns } = this.#patterns;
    return { patterns, matches: this.#matches.size, jobs: this.#turns.size };
  }

  /** Offers nothing any more. */
  [Symbol.dispose](): void {
    this.#listening.dispose();
    this.#callOffRematch?.();
  }

  #makePattern(text: string): ListenedPattern {
    const { patternsMax, patternBytesMax } = this.#settings;
    if (text === "" || isLongerThan(text, patternBytesMax)) {
      throw invalidArgument(`The pattern is not valid: allowed are 1 to ${patternBytesMax} bytes.`);
    }
    const pattern = this.#compile(text);
    if (this.#patterns.size < patternsMax) return { text, pattern, seats: new Set() };
    throw tooMany(`The server allows ${patternsMax} patterns.`);
  }

  /** The patterns that match a name which has its first subscriber. */
  *#find(name: string): Job {
    for (const listened of this.#patterns.values()) {
      if (!this.#subscribed.has(name)) return;
      yield this.#test(listened, name);
    }
    this.#matches.get(name)?.seek();
  }

  /** The names that match a pattern which is new, or has a new listener. */
  *#scan(listened: ListenedPattern): Job {
    for (const name of this.#subscribed.subscribedNames()) {
      if (listened.seats.size === 0) return;
      const steps = this.#test(listened, name);
      this.#matches.get(name)?.seek();
      yield steps;
    }
  }

  /** Returns how many steps it took. */
  #test(listened: ListenedPattern, name: string): number {
    const steps = 1 + listened.pattern.cost * name.length;
    if (listened.seats.size === 0 || !listened.pattern.matches(name)) return steps;
    const found = this.#matches.get(name) ?? new Match(name, this.#room);
    this.#matches.set(name, found);
    found.add(listened);
    this.#unwanted.delete(found);
    return steps + OFFER_STEPS;
  }

  #forget(name: string): void {
    const match = this.#matches.get(name);
    if (match === undefined) return;
    this.#matches.delete(name);
    this.#unwanted.delete(match);
    match.end();
  }

  #leave(pattern: ListenedPattern, seat: Seat): void {
    if (!pattern.seats.delete(seat)) return;
    if (pattern.seats.size === 0 && this.#patterns.get(pattern.text) === pattern) {
      this.#patterns.delete(pattern.text);
    }
    const left = (this.#counts.get(seat.provider) ?? 1) - 1;
    if (left === 0) this.#counts.delete(seat.provider);
    else this.#counts.set(seat.provider, left);
    this.#turns.add(this.#release(seat));
  }

  /** What the seat was offered goes on to others. */
  *#release(seat: Seat): Job {
    for (const match of seat.matches.values()) {
      match.leave(seat);
      yield OFFER_STEPS;
    }
    seat.matches.clear();
  }

  #noteUnwanted(match: Match): void {
    if (match.isLost) {
      this.#matches.delete(match.name);
      return;
    }
    this.#unwanted.add(match);
    const { rematchMs } = this.#settings;
    if (rematchMs === 0 || this.#callOffRematch !== undefined) return;
    this.#callOffRematch = this.#deadlines.after(rematchMs, () => {
      this.#callOffRematch = undefined;
      const unwanted = this.#unwanted;
      this.#unwanted = new Set();
      this.#turns.add(this.#rematch(unwanted));
    });
  }

  *#rematch(unwanted: ReadonlySet<Match>): Job {
    for (const match of unwanted) {
      if (this.#matches.get(match.name) === match) match.seekAnew();
      yield OFFER_STEPS;
    }
  }
}

function chooser(random: () => number): MatchRoom["choose"] {
  return (seats) => {
    const seat = seats[Math.floor(random() * seats.length)];
    if (seat === undefined) throw new Error("there is nobody to choose from");
    return seat;
  };
}

function tooMany(message: string) {
  return limitExceeded("patterns_limit_exceeded", message);
}
