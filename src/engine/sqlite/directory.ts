// The data directory: made for its owner only.

import { chmodSync, mkdirSync } from "node:fs";
import { StoreError } from "./store-error.ts";

/** Throws `StoreError` in the administrator's words. */
export function makeDirectory(directory: string): void {
  try {
    if (mkdirSync(directory, { recursive: true }) !== undefined) chmodSync(directory, 0o700);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`The data directory ${directory} cannot be made: ${reason}.`, { cause });
  }
}
