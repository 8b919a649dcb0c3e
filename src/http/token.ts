// Finds the token of a request.

import { invalidArgument, ServiceError } from "../core/errors.ts";
import { type Query, single } from "./query.ts";

const BEARER = /^bearer +/i;

/** Throws `invalid_argument` when there are two, `unauthenticated` when there is none. */
export function tokenOf(headers: Headers, query: Query): string {
  const token = tokenIn(headers, query);
  if (token !== undefined) return token;
  throw new ServiceError(
    "unauthenticated",
    "A token is needed: send it in the Authorization header or in the token query parameter.",
  );
}

/** Undefined: there is none. Throws `invalid_argument` when there are two. */
export function tokenIn(headers: Headers, query: Query): string | undefined {
  const header = headers.get("authorization") ?? "";
  const parameter = single(query, "token") ?? "";
  if (header !== "" && parameter !== "") {
    throw invalidArgument(
      "Only one of the Authorization header and the token query parameter may be set.",
    );
  }
  const token = (parameter === "" ? header : parameter).replace(BEARER, "");
  return token === "" ? undefined : token;
}
