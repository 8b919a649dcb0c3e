// Where a running server listens for the command line: a socket that only its owner can reach.

import { lstatSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What every system takes; Linux takes 107 bytes, macOS 103. */
const PATH_BYTES_MAX = 100;
/** Of the hash, which is long enough that two directories do not meet. */
const HASH_CHARACTERS = 24;

/** The directory must exist. Whatever path leads to it, the socket is the same. */
export function adminSocketPath(directory: string): string {
  const real = realpathSync(directory);
  const path = join(real, "millrace.sock");
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path;
  const hash = new Bun.CryptoHasher("sha256").update(real).digest("hex");
  return join(tmpdir(), `millrace-${hash.slice(0, HASH_CHARACTERS)}.sock`);
}

/**
 * Whether there is a socket that was made by root or by who owns the directory or its keys. Anybody
 * may put one into the directory for temporary files, and would be sent an admin's token.
 */
export function isOwnSocket(path: string, directory: string): boolean {
  const socket = lstatSync(path, { throwIfNoEntry: false });
  if (socket === undefined) return false;
  const ours = [directory, join(directory, "keys.json")];
  const owners = ours.map((entry) => lstatSync(entry, { throwIfNoEntry: false })?.uid);
  return socket.uid === 0 || owners.includes(socket.uid);
}
