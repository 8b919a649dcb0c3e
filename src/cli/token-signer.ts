// Signs tokens with the keys of a data directory, whether a server runs on it or not.

import { JwtTokens } from "../auth/jwt-tokens.ts";
import { KeyRing } from "../auth/key-ring.ts";
import type { TokenSigner } from "../core/access/token-ports.ts";
import { KeyFile } from "../engine/sqlite/key-file.ts";
import { systemClock } from "../server/system-clock.ts";
import { asDirectoryError } from "./data-directory.ts";

/** Makes the keys if there are none. */
export function openSigner(directory: string): TokenSigner {
  try {
    const ring = new KeyRing(new KeyFile(directory, systemClock.now), systemClock);
    return new JwtTokens(ring, systemClock, undefined);
  } catch (cause) {
    throw asDirectoryError(directory, cause);
  }
}
