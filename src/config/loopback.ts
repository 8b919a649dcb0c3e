// Which addresses only the machine itself can reach.

/** What it is not sure of, it takes for an address that others can reach. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|::1|127(?:\.[0-9]{1,3}){3})$/i.test(host);
}
