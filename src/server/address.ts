// The address that the server is reached at, and the one that its keys lead to.

import type { Settings } from "../config/schema.ts";

const ANY_ADDRESS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export function urlOf({ host, tls }: Settings["http"], port: number): string {
  const scheme = tls.certificate === "" ? "http" : "https";
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What keys carry: the endpoint that was set, or else where this machine reaches the server. */
export function endpointOf(http: Settings["http"], port: number): string {
  if (http.public_endpoint !== "") return http.public_endpoint;
  return urlOf({ ...http, host: ANY_ADDRESS[http.host] ?? http.host }, port);
}
