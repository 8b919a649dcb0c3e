// What a failure tells: always one line a problem, and which exit code.

import { expect, test } from "bun:test";
import { CommandError, ConfigurationError, failureOf, UsageError } from "../../src/cli/failures.ts";
import { ServiceError } from "../../src/core/errors.ts";
import { StoreError } from "../../src/engine/sqlite/store-error.ts";
import { StartError } from "../../src/server/start-error.ts";

const rows: [string, unknown, number, string[]][] = [
  ["usage", new UsageError("a"), 2, ["a"]],
  ["configuration", new ConfigurationError(["a", "b\nc"]), 78, ["a", "b c"]],
  ["a command", new CommandError("a\n  b\u001b[0m"), 1, ["a b�[0m"]],
  ["a start", new StartError("a"), 1, ["a"]],
  ["a store", new StoreError("a"), 1, ["a"]],
  ["a service", new ServiceError("cache_not_found", "Cache not found"), 1, ["Cache not found"]],
  ["what is no error", "a\nb", 1, ["Unexpected failure: a b"]],
];
test.each(rows)("%s", (_, cause, exitCode, sentences) => {
  expect(failureOf(cause)).toEqual({ exitCode, sentences });
});

test("a bug says where it arose", () => {
  const { exitCode, sentences } = failureOf(new TypeError("x is\nno function"));
  expect(exitCode).toBe(1);
  expect(sentences.join("\n")).toMatch(/^Unexpected failure: x is no function \(at .*failures\.te/);
});
