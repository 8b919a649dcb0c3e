// Files that are replaced, in whatever way, are noticed once, and only when they are complete.

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileWatch } from "../../src/server/file-watch.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";

const EVERY_MS = 1000;

const changes: [string, (directory: string) => void][] = [
  ["is written over", (directory) => writeFileSync(join(directory, "live/a"), "another")],
  [
    "is replaced by another of its size",
    (directory) => {
      writeFileSync(join(directory, "anew"), "two");
      renameSync(join(directory, "anew"), join(directory, "live/a"));
    },
  ],
  [
    "is behind a link that leads elsewhere now",
    (directory) => {
      mkdirSync(join(directory, "archive-2"));
      writeFileSync(join(directory, "archive-2/a"), "two");
      symlinkSync(join(directory, "archive-2"), join(directory, "anew"));
      renameSync(join(directory, "anew"), join(directory, "live"));
    },
  ],
  ["is gone", (directory) => rmSync(join(directory, "live/a"))],
];

test.each(changes)("a file that %s is noticed once", async (_, change) => {
  await using watched = await open();
  await watched.look();
  await watched.look();
  expect(watched.count()).toBe(0);
  change(watched.directory);
  await watched.look();
  expect(watched.count()).toBe(0);
  for (let n = 0; n < 3; n += 1) await watched.look();
  expect(watched.count()).toBe(1);
});

test("a file that is another at every look is left alone until it stays", async () => {
  await using watched = await open();
  for (const text of ["1", "22", "333", "4444"]) {
    writeFileSync(join(watched.directory, "live/a"), text);
    await watched.look();
  }
  expect(watched.count()).toBe(0);
  await watched.look();
  expect(watched.count()).toBe(1);
});

test("what is as it was before is no change", async () => {
  await using watched = await open();
  const [now, aside] = [join(watched.directory, "live/a"), join(watched.directory, "aside")];
  renameSync(now, aside);
  await watched.look();
  renameSync(aside, now);
  for (let n = 0; n < 3; n += 1) await watched.look();
  expect(watched.count()).toBe(0);
});

test("nothing is left of one that is disposed, also while it looks", async () => {
  const watched = await open();
  watched.clock.advance(EVERY_MS);
  await watched[Symbol.asyncDispose]();
  expect(watched.clock.timers).toBe(0);
});

/** A watch of live/a, where live is a link. */
async function open() {
  const directory = mkdtempSync(join(tmpdir(), "millrace-watch-"));
  mkdirSync(join(directory, "archive-1"));
  writeFileSync(join(directory, "archive-1/a"), "one");
  symlinkSync(join(directory, "archive-1"), join(directory, "live"));
  const clock = new ManualClock();
  let count = 0;
  const watch = new FileWatch([join(directory, "live/a")], clock, EVERY_MS, () => {
    count += 1;
  });
  const looked = () => until("it has looked", () => clock.timers === 1);
  await looked();
  return {
    directory,
    clock,
    count: () => count,
    async look() {
      clock.advance(EVERY_MS);
      await looked();
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await new Promise(setImmediate);
      rmSync(directory, { recursive: true });
    },
  };
}
