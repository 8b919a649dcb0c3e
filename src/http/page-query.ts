// The query of a list that is read page by page, alike in every API.

import { Type } from "@sinclair/typebox";
import { type Query, single, wholeNumber } from "./query.ts";

const LIMIT = { minimum: 1, maximum: 1000, default: 100 };

export const PageQuery = Type.Object({
  after: Type.Optional(
    Type.String({ description: "The last name of the page before; without it, the first page." }),
  ),
  limit: Type.Optional(Type.Integer({ ...LIMIT, description: "How many of them, at most." })),
});

/** Throws `invalid_argument` that says which parameter is wrong and what is allowed. */
export function pageOf(query: Query): { readonly after: string; readonly limit: number } {
  return {
    after: single(query, "after") ?? "",
    limit: wholeNumber(query, "limit", LIMIT.minimum, LIMIT.maximum) ?? LIMIT.default,
  };
}
