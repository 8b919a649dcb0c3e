// How an API tells what it does: its operations, from which the description of the server is made.

import { type TObject, type TSchema, Type } from "@sinclair/typebox";

export type Method = "get" | "put" | "post" | "delete";

/**
 * Who may call: whoever likes; a user, by a token or in another way to log in; whoever has a token
 * that allows it; an administrator.
 */
export type Caller = "anyone" | "user" | "token" | "admin";

export interface ApiDescription {
  readonly tags: readonly Tag[];
  readonly operations: readonly Operation[];
}

export interface Tag {
  readonly name: string;
  readonly description: string;
}

export interface Operation {
  /** Unique among all APIs; what programs that are made from the description call it. */
  readonly id: string;
  /** The name of one of the tags. */
  readonly tag: string;
  readonly method: Method;
  /** With its parameters in braces. */
  readonly path: string;
  /** Other paths at which the same is done, as the routes have them. */
  readonly alsoAt?: readonly string[];
  readonly summary: string;
  /** In Markdown, of which paragraphs, lists, code and emphasis are known. */
  readonly description?: string;
  readonly caller: Caller;
  readonly parameters?: {
    readonly path?: TObject;
    readonly query?: TObject;
    readonly header?: TObject;
  };
  readonly body?: RequestBody;
  /** By status. */
  readonly answers: Answers;
  /** In an order in which all of them work. */
  readonly examples: readonly Example[];
}

export interface RequestBody {
  readonly description?: string;
  readonly required: boolean;
  /** By content type; the first is that of examples that name none. */
  readonly content: Content;
}

export type Content = Readonly<Record<string, TSchema>>;

export type Answers = Readonly<Record<number, Answer>>;

export interface Answer {
  readonly description: string;
  readonly headers?: TObject;
  /** By content type; undefined: there is no body. */
  readonly content?: Content;
}

export interface Example {
  /** Unique in its operation. */
  readonly name: string;
  readonly summary: string;
  /** Whose token is sent; undefined: that of the operation's caller. */
  readonly token?: "none" | "token" | "admin";
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is sent, or what is sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly answer: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Undefined: there is none, or none that says more than its schema. */
    readonly body?: unknown;
  };
}

export const JSON_TYPE = "application/json";

/** An answer in plain text. */
export const TEXT: Content = { "text/plain": Type.String() };

/** One of these words. */
export function choice<const Words extends readonly string[]>(words: Words, description: string) {
  return Type.Unsafe<Words[number]>({ type: "string", enum: words, description });
}

/** A number as people read it: `1,048,576`. */
export function grouped(number: number): string {
  return number.toLocaleString("en");
}
