// What the API answers: texts and JSON, each ended as deepstream ends them.

import { type AnswerBudget, UNCOUNTED_BYTES_MAX } from "../../core/answer-budget.ts";
import type { Deadlines } from "../../core/deadlines.ts";
import { longAnswer } from "../../http/long-answer.ts";

export interface AnswerServices {
  readonly answers: AnswerBudget;
  readonly deadlines: Deadlines;
}

const END = "\r\n\r\n";

const encoder = new TextEncoder();

/** Made once: each answer copies its headers. */
export const JSON_ANSWER = {
  headers: new Headers({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  }),
};

/** `json` is JSON text. */
export function jsonResponse(json: string, init: ResponseInit = JSON_ANSWER): Response {
  return new Response(json + END, init);
}

/** What is not is sent piece by piece, and counts until it is read. */
export function isShort(json: string): boolean {
  return json.length <= UNCOUNTED_BYTES_MAX;
}

/** `over` is called when it is with the client, or never will be. */
export function longJsonResponse(
  { deadlines }: AnswerServices,
  request: Request,
  json: string,
  over: () => void,
): Response {
  const body = longAnswer(deadlines, request, encoder.encode(json + END), over);
  return new Response(body, JSON_ANSWER);
}

/** An answer to a GET, however long. Throws `limit_exceeded`. */
export function countedJsonResponse(
  services: AnswerServices,
  request: Request,
  json: string,
): Response {
  // Of the answer to a HEAD, nobody reads a byte.
  if (isShort(json) || request.method === "HEAD") return jsonResponse(json);
  const room = services.answers.open();
  room.require(Buffer.byteLength(json));
  return longJsonResponse(services, request, json, () => room[Symbol.dispose]());
}

export function textResponse(
  status: number,
  text: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(text + END, { status, headers: { ...headers, ...more } });
}
