// An admin token made beside a running server, with the keys of its data directory.

import { JwtTokens } from "../../src/auth/jwt-tokens.ts";
import { encodeKey } from "../../src/auth/key-form.ts";
import { KeyRing } from "../../src/auth/key-ring.ts";
import { KeyFile } from "../../src/engine/sqlite/key-file.ts";
import { systemClock } from "../../src/server/system-clock.ts";

export async function adminToken(data: string, endpoint: string): Promise<string> {
  const keys = new KeyFile(data, () => systemClock.now());
  const signer = new JwtTokens(new KeyRing(keys, systemClock), systemClock, undefined);
  const jwt = await signer.sign({
    id: crypto.randomUUID(),
    name: undefined,
    parents: [],
    admin: true,
    permissions: [],
    issuedAt: systemClock.now(),
    expiresAt: undefined,
  });
  return encodeKey(endpoint, jwt);
}
