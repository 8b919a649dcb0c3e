// A key that the server signs its tokens with.

export interface StoredKey {
  readonly id: string;
  /** 256 random bits, base64url. */
  readonly secret: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

export function makeSigningKey(now: number): StoredKey {
  const secret = crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url" });
  return { id: crypto.randomUUID().slice(0, 8), secret, createdAt: now };
}
