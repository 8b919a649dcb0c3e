// Counts the transactions in SQLite's write-ahead log, as its file format has them: each costs a sync of the disk.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Those since the log was last begun anew, which happens when it has been copied into the database. */
export function walCommits(directory: string): number {
  const log = readFileSync(join(directory, "millrace.db-wal"));
  if (log.length === 0) return 0;
  const pageBytes = log.readUInt32BE(8);
  const salts = log.subarray(16, 24);
  let commits = 0;
  for (
    let at = HEADER_BYTES;
    at + FRAME_HEADER_BYTES <= log.length;
    at += FRAME_HEADER_BYTES + pageBytes
  ) {
    // Frames of an earlier round follow those of this one.
    if (!log.subarray(at + 8, at + 16).equals(salts)) break;
    // The last frame of a transaction has the size of the database.
    if (log.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}
