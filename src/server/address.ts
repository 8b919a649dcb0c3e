// The address that the server is reached at, and the one that its keys lead to.

const ANY_ADDRESS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What keys carry: the endpoint that was set, or else where this machine reaches the server. */
export function endpointOf(publicEndpoint: string, host: string, port: number): string {
  return publicEndpoint === "" ? urlOf(ANY_ADDRESS[host] ?? host, port) : publicEndpoint;
}
