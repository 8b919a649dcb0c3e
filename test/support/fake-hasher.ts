// A password hasher that hides nothing, and remembers what it was asked.

import type { PasswordHasher } from "../../src/core/access/password-hasher.ts";

export class FakeHasher implements PasswordHasher {
  /** What was verified, with the hashes. */
  readonly verified: [password: string, hash: string | undefined][] = [];
  readonly hashed: string[] = [];

  async hash(password: string): Promise<string> {
    this.hashed.push(password);
    return `hash of ${password}`;
  }

  async verify(password: string, hash: string | undefined): Promise<boolean> {
    this.verified.push([password, hash]);
    return hash === `hash of ${password}`;
  }
}
