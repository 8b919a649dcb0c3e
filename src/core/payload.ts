// JSON on its way to others: its text is made when somebody asks for it, and what they will read in that.

import { isAsWritten, type Json } from "./json.ts";

export class Payload {
  #text: string | undefined;
  readonly #value: Json | undefined;

  private constructor(text: string | undefined, value: Json | undefined) {
    this.#text = text;
    this.#value = value;
  }

  /** `text` is JSON. */
  static ofText(text: string): Payload {
    return new Payload(text, undefined);
  }

  static ofValue(value: Json): Payload {
    return new Payload(undefined, value);
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#value);
    return this.#text;
  }

  /** What others get: of a number that JSON has no text for, such as 1e400, null. */
  get value(): Json {
    return this.#value !== undefined && isAsWritten(this.#value)
      ? this.#value
      : (JSON.parse(this.text) as Json);
  }
}
