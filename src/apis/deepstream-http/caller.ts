// Where a request comes from, for the ways to log in.

import type { Caller } from "../../core/access/login.ts";

export interface CallerServices {
  /** Of the other end of the connection; empty on a local socket. */
  readonly addressOf: (request: Request) => string;
}

export function callerOf({ addressOf }: CallerServices, request: Request): Caller {
  return {
    address: addressOf(request),
    headers: Object.fromEntries(request.headers),
    url: request.url,
  };
}
