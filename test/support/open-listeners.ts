// Listeners to patterns on a clock of the test's choice, with events as what they listen to.

import { Deadlines } from "../../src/core/deadlines.ts";
import { type EventSubscriber, Events } from "../../src/core/events/events.ts";
import { type ListeningSettings, PatternListeners } from "../../src/core/listening/listeners.ts";
import type {
  PatternListener,
  PatternProvider,
} from "../../src/core/listening/pattern-provider.ts";
import { compileLinear } from "../../src/patterns/linear-pattern.ts";
import { ManualClock } from "./manual-clock.ts";
import { EVERYTHING } from "./permissions.ts";

export const RESPONSE_MS = 500;
export const REMATCH_MS = 60_000;
/** Deadlines fire up to a tick late. */
export const LATE_MS = 100;

/** Keeps what it is told, and does what a test says with an offer. */
class TestProvider implements PatternProvider {
  readonly who: string;
  readonly #tell: (news: string) => void;
  readonly #act: ((name: string) => void) | undefined;

  constructor(who: string, tell: (news: string) => void, act?: (name: string) => void) {
    this.who = who;
    this.#tell = tell;
    this.#act = act;
  }

  offer(pattern: string, name: string): boolean {
    this.#tell(`${this.who} is offered ${name} for ${pattern}`);
    this.#act?.(name);
    return true;
  }

  withdraw(_: string, name: string): void {
    this.#tell(`${this.who} loses ${name}`);
  }

  late(_: string, name: string): void {
    this.#tell(`${this.who} is late for ${name}`);
  }
}

/** `random` is the same each time: 0 takes who came first. */
export function openListeners(differing: Partial<ListeningSettings> = {}, random = () => 0) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const bugs: unknown[] = [];
  const onBug = (cause: unknown) => void bugs.push(cause);
  const events = new Events(EVERYTHING, { nameBytesMax: 100 }, onBug);
  const settings = {
    ...{ responseTimeoutMs: RESPONSE_MS, shuffleProviders: true, rematchMs: REMATCH_MS },
    ...{ patternsMax: 10, providerPatternsMax: 5, patternBytesMax: 40 },
    ...differing,
  };
  let pauses = 0;
  const pause = () => {
    pauses += 1;
    return new Promise<void>(setImmediate);
  };
  const listeners = new PatternListeners(
    ...([events, compileLinear, settings, deadlines, pause, onBug, random] as const),
  );
  const told: string[] = [];
  listeners.onProvider(({ name, hasProvider }) => {
    told.push(`${name} has ${hasProvider ? "a" : "no"} provider`);
  });
  const nobody: EventSubscriber = { receive: () => {} };
  return {
    ...{ listeners, events, clock, deadlines, bugs, told },
    pauses: () => pauses,
    subscribe: (name: string) => events.subscribe(name, nobody),
    provider: (who: string, act?: (name: string) => void) =>
      new TestProvider(who, (news) => told.push(news), act),
    /** What was told since this was asked last. */
    news: () => told.splice(0),
  };
}

/** A provider that accepts, rejects or fails while it is asked. */
export function prompt(
  room: ReturnType<typeof openListeners>,
  who: string,
  pattern: string,
  answer: "accept" | "reject" | "throw",
): PatternListener {
  const provider = room.provider(who, (name) => {
    if (answer === "throw") throw new Error(`${who} fails`);
    // Within `listen`, the listener is not there yet.
    queueMicrotask(() => listener[answer](name));
  });
  const listener = room.listeners.listen(pattern, provider);
  return listener;
}
