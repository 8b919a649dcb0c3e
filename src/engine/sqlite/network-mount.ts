// Finds out whether a directory lies on another machine, where SQLite's log and locks cannot be relied on.

import { readFileSync, statSync } from "node:fs";
import { StoreError } from "./store-error.ts";

/** As Linux names them; those of FUSE that fetch from elsewhere, for most of FUSE is local. */
const NETWORK =
  /^(?:nfs4?|cifs|smb3|smbfs|9p|afs|ceph|coda|lustre|ncpfs|orangefs|fuse\.(?:sshfs|glusterfs|ceph|s3fs|goofys|gcsfuse|rclone|davfs2?|smbnetfs|curlftpfs|juicefs))$/;

/** Throws `StoreError` when the directory, which must exist, lies on a network file system. Knows those of Linux. */
export function requireLocal(directory: string): void {
  const type = networkTypeOf(statSync(directory).dev, readMounts());
  if (type === undefined) return;
  throw new StoreError(
    `The data directory ${directory} lies on a network file system (${type}), on which what is acknowledged can be lost: put it on a disk of this machine.`,
  );
}

/** `mounts` as in /proc/self/mountinfo; undefined when the device is none of a network file system. */
export function networkTypeOf(device: number, mounts: string): string | undefined {
  const numbers = `${majorOf(device)}:${minorOf(device)}`;
  for (const line of mounts.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const [type = ""] = after.split(" ");
    if (before.split(" ")[2] === numbers && NETWORK.test(type)) return type;
  }
  return undefined;
}

/** Empty where there is no such file, as on other systems than Linux. */
function readMounts(): string {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
}

/** Linux has 12 bits of the major number between two parts of the minor one. */
function majorOf(device: number): number {
  return (device >>> 8) & 0xfff;
}

function minorOf(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}
