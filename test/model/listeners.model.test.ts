// However subscribers, listeners and time fall together, a name has one provider at most, and nothing is left behind.

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { PatternListener } from "../../src/core/listening/pattern-provider.ts";
import { openListeners } from "../support/open-listeners.ts";

const NAMES = ["a", "ab", "b"];
const PATTERNS = ["a", "b", "^a"];
const PROVIDERS = ["p", "q"];

type Step =
  | { kind: "subscribe" | "unsubscribe"; name: string }
  | { kind: "listen" | "unlisten"; who: string; pattern: string }
  | { kind: "accept" | "reject"; who: string; pattern: string; name: string }
  | { kind: "wait"; ms: number };

const name = fc.constantFrom(...NAMES);
const pattern = fc.constantFrom(...PATTERNS);
const who = fc.constantFrom(...PROVIDERS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("subscribe" as const, "subscribe" as const, "unsubscribe" as const),
      name,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ kind: fc.constantFrom("listen" as const, "listen" as const, "unlisten" as const) },
      ...{ who, pattern },
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ kind: fc.constantFrom("accept" as const, "reject" as const), who, pattern, name },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(100, 600, 60_100),
    }),
  },
);

test("whatever they do, who provides a name was offered it, and is the only one until it ends", () => {
  const property = fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
    const run = new Run();
    for (const planned of steps) run.take(planned);
    run.end();
  });
  fc.assert(property, { numRuns: 2000 });
}, 180_000);

class Run {
  readonly #room = openListeners({ providerPatternsMax: 10 });
  readonly #providers = new Map(PROVIDERS.map((who) => [who, this.#room.provider(who)]));
  readonly #listeners = new Map<string, PatternListener>();
  readonly #subscriptions = new Map<string, Disposable>();
  /** The names that have a provider, as was told, and which it is. */
  readonly #provided = new Map<string, string>();

  take(planned: Step): void {
    switch (planned.kind) {
      case "subscribe":
        if (this.#subscriptions.has(planned.name)) return;
        this.#subscriptions.set(planned.name, this.#room.subscribe(planned.name));
        break;
      case "unsubscribe":
        this.#subscriptions.get(planned.name)?.[Symbol.dispose]();
        this.#subscriptions.delete(planned.name);
        this.#provided.delete(planned.name);
        break;
      case "listen":
        this.#listen(planned.who, planned.pattern);
        break;
      case "unlisten":
        this.#unlisten(`${planned.who} ${planned.pattern}`);
        break;
      case "wait":
        this.#room.clock.advance(planned.ms);
        break;
      default:
        this.#answer(planned.kind, `${planned.who} ${planned.pattern}`, planned.name);
    }
    this.#check();
  }

  end(): void {
    for (const key of [...this.#listeners.keys()]) this.#unlisten(key);
    this.#check();
    for (const subscription of this.#subscriptions.values()) subscription[Symbol.dispose]();
    expect(this.#room.listeners.sizes).toEqual({ patterns: 0, matches: 0, jobs: 0 });
    this.#room.clock.advance(60_100);
    expect([this.#room.deadlines.size, this.#room.bugs]).toEqual([0, []]);
  }

  #listen(who: string, pattern: string): void {
    const key = `${who} ${pattern}`;
    if (this.#listeners.has(key)) return;
    this.#listeners.set(key, this.#room.listeners.listen(pattern, this.#providers.get(who)!));
  }

  #unlisten(key: string): void {
    this.#listeners.get(key)?.[Symbol.dispose]();
    this.#listeners.delete(key);
    for (const [name, provider] of this.#provided) {
      if (provider === key) this.#provided.delete(name);
    }
  }

  #answer(kind: "accept" | "reject", key: string, name: string): void {
    const before = this.#provided.get(name);
    const outcome = this.#listeners.get(key)?.[kind](name);
    if (kind !== "accept" || outcome !== "ok") return;
    // Who comes too late is told so, and changes nothing.
    if (before === undefined) this.#provided.set(name, key);
    const [, pattern = ""] = key.split(" ");
    expect([this.#subscriptions.has(name), new RegExp(pattern).test(name)]).toEqual([true, true]);
  }

  #check(): void {
    for (const name of NAMES) {
      expect(this.#room.listeners.hasProvider(name)).toBe(this.#provided.has(name));
    }
    const news = this.#room.news().filter((line) => line.includes(" has "));
    for (const line of news) {
      const [name = "", , article] = line.split(" ");
      expect(NAMES).toContain(name);
      if (article === "a") expect(this.#subscriptions.has(name)).toBe(true);
    }
  }
}
