// A client of deepstreamHub's HTTP API that sends what it is told and hands back what came.

import type { Target } from "../target.ts";

export interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export class DeepstreamClient {
  readonly #target: () => Target;

  constructor(target: () => Target) {
    this.#target = target;
  }

  /** A POST is of JSON unless its headers say otherwise. */
  async send(method: string, path: string, { headers, body }: Options = {}): Promise<Answer> {
    const type = method === "POST" ? { "Content-Type": "application/json" } : {};
    const response = await fetch(this.#target().url.replace(/\/$/, "") + path, {
      method,
      headers: { ...type, ...headers },
      body: body ?? null,
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  }

  /** Sends commands as one batch, without a token. */
  run(commands: readonly object[]): Promise<Answer> {
    return this.send("POST", "/api", { body: JSON.stringify({ body: commands }) });
  }
}
