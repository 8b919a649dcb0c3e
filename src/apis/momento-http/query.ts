// Query strings, decoded as strictly as their values are used.

import { invalidArgument } from "../../core/errors.ts";

const NO_QUERY = new URLSearchParams();

export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  if (start === -1) return NO_QUERY;
  const end = url.indexOf("#", start);
  return new URLSearchParams(url.slice(start + 1, end === -1 ? undefined : end));
}

/** The parameter's only value; undefined when it is not there. */
export function single(query: URLSearchParams, name: string): string | undefined {
  if (query.size === 0) return undefined;
  const [value, ...more] = query.getAll(name);
  if (more.length > 0)
    throw invalidArgument(`The query parameter ${name} was given more than once.`);
  return value;
}

/** A whole number in decimal digits, from `min` to `max`; undefined when it is not there. */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalidArgument(
    `The query parameter ${name} must be a whole number from ${min} to ${max} in decimal digits.`,
  );
}
