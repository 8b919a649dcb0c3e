// Files that are replaced, in whatever way, are noticed once, and only when they are complete.

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileWatch } from "../../src/server/file-watch.ts";
import { ManualClock } from "../support/manual-clock.ts";

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

test.each(changes)("a file that %s is noticed once", (_, change) => {
  using watched = open();
  watched.look();
  watched.look();
  expect(watched.count()).toBe(0);
  change(watched.directory);
  watched.look();
  expect(watched.count()).toBe(0);
  for (let n = 0; n < 3; n += 1) watched.look();
  expect(watched.count()).toBe(1);
});

test("a file that is another at every look is left alone until it stays", () => {
  using watched = open();
  for (const text of ["1", "22", "333", "4444"]) {
    writeFileSync(join(watched.directory, "live/a"), text);
    watched.look();
  }
  expect(watched.count()).toBe(0);
  watched.look();
  expect(watched.count()).toBe(1);
});

test("what is as it was before is no change", () => {
  using watched = open();
  const [now, aside] = [join(watched.directory, "live/a"), join(watched.directory, "aside")];
  renameSync(now, aside);
  watched.look();
  renameSync(aside, now);
  for (let n = 0; n < 3; n += 1) watched.look();
  expect(watched.count()).toBe(0);
});

test("nothing is left of one that is disposed", () => {
  const watched = open();
  watched.look();
  watched[Symbol.dispose]();
  expect(watched.clock.timers).toBe(0);
});

/** A watch of live/a, where live is a link. */
function open() {
  const directory = mkdtempSync(join(tmpdir(), "millrace-watch-"));
  mkdirSync(join(directory, "archive-1"));
  writeFileSync(join(directory, "archive-1/a"), "one");
  symlinkSync(join(directory, "archive-1"), join(directory, "live"));
  const clock = new ManualClock();
  let count = 0;
  const watch = new FileWatch([join(directory, "live/a")], clock, EVERY_MS, () => {
    count += 1;
  });
  return {
    directory,
    clock,
    count: () => count,
    look: () => clock.advance(EVERY_MS),
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      rmSync(directory, { recursive: true });
    },
  };
}
