/** Many clients that wait, in a process of their own. */
import type { RequestParts } from "./http-bytes.ts";
import type { Child, Workbench } from "./workbench.ts";

const CROWD = new URL("./waiter-crowd.ts", import.meta.url).pathname;

export interface CrowdPlan {
  readonly url: string;
  readonly count: number;
}

/** To the crowd: everybody sends this. */
export type CrowdOrder = Omit<RequestParts, "host" | "body" | "contentType">;

/** From the crowd: everybody has sent, or was answered. */
export type CrowdWord =
  | { readonly kind: "ready" | "sent" }
  | ({ readonly kind: "answered" } & Answered);

export interface Answered {
  /** Milliseconds since the Unix epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly answerBytes: number;
}

export interface Awakening {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly answerBytes: number;
}

interface WaitersOptions extends CrowdPlan {
  readonly token: string;
}

export class Waiters {
  readonly #bench: Workbench;
  readonly #token: string;
  readonly #child: Child;
  readonly #ready: Promise<CrowdWord>;
  #next: PromiseWithResolvers<CrowdWord>;

  constructor(bench: Workbench, { url, count, token }: WaitersOptions) {
    this.#bench = bench;
    this.#token = token;
    this.#next = Promise.withResolvers();
    this.#ready = this.#listen();
    this.#child = bench.start(
      [process.execPath, CROWD, JSON.stringify({ url, count } satisfies CrowdPlan)],
      { onMessage: (word) => this.#next.resolve(word as CrowdWord) },
    );
    void this.#child.exited.then(() => this.#next.reject(new Error("the waiters gave up")));
  }

  /** Resolves when everybody has sent a request for `target`. */
  async poll(target: string): Promise<void> {
    await this.#ready;
    const sent = this.#listen();
    this.#child.send({ method: "GET", target, token: this.#token } satisfies CrowdOrder);
    await sent;
  }

  /** Calls `wake` and resolves when everybody was answered. */
  async awaken(wake: () => Promise<unknown>): Promise<Awakening> {
    const word = this.#listen();
    const wokenAt = now();
    await wake();
    const answered = await word;
    if (answered.kind !== "answered") throw new Error(`the waiters said ${answered.kind}`);
    const { firstAt, lastAt, answerBytes } = answered;
    return { firstMs: firstAt - wokenAt, lastMs: lastAt - wokenAt, answerBytes };
  }

  stop(): Promise<void> {
    return this.#bench.stop(this.#child);
  }

  #listen(): Promise<CrowdWord> {
    this.#next = Promise.withResolvers();
    // After the end nobody listens.
    this.#next.promise.catch(() => {});
    return this.#next.promise;
  }
}

/** Finer than `Date.now()`, and the same in every process. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
