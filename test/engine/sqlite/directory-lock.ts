// The lock of a data directory: one holder at a time, let go however the holder ends.

import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDirectory } from "../../../src/engine/sqlite/directory-lock.ts";

const MODULE = join(import.meta.dir, "../../../src/engine/sqlite/directory-lock.ts");

export function directoryLockRules(): void {
  describe("directory lock", () => {
    test("is exclusive, and free again when it is let go", async () => {
      await using directory = await makeDirectory();
      const lock = lockDirectory(directory.path, 0);
      expect(lock).toBeDefined();
      expect(lockDirectory(directory.path, 0)).toBeUndefined();
      lock?.[Symbol.dispose]();
      using again = lockDirectory(directory.path, 0);
      expect(again).toBeDefined();
    });

    test("of one directory leaves another free", async () => {
      await using one = await makeDirectory();
      await using other = await makeDirectory();
      using first = lockDirectory(one.path, 0);
      using second = lockDirectory(other.path, 0);
      expect([first, second]).not.toContain(undefined);
    });

    test("holds between processes, and ends with a holder that is killed", async () => {
      await using directory = await makeDirectory();
      const holder = await holdInAnotherProcess(directory.path);
      expect(lockDirectory(directory.path, 0)).toBeUndefined();
      holder.kill("SIGKILL");
      await holder.exited;
      using lock = lockDirectory(directory.path, 0);
      expect(lock).toBeDefined();
    });

    test("is waited for as long as is asked", async () => {
      await using directory = await makeDirectory();
      const holder = await holdInAnotherProcess(directory.path);
      holder.stdin.end();
      using lock = lockDirectory(directory.path, 20_000);
      expect(lock).toBeDefined();
      await holder.exited;
    });
  });
}

/** Ends when its input does. */
async function holdInAnotherProcess(directory: string) {
  const script = `
    import { lockDirectory } from ${JSON.stringify(MODULE)};
    const lock = lockDirectory(${JSON.stringify(directory)}, 0);
    console.log(lock === undefined ? "refused" : "held");
    await Bun.stdin.text();
    lock?.[Symbol.dispose]();`;
  const holder = Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stdout: "pipe" });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value).trim()).toBe("held");
  return holder;
}

async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), "millrace-lock-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
