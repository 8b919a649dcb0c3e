// What every error answer must look like, whatever went wrong, and what must never be in one.

import { expect } from "bun:test";
import type { Answer } from "./answers.ts";

export type ExpectedError = {
  readonly status: number;
  readonly code: string;
  readonly detail?: string | RegExp;
  /** The cause that a 429 names. */
  readonly err?: string;
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export const BAD_REQUEST = { status: 400, code: "invalid_argument" } as const;
export const UNAUTHENTICATED = { status: 401, code: "unauthenticated" } as const;
export const FORBIDDEN = { status: 403, code: "permission_denied" } as const;
export const NO_CACHE = {
  status: 404,
  code: "cache_not_found",
  detail: "Cache not found",
} as const;
export const NO_TOPIC = { status: 404, code: "topic_not_found" } as const;
export const NO_ENDPOINT = { status: 404, code: "endpoint_not_found" } as const;
export const BOTH_TOKENS = {
  ...BAD_REQUEST,
  detail: "Only one of the Authorization header and the token query parameter may be set.",
} as const;

export function limitExceeded(err: string): ExpectedError {
  return { status: 429, code: "limit_exceeded", err };
}

/** The secrets are tokens of which no recognizable part may be told back. */
export function expectError(
  answer: Answer,
  expected: ExpectedError,
  secrets: readonly string[] = [],
): void {
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: expected.status });
  expect(answer.headers.get("Content-Type")).toMatch(/^application\/json\b/);
  const error = JSON.parse(answer.body);
  expect(error).toMatchObject({
    status: expected.status,
    title: TITLES[expected.status],
    code: expected.code,
  });
  expect(error.detail).toBeString();
  expect(error.detail).not.toBe("");
  expect(error.message).toBe(error.detail);
  if (expected.detail !== undefined) expect(error.detail).toMatch(expected.detail);
  if (typeof expected.detail === "string") expect(error.detail).toBe(expected.detail);
  if (expected.status === 429) expectRefusalForNow(answer, error, expected.err);
  else expect(Object.keys(error).sort()).toEqual(["code", "detail", "message", "status", "title"]);
  expectNoSecret(answer, secrets);
}

/** No part of twenty characters, which is short for a signature and long for a coincidence. */
export function expectNoSecret(answer: Answer, secrets: readonly string[]): void {
  const told = `${answer.body}\n${[...answer.headers].join("\n")}`;
  for (const secret of secrets) {
    for (let at = 0; at + 20 <= secret.length; at += 10)
      expect(told).not.toContain(secret.slice(at, at + 20));
  }
  expect(answer.body).not.toMatch(/\.(ts|js):\d+|\n\s+at |SQLITE|Elysia|typebox/);
}

function expectRefusalForNow(
  answer: Answer,
  error: Record<string, unknown>,
  err: string | undefined,
): void {
  expect(answer.headers.get("Retry-After")).toMatch(/^[1-9][0-9]*$/);
  expect(error.err).toMatch(/^[a-z_]+_exceeded$/);
  if (err !== undefined) expect(error.err).toBe(err);
}
