// Query strings, decoded as strictly as their values are used.

import { invalidArgument } from "../core/errors.ts";

/** Names and values in the order in which they stand, decoded as forms are. */
export type Query = readonly (readonly [name: string, value: string])[];

const NO_QUERY: Query = [];

export function queryOf(url: string): Query {
  const start = url.indexOf("?");
  if (start === -1) return NO_QUERY;
  const end = url.indexOf("#", start);
  const text = url.slice(start + 1, end === -1 ? undefined : end);
  return text.split("&").map((pair) => {
    const middle = pair.indexOf("=");
    return middle === -1
      ? [decode(pair), ""]
      : [decode(pair.slice(0, middle)), decode(pair.slice(middle + 1))];
  });
}

/** The parameter's only value; undefined when it is not there. */
export function single(query: Query, name: string): string | undefined {
  let found: string | undefined;
  for (const [key, value] of query) {
    if (key !== name) continue;
    if (found !== undefined) {
      throw invalidArgument(`The query parameter ${name} was given more than once.`);
    }
    found = value;
  }
  return found;
}

/** A whole number in decimal digits, from `min` to `max`; undefined when it is not there. */
export function wholeNumber(
  query: Query,
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

/** A malformed escape stays as it is, as in URLSearchParams. */
function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
