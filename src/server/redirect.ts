// Answers plain HTTP with a redirect to HTTPS on this server, and on no other.

import { isIP } from "node:net";
import type { Settings } from "../config/schema.ts";
import type { Certificates } from "./certificates.ts";
import { start } from "./listener.ts";

/** No connection is worth more: what it is told is told at once. */
const IDLE_SECONDS = 10;
const DEFAULT_PORT = 443;
const PERMANENT_REDIRECT = 308;

export interface RedirectTarget {
  /** The endpoint of the keys, if it was set. */
  readonly publicEndpoint: string;
  /** That HTTPS is spoken on. */
  readonly port: number;
  readonly certificates: Certificates;
}

/** Throws `StartError`. */
export function listenForRedirects(
  { host, tls }: Settings["http"],
  target: RedirectTarget,
  port = tls.redirect_port,
): AsyncDisposable & { readonly port: number } {
  const server = start(`${host}:${port}`, () =>
    Bun.serve({
      hostname: host,
      port,
      reusePort: false,
      idleTimeout: IDLE_SECONDS,
      development: false,
      fetch: (request) => redirect(request, target),
    }),
  );
  return {
    port: server.port ?? 0,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** By its method and with its body again; what came over plain HTTP is not read. */
function redirect(request: Request, target: RedirectTarget): Response {
  const url = URL.parse(request.url);
  const authority = url === null ? undefined : authorityFor(url.hostname, target);
  if (url === null || authority === undefined) {
    return new Response("This server speaks HTTPS, under the names that its certificate has.", {
      status: 400,
      headers: { connection: "close", "content-type": "text/plain; charset=utf-8" },
    });
  }
  const location = `https://${authority}${url.pathname}${url.search}`;
  return new Response(null, {
    status: PERMANENT_REDIRECT,
    headers: { location, connection: "close" },
  });
}

/** A Host header is anybody's word, so it has to be a name that the certificate vouches for. */
function authorityFor(
  hostname: string,
  { publicEndpoint, port, certificates }: RedirectTarget,
): string | undefined {
  if (publicEndpoint !== "") return publicEndpoint.replace(/^https?:\/\//, "");
  const address = hostname.replace(/^\[|\]$/g, "");
  const { leaf } = certificates.current;
  const named = isIP(address) === 0 ? leaf.checkHost(address) : leaf.checkIP(address);
  if (named === undefined) return undefined;
  return port === DEFAULT_PORT ? hostname : `${hostname}:${port}`;
}
