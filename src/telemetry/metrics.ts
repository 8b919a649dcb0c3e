// What is counted while the server runs. No name of a topic, cache, record, user or token ever becomes a label.

import type { RuleAction, RuleSection } from "../core/access/rules.ts";
import { Buckets, POWERS_OF_TWO, SECONDS } from "./buckets.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import type { Exposition } from "./exposition.ts";
import type { Figures } from "./figures.ts";
import { RequestCounts } from "./request-counts.ts";

export interface About {
  readonly version: string;
  readonly commit: string;
  readonly bun: string;
  readonly region: string;
}

/** What retention has done since it was last told. */
export interface RetentionWork {
  readonly items: number;
  /** As they count towards what is stored. */
  readonly bytes: number;
  /** That it took the writer, in which nothing else was written. */
  readonly seconds: number;
}

/** A right that was asked for in a section of the rules, and how often it was denied. */
export interface DenialCount {
  readonly section: RuleSection;
  readonly action: RuleAction;
  count: number;
}

export class Metrics implements Disposable {
  readonly about: About;
  readonly requests = new RequestCounts();
  readonly commitSeconds = new Buckets(SECONDS);
  readonly groupCommands = new Buckets(POWERS_OF_TWO);
  readonly eventLoop = new EventLoopDelay();
  readonly retention = { items: 0, bytes: 0, seconds: 0 };
  /** By section and right, which are of closed lists. */
  readonly denials = new Map<string, DenialCount>();
  #exposition: Promise<Exposition> | undefined;

  constructor(about: About) {
    this.about = about;
  }

  /** A group of writes was committed, or failed to be. */
  committed(commands: number, seconds: number): void {
    this.groupCommands.observe(commands);
    this.commitSeconds.observe(seconds);
  }

  retained({ items, bytes, seconds }: RetentionWork): void {
    this.retention.items += items;
    this.retention.bytes += bytes;
    this.retention.seconds += seconds;
  }

  ruleDenied(section: RuleSection, action: RuleAction): void {
    const key = `${section} ${action}`;
    const denial = this.denials.get(key) ?? { section, action, count: 0 };
    denial.count += 1;
    this.denials.set(key, denial);
  }

  /** Prometheus' text format, with the figures of this moment. */
  async render(figures: Figures): Promise<string> {
    // The library is loaded when somebody looks: it would be a tenth of the time of a start.
    this.#exposition ??= import("./exposition.ts").then(({ Exposition }) => new Exposition(this));
    return (await this.#exposition).render(figures);
  }

  [Symbol.dispose](): void {
    this.eventLoop[Symbol.dispose]();
  }
}
