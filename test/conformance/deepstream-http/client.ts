// A client of deepstreamHub's HTTP API that sends what it is told and hands back what came.

import { expect } from "bun:test";
import { holdToContract } from "../../support/contract.ts";
import type { Target } from "../target.ts";

export interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface BatchAnswer {
  readonly result: string;
  readonly body: readonly Slot[];
}

export interface Slot {
  readonly success: boolean;
  readonly [member: string]: unknown;
}

const END = "\r\n\r\n";

export class DeepstreamClient {
  readonly #target: () => Target;

  constructor(target: () => Target) {
    this.#target = target;
  }

  get url(): string {
    return this.#target().url.replace(/\/$/, "");
  }

  /** A POST is of JSON unless its headers say otherwise. */
  async send(method: string, path: string, { headers, body }: Options = {}): Promise<Answer> {
    const type = method === "POST" ? { "Content-Type": "application/json" } : {};
    const response = await fetch(this.url + path, {
      method,
      headers: { ...type, ...headers },
      body: body ?? null,
    });
    const { status, headers: answered } = response;
    const answer = { status, headers: answered, body: await response.text() };
    holdToContract(method, path, answer);
    return answer;
  }

  /** Text as it is, anything else as JSON. */
  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.send("POST", path, { headers, body: text });
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send("GET", path, { headers });
  }

  /** Sends commands as one batch. */
  run(commands: readonly object[], token?: string): Promise<Answer> {
    return this.post("/api", { token, body: commands });
  }

  /** The answers to commands in one batch. */
  async batch(commands: readonly object[], token?: string): Promise<BatchAnswer> {
    return batchOf(await this.run(commands, token));
  }

  /** The answer to a batch of one command. */
  async slot(command: object, token?: string): Promise<Slot> {
    return slotOf(await this.run([command], token));
  }

  read(recordName: string): Promise<Slot> {
    return this.slot({ topic: "record", action: "read", recordName });
  }

  async write(recordName: string, data: unknown, more: object = {}): Promise<void> {
    const command = { topic: "record", action: "write", recordName, data, ...more };
    expect(await this.slot(command)).toEqual({ success: true });
  }

  async token(credentials: object, path = "/api/auth"): Promise<string> {
    const answer = await this.post(path, credentials);
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body).token;
  }

  async expectMissing(recordName: string): Promise<void> {
    expect(await this.read(recordName)).toMatchObject({ errorEvent: "RECORD_NOT_FOUND" });
  }
}

export function batchOf(answer: Answer): BatchAnswer {
  expect({ status: answer.status, body: answer.body }).toEqual({
    status: 200,
    body: expect.stringMatching(/\r\n\r\n$/),
  });
  return JSON.parse(answer.body);
}

export function slotOf(answer: Answer): Slot {
  const [slot, ...others] = batchOf(answer).body;
  if (slot === undefined || others.length > 0) throw new Error("there is not one answer");
  return slot;
}

/** What a plain answer looks like beside its headers. */
export function plain(status: number, text: string) {
  return { status, body: text + END };
}

export function expectPlain(answer: Answer, status: number, text: string | RegExp): void {
  const body = typeof text === "string" ? text + END : expect.stringMatching(text);
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body });
  expect(answer.body).toEndWith(END);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
}

/** A name that no other test uses. */
export function fresh(kind: string): string {
  return `${kind}/${crypto.randomUUID()}`;
}
