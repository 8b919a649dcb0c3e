// Logs in by asking somebody else's HTTP endpoint, in the words of deepstream's http authentication.

import type { Caller, Credentials, LoginMethod, LoginResult } from "../core/access/login.ts";
import type { Clock } from "../core/clock.ts";
import { ServiceError } from "../core/errors.ts";
import { CheckQueue } from "./check-queue.ts";
import { decodeWebhookAnswer } from "./webhook-answer.ts";

export interface WebhookOptions {
  readonly url: string;
  /** For one attempt, from its beginning to the end of the answer. */
  readonly timeoutMs: number;
  /** The credentials are good. */
  readonly permittedStatusCodes: readonly number[];
  /** Worth asking again; so is no answer at all. */
  readonly retryStatusCodes: readonly number[];
  /** How often it is asked again. */
  readonly retryAttempts: number;
  readonly retryIntervalMs: number;
  /** Members of the credentials that are sent as headers too. */
  readonly promoteToHeader: readonly string[];
}

/** Requests to it at once, and logins that wait for one of them to end. */
const AT_ONCE_MAX = 64;
const WAITING_MAX = 512;
const ANSWER_BYTES_MAX = 1_048_576;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

/** What one attempt came to. */
type Answer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly type: string;
      readonly text: string;
    }
  | { readonly kind: "failed"; readonly why: string };

export class WebhookLogin implements LoginMethod {
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #onTrouble: (why: string) => void;
  readonly #onRecovery: () => void;
  readonly #checks = new CheckQueue(AT_ONCE_MAX, WAITING_MAX);
  #trouble: string | undefined;

  /** `onTrouble` is told once, in words without secrets, when nobody can log in, and when why changes. */
  constructor(
    options: WebhookOptions,
    clock: Clock,
    onTrouble: (why: string) => void,
    onRecovery: () => void,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#onTrouble = onTrouble;
    this.#onRecovery = onRecovery;
  }

  /** Everything is of its kind. */
  login(credentials: Credentials, caller: Caller): Promise<LoginResult> {
    return this.#checks.run(() => this.#login(credentials, caller));
  }

  async #login(credentials: Credentials, caller: Caller): Promise<LoginResult> {
    const request = this.#requestOf(credentials, caller);
    let answer = await this.#attempt(request);
    for (
      let left = this.#options.retryAttempts;
      left > 0 && this.#isWorthAnother(answer);
      left -= 1
    ) {
      await this.#pause();
      answer = await this.#attempt(request);
    }
    return this.#resultOf(answer);
  }

  #resultOf(answer: Answer): LoginResult {
    if (answer.kind === "failed") throw this.#unavailable(answer.why);
    if (!this.#options.permittedStatusCodes.includes(answer.status)) {
      if (answer.status < 400 || answer.status >= 500) {
        throw this.#unavailable(`it answered with status ${answer.status}`);
      }
      this.#wellAgain();
      return { kind: "refused" };
    }
    const decoded = decodeWebhookAnswer(answer.type, answer.text);
    if (typeof decoded === "string") throw this.#unavailable(decoded);
    this.#wellAgain();
    return decoded;
  }

  #requestOf(credentials: Credentials, { address, headers, url }: Caller): BunFetchRequestInit {
    const connectionData = { remoteAddress: address, headers, url };
    const promoted = new Headers();
    for (const name of this.#options.promoteToHeader) {
      const value = Object.hasOwn(credentials, name) ? credentials[name] : undefined;
      if (typeof value === "string" && HEADER_VALUE.test(value)) promoted.set(name, value);
    }
    promoted.set("content-type", "application/json");
    promoted.set("accept", "application/json");
    return {
      method: "POST",
      headers: promoted,
      body: JSON.stringify({ connectionData, authData: credentials }),
      // Whoever answers must be who was asked.
      redirect: "manual",
    };
  }

  async #attempt(request: BunFetchRequestInit): Promise<Answer> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    try {
      const response = await fetch(this.#options.url, { ...request, signal });
      const text = await readText(response);
      if (text === undefined) return failed(`its answer is larger than ${ANSWER_BYTES_MAX} bytes`);
      const type = response.headers.get("content-type") ?? "";
      return { kind: "answered", status: response.status, type, text };
    } catch {
      // The cause may name the URL with what is secret in it.
      if (signal.aborted) return failed(`it did not answer within ${this.#options.timeoutMs} ms`);
      return failed("it cannot be reached, or broke off its answer");
    }
  }

  #isWorthAnother(answer: Answer): boolean {
    return answer.kind === "failed" || this.#options.retryStatusCodes.includes(answer.status);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.schedule(this.#options.retryIntervalMs, resolve);
    });
  }

  #unavailable(why: string): ServiceError {
    if (this.#trouble !== why) this.#onTrouble(why);
    this.#trouble = why;
    return new ServiceError(
      "identity_provider_unavailable",
      "The login cannot be checked now: the identity provider gives no answer that can be used.",
    );
  }

  #wellAgain(): void {
    if (this.#trouble !== undefined) this.#onRecovery();
    this.#trouble = undefined;
  }
}

function failed(why: string): Answer {
  return { kind: "failed", why };
}

/** Undefined: there is more of it than may be. */
async function readText(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_BYTES_MAX) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
