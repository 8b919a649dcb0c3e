// Signs tokens with the keys of a data directory, whether a server runs on it or not.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { JwtTokens } from "../auth/jwt-tokens.ts";
import { KeyRing } from "../auth/key-ring.ts";
import type { TokenSigner } from "../core/access/token-ports.ts";
import { KeyFile } from "../engine/sqlite/key-file.ts";
import { systemClock } from "../server/system-clock.ts";
import { asDirectoryError, requireOwner } from "./data-directory.ts";

/** Makes the keys if there are none. */
export function openSigner(directory: string): TokenSigner {
  if (!existsSync(join(directory, "keys.json"))) requireOwner(directory);
  try {
    const ring = new KeyRing(new KeyFile(directory, systemClock.now), systemClock);
    return new JwtTokens(ring, systemClock, undefined);
  } catch (cause) {
    throw asDirectoryError(directory, cause);
  }
}
