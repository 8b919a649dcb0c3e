// The port to how passwords are hashed, and what a password may be.

export interface PasswordHasher {
  /** Rejects with `limit_exceeded` when too many wait already. */
  hash(password: string): Promise<string>;
  /**
   * Hash undefined: there is no such user; that costs what a wrong password costs, and is false.
   * Rejects with `limit_exceeded` when too many wait already.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

/** What a password may be, for error messages and documentation. */
export const PASSWORD_RULE = "1 to 1024 bytes of UTF-8";

const PASSWORD_BYTES_MAX = 1024;

const encoder = new TextEncoder();

export function isPassword(value: unknown): value is string {
  if (typeof value !== "string" || value === "" || value.length > PASSWORD_BYTES_MAX) return false;
  return value.isWellFormed() && encoder.encode(value).byteLength <= PASSWORD_BYTES_MAX;
}
