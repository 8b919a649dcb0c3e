// Where a request comes from, for the ways to log in.

import type { Caller } from "../core/access/login.ts";

export interface CallerServices {
  /** Of the other end of the connection; empty on a local socket. */
  readonly addressOf: (request: Request) => string;
}

const ORIGIN = /^https?:\/\/[^/?#]*/i;

export function callerOf({ addressOf }: CallerServices, request: Request): Caller {
  return {
    address: addressOf(request),
    headers: Object.fromEntries(request.headers),
    // A client of HTTP/1.0 without a Host has none before it.
    url: request.url.replace(ORIGIN, ""),
  };
}
