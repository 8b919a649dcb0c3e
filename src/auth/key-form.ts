// The form in which Momento hands out keys: base64 of {endpoint, api_key}, with the JWT inside.

/** What people paste into a program: says by itself which server it belongs to. */
export function encodeKey(endpoint: string, jwt: string): string {
  return new TextEncoder().encode(JSON.stringify({ endpoint, api_key: jwt })).toBase64();
}

/**
 * The JWT in a key, or the text itself when it is no key. Accepts standard and URL-safe base64, with or without
 * padding, and spaces for the plus signs that a query string turned into them.
 */
export function jwtOf(token: string): string {
  if (token.includes(".")) return token;
  try {
    const bytes = Uint8Array.fromBase64(
      token.replaceAll(/[ -]/g, "+").replaceAll("_", "/").replace(/=+$/, ""),
    );
    const key: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof key === "object" && key !== null && "api_key" in key) {
      return typeof key.api_key === "string" ? key.api_key : token;
    }
  } catch {
    // Not a key: what it is, the verifier says.
  }
  return token;
}
