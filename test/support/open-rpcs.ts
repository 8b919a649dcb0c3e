// The Rpcs service on a clock of the test's choice, with providers that keep what they are asked.

import { Deadlines } from "../../src/core/deadlines.ts";
import type { RpcOutcome } from "../../src/core/rpc/pending-call.ts";
import type { RpcCall, RpcProvider } from "../../src/core/rpc/provider.ts";
import { Rpcs, type RpcsSettings } from "../../src/core/rpc/rpcs.ts";
import { ManualClock } from "./manual-clock.ts";
import { EVERYTHING } from "./permissions.ts";
import { user } from "./users.ts";

export const ACK_MS = 1000;
export const RESPONSE_MS = 10_000;
/** Deadlines fire up to a tick late. */
export const LATE_MS = 100;

/** Keeps what it is asked, and does what a test says with it. */
export class TestProvider implements RpcProvider {
  readonly name: string;
  readonly calls: RpcCall[] = [];
  readonly #act: ((call: RpcCall) => void) | undefined;

  constructor(name: string, act?: (call: RpcCall) => void) {
    this.name = name;
    this.#act = act;
  }

  call(call: RpcCall): void {
    this.calls.push(call);
    this.#act?.(call);
  }

  get last(): RpcCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error(`${this.name} was asked nothing`);
    return call;
  }
}

export interface Making {
  readonly name?: string;
  readonly data?: string | undefined;
  readonly signal?: AbortSignal;
  readonly onAccept?: () => void;
}

/** `random` is the same each time: 0 takes the first provider that was not asked yet. */
export function openRpcs(
  differing: Partial<RpcsSettings> = {},
  random = () => 0,
  permissions = EVERYTHING,
) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const bugs: unknown[] = [];
  const settings = {
    ...{
      ackTimeoutMs: ACK_MS,
      responseTimeoutMs: RESPONSE_MS,
      callsMax: 100,
      nameBytesMax: 50,
      dataMax: 1e6,
    },
    ...differing,
  };
  const rpcs = new Rpcs(permissions, deadlines, settings, (cause) => bugs.push(cause), random);
  return {
    rpcs,
    clock,
    deadlines,
    bugs,
    /** A provider of `add`, unless another name is said. */
    provide: (who = "p", act?: (call: RpcCall) => void, name = "add") => {
      const provider = new TestProvider(who, act);
      return { provider, provision: rpcs.provide(name, provider) };
    },
    make: ({ name = "add", data, signal, onAccept }: Making = {}): Promise<RpcOutcome> =>
      rpcs.make(user("alice"), name, data, signal, onAccept),
    /** Calls and deadlines that are not over. */
    left: () => [rpcs.calls, deadlines.size],
    [Symbol.dispose]: () => deadlines[Symbol.dispose](),
  };
}
