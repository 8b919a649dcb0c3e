// A client of the topics API that sends what it is told and hands back what came, well formed or not.

import { expect } from "bun:test";
import { holdToContract } from "../../support/contract.ts";
import { until } from "../../support/until.ts";
import type { StartedWith, Target } from "../target.ts";
import { type Answer, type Entry, entries, sequenceNumber } from "./answers.ts";

export type Options = {
  /** Absent: the admin token in the Authorization header. null: none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
};

export type TopicRow = {
  readonly name: string;
  readonly sequence_page: number;
  readonly first_sequence_number: number;
  readonly last_sequence_number: number;
  readonly bytes: number;
  readonly waiters: number;
};

export type Permission = { readonly cache: string; readonly topic: string; readonly role: string };

export class Client {
  readonly #target: () => Target;

  constructor(target: () => Target) {
    this.#target = target;
  }

  get url(): string {
    return this.#target().url.replace(/\/$/, "");
  }

  get adminToken(): string {
    return this.#target().adminToken;
  }

  get startedWith(): StartedWith {
    return this.#target().startedWith;
  }

  async send(method: string, path: string, options: Options = {}): Promise<Answer> {
    const { token = this.adminToken, headers = {}, body, signal } = options;
    const response = await fetch(this.url + path, {
      method,
      headers: token === null ? headers : { Authorization: token, ...headers },
      body: body === undefined ? null : asBytes(body),
      signal: signal ?? null,
    });
    const { status, headers: answered } = response;
    const answer = { status, headers: answered, body: await response.text() };
    holdToContract(method, path, answer);
    return answer;
  }

  /** As text/plain, unless the options carry headers of their own. */
  publish(
    cache: string,
    topic: string,
    body: string | Uint8Array<ArrayBuffer>,
    options: Options = {},
  ): Promise<Answer> {
    return this.send("POST", topicPath(cache, topic), {
      headers: { "Content-Type": "text/plain" },
      ...options,
      body,
    });
  }

  /** Publishes one after the other and tells the numbers that they got. */
  async publishAll(cache: string, topic: string, texts: readonly string[]): Promise<number[]> {
    const numbers: number[] = [];
    for (const text of texts) {
      const answer = await this.publish(cache, topic, text);
      expect(answer).toMatchObject({ status: 204, body: "" });
      numbers.push(sequenceNumber(answer));
    }
    return numbers;
  }

  subscribe(cache: string, topic: string, query = "", options: Options = {}): Promise<Answer> {
    return this.send(
      "GET",
      `${topicPath(cache, topic)}${query === "" ? "" : `?${query}`}`,
      options,
    );
  }

  /** What a poll that may not wait gets. */
  async read(cache: string, topic: string, query = "sequence_number=0"): Promise<Entry[]> {
    return entries(
      await this.subscribe(cache, topic, `${query}${query === "" ? "" : "&"}timeout=0`),
    );
  }

  async makeCache(settings?: object): Promise<string> {
    const cache = fresh("cache");
    const answer = await this.putCache(cache, settings);
    expect(answer.status).toBe(201);
    return cache;
  }

  putCache(cache: string, settings?: object, options: Options = {}): Promise<Answer> {
    const body =
      settings === undefined
        ? {}
        : { body: JSON.stringify(settings), headers: { "Content-Type": "application/json" } };
    return this.send("PUT", cachePath(cache), { ...body, ...options });
  }

  deleteCache(cache: string): Promise<Answer> {
    return this.send("DELETE", cachePath(cache));
  }

  async topicRow(cache: string, topic: string): Promise<TopicRow | undefined> {
    return (await this.topicRows(cache)).find((row) => row.name === topic);
  }

  async topicRows(cache: string): Promise<TopicRow[]> {
    const answer = await this.send("GET", `/topics/${encodeURIComponent(cache)}?limit=1000`);
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body).topics;
  }

  /** Resolves when exactly so many polls wait in the cache: the only proof of waiting that needs no sleep. */
  async untilWaiters(cache: string, count: number): Promise<void> {
    await until(`${count} waiters in ${cache}`, async () => (await this.waiters(cache)) === count);
  }

  async waiters(cache: string): Promise<number> {
    const answer = await this.send("GET", cachePath(cache));
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body).waiters;
  }

  mint(
    permissions: readonly Permission[],
    more: object = {},
    options: Options = {},
  ): Promise<Answer> {
    return this.mintWith({ permissions, expires_in_seconds: 600, ...more }, options);
  }

  mintWith(body: unknown, options: Options = {}): Promise<Answer> {
    const headers = { "Content-Type": "application/json" };
    return this.send("POST", "/tokens", { headers, ...options, body: JSON.stringify(body) });
  }

  async token(
    permissions: readonly Permission[],
    more: object = {},
    options: Options = {},
  ): Promise<string> {
    const answer = await this.mint(permissions, more, options);
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body).token;
  }
}

export function topicPath(cache: string, topic: string): string {
  return `/topics/${encodeURIComponent(cache)}/${encodeURIComponent(topic)}`;
}

export function cachePath(cache: string): string {
  return `/caches/${encodeURIComponent(cache)}`;
}

/** Sends a request that can be repeated until its outcome is known: where writes may take a second, a slow machine takes more. */
export async function known(send: () => Promise<Answer>): Promise<Answer> {
  return await until("a known outcome", async () => {
    const answer = await send();
    return answer.status !== 503 && answer;
  });
}

/** A name that no other test uses. */
export function fresh(kind: string): string {
  return `${kind}-${crypto.randomUUID()}`;
}

/** Bytes, since fetch would add a Content-Type to a string. */
function asBytes(body: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}
