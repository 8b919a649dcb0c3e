/** A server that holds requests, and the clients that wait for it. */
import type { Holder } from "./holders.ts";
import { cpuMicros, residentBytes } from "./machine.ts";
import { type Awakening, Waiters } from "./waiters.ts";
import type { Workbench } from "./workbench.ts";

const SETTLE_MS = 300;
const SETTLE_CHECKS_MAX = 40;
const MEMORY_SETTLE_MS = 2000;
const HELD_CHECK_MS = 50;

export interface Woken extends Awakening {
  /** Of all threads of the server, for each delivery. */
  readonly serverMicros: number;
}

export class Crowd {
  /** How much the server grew while everybody joined, for each waiter. */
  readonly bytesPerWaiter: number;
  readonly #holder: Holder;
  readonly #waiters: Waiters;
  readonly #count: number;
  #newest = 1;

  private constructor(holder: Holder, waiters: Waiters, count: number, bytesPerWaiter: number) {
    this.#holder = holder;
    this.#waiters = waiters;
    this.#count = count;
    this.bytesPerWaiter = bytesPerWaiter;
  }

  /** Resolves when everybody waits. */
  static async gather(bench: Workbench, holder: Holder, count: number): Promise<Crowd> {
    const { server, token } = holder;
    // One message and one count, so that what they need is there before memory is measured.
    await holder.wake(1);
    await holder.held();
    const emptyBytes = residentBytes(server.pid);
    const waiters = new Waiters(bench, { url: server.url, token, count });
    await waiters.poll(holder.target(1));
    await everybodyWaits(holder, count);
    await Bun.sleep(MEMORY_SETTLE_MS);
    const grownBytes = residentBytes(server.pid) - emptyBytes;
    return new Crowd(holder, waiters, count, grownBytes / count);
  }

  /** Resolves when everybody was answered and waits again. */
  async wake(): Promise<Woken> {
    const { pid } = this.#holder.server;
    const before = cpuMicros(pid);
    this.#newest += 1;
    const awakening = await this.#waiters.awaken(() => this.#holder.wake(this.#newest));
    await settle(pid);
    const serverMicros = (cpuMicros(pid) - before) / this.#count;
    await this.#waiters.poll(this.#holder.target(this.#newest));
    await everybodyWaits(this.#holder, this.#count);
    return { ...awakening, serverMicros };
  }

  async stop(): Promise<void> {
    await this.#waiters.stop();
    await this.#holder.server.stop();
  }
}

async function everybodyWaits(holder: Holder, count: number): Promise<void> {
  while ((await holder.held()) < count) await Bun.sleep(HELD_CHECK_MS);
  await settle(holder.server.pid);
}

/** Until the server has nothing to do any more. */
async function settle(pid: number): Promise<void> {
  for (let check = 0; check < SETTLE_CHECKS_MAX; check += 1) {
    const before = cpuMicros(pid);
    await Bun.sleep(SETTLE_MS);
    // One tick of the clock may be anything. Where the system does not tell, time has to do.
    if (!(cpuMicros(pid) - before > 10_000)) return;
  }
}
