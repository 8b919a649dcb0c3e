// What the process has written is with its reader before the process ends.

import { expect, test } from "bun:test";
import { Output } from "../../src/cli/output.ts";

test("it is flushed when the stream has taken every line, and not before", async () => {
  const { stream, taken, takeNext } = slowStream();
  const output = new Output(stream);
  await output.flushed();
  output.writeLines("a");
  output.writeLines("b\nc");
  let isFlushed = false;
  const flushed = output.flushed().then(() => {
    isFlushed = true;
  });
  takeNext();
  await Promise.resolve();
  expect(isFlushed).toBe(false);
  takeNext();
  await flushed;
  expect(taken).toEqual(["a\n", "b\nc\n"]);
});

test("a reader that has stopped reading does not fill the memory", () => {
  const { stream, taken, waiting } = slowStream();
  const output = new Output(stream);
  for (let line = 0; line < 100; line += 1) output.writeLines("x".repeat(1_048_576));
  expect(taken.length).toBe(0);
  expect(waiting()).toBeLessThan(20);
});

function slowStream() {
  const taken: string[] = [];
  const queue: { text: string; done: () => void }[] = [];
  return {
    taken,
    waiting: () => queue.length,
    takeNext() {
      const next = queue.shift();
      if (next === undefined) throw new Error("nothing was written");
      taken.push(next.text);
      next.done();
    },
    stream: {
      write: (text: string, done: () => void) => queue.push({ text, done }),
      on() {},
    },
  };
}
