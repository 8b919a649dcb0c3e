// Why the rules did not permit something, in the log: each rule speaks once in a while, whoever runs into it how often.

import type { Denial } from "../core/access/permissions.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "./log.ts";

/** For which a rule that has spoken is silent. */
const SILENCE_MS = 60_000;
const NAME_CHARACTERS_MAX = 200;
/** After a reload, the rules of before are remembered beside the new ones. */
const RULES_MAX = 10_000;

interface Spoken {
  readonly until: number;
  unsaid: number;
}

export class DenialLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #spoken = new Map<string, Spoken>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  note({ question, rule, reason }: Denial): void {
    const { section, action, operation, name, user } = question;
    const key = JSON.stringify([section, action, rule?.pattern, reason !== undefined]);
    const before = this.#spoken.get(key);
    const now = this.#clock.now();
    if (before !== undefined && now < before.until) {
      before.unsaid += 1;
      return;
    }
    if (this.#spoken.size >= RULES_MAX) this.#spoken.clear();
    this.#spoken.set(key, { until: now + SILENCE_MS, unsaid: 0 });
    const fields = {
      ...{ section, action, operation, user: quote(user.id), name: quote(name) },
      ...(rule !== undefined && { pattern: quote(rule.pattern), rule: quote(rule.text) }),
      ...(before !== undefined && before.unsaid > 0 && { unsaid: before.unsaid }),
    };
    if (reason !== undefined) {
      this.#log.warn("A rule failed, which denies", { ...fields, reason: quote(reason) });
    } else if (rule === undefined) {
      this.#log.info("Denied, because no rule is about it", fields);
    } else {
      this.#log.info("Denied by a rule", fields);
    }
  }
}

/** What others have chosen stays in its line, and short. */
function quote(text: string | undefined): string | undefined {
  return text === undefined ? undefined : JSON.stringify(text.slice(0, NAME_CHARACTERS_MAX));
}
