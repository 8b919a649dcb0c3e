// Which directories lie on another machine, by what Linux says of its mounts.

import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { networkTypeOf, requireLocal } from "../../../src/engine/sqlite/network-mount.ts";

const MOUNTS = `22 1 254:0 / / rw,relatime - ext4 /dev/root rw
36 22 0:42 / /srv/nfs rw shared:7 - nfs4 server:/export rw,vers=4.2
37 22 0:43 / /srv/smb\\040share rw - cifs //server/share rw
38 22 0:300 / /srv/ssh rw - fuse.sshfs me@server:/ rw
39 22 0:45 / /srv/local rw - fuse.gocryptfs /plain rw
40 22 0:46 / /tmp rw - tmpfs tmpfs rw
41 22 0:47 / /srv/odd rw shared:1 master:2 - 9p share rw
`;

export function networkMountRules(): void {
  describe("a data directory", () => {
    const rows: [string, number, string | undefined][] = [
      ["a disk", device(254, 0), undefined],
      ["NFS", device(0, 42), "nfs4"],
      ["Windows' shares", device(0, 43), "cifs"],
      ["a server that is reached by SSH", device(0, 300), "fuse.sshfs"],
      ["a local file system of FUSE", device(0, 45), undefined],
      ["memory", device(0, 46), undefined],
      ["what a virtual machine is lent", device(0, 47), "9p"],
      ["a device that is not mounted", device(0, 2), undefined],
    ];
    test.each(rows)("on %s is taken for what it is", (_, number, type) => {
      expect(networkTypeOf(number, MOUNTS)).toBe(type);
    });

    test.if(platform() === "linux")("is found among the mounts of this machine", async () => {
      const mounts = await Bun.file("/proc/self/mountinfo").text();
      expect(networkTypeOf(statSync("/proc").dev, mounts)).toBeUndefined();
      const pretended = mounts.replaceAll(" - proc ", " - nfs ");
      expect(networkTypeOf(statSync("/proc").dev, pretended)).toBe("nfs");
      requireLocal(tmpdir());
    });
  });
}

/** As Linux puts the two numbers into one. */
function device(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
