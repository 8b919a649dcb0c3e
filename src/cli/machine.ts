// What the commands on the service find on a machine and do to it.

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { platform, userInfo } from "node:os";

export interface Machine {
  readonly isLinux: boolean;
  readonly isRoot: boolean;
  readonly runsSystemd: boolean;
  /** Undefined where there is none. */
  readFile(path: string): string | undefined;
  /** For everybody to read. */
  writeFile(path: string, text: string): void;
  removeFile(path: string): void;
  /** For its owner only, and made with what is missing above it; one that is there stays as it is. */
  makeDirectory(path: string, owner: number, group: number): void;
  /** Runs a program to its end; 127 where there is no such program. */
  run(...words: readonly string[]): Ran;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const thisMachine: Machine = {
  isLinux: platform() === "linux",
  isRoot: platform() !== "win32" && userInfo().uid === 0,
  runsSystemd: existsSync("/run/systemd/system"),
  readFile: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
  writeFile: (path, text) => writeFileSync(path, text, { mode: 0o644 }),
  removeFile: (path) => rmSync(path),
  makeDirectory(path, owner, group) {
    if (existsSync(path)) return;
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    chownSync(path, owner, group);
  },
  run(...words) {
    if (Bun.which(words[0] ?? "") === null) {
      return { exitCode: 127, stdout: "", stderr: `there is no program ${words[0]}` };
    }
    const { exitCode, stdout, stderr } = Bun.spawnSync([...words], { stdin: "ignore" });
    return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
  },
};
