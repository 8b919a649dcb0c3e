// Records are shown and changed behind everybody's back alike with the server stopped and with it running.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Ended, millrace, printed, serving, temporaryDirectory } from "./millrace.ts";

setDefaultTimeout(180_000);

const both: [string, (data: string) => Promise<AsyncDisposable>][] = [
  ["stopped", async () => ({ async [Symbol.asyncDispose]() {} })],
  ["running", (data) => serving("--data", data)],
];

describe.each(both)("with the server %s", (_, start) => {
  test("records are set to any value and version, shown and deleted", async () => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    const record = (...words: string[]) => printed("record", ...words, "--data", data.path);
    expect(await record("set", "a/ü?&..", '{"b":[1,"é"]}')).toBe(
      "The record a/ü?&.. has version 1 now.",
    );
    expect(await record("get", "a/ü?&..")).toBe('{"b":[1,"é"]}');
    expect(await record("set", "a/ü?&..", '"text"', "--version", "7")).toContain("version 7 now");
    expect(await record("get", "a/ü?&..", "--json")).toBe('{"version":7,"data":"text"}');
    expect(await record("set", "a/ü?&..", "null", "--version=0")).toContain("version 0 now");
    expect(await record("get", "a/ü?&..")).toBe("null");
    expect(await record("set", "..", "[]")).toContain("version 1 now");
    expect(await printed("record", "set", "--data", data.path, "--", "n", "-5")).toContain("1 now");
    expect(await record("get", "n")).toBe("-5");
    expect(await record("notify", "n")).toContain("is told");
    expect(await record("delete", "..")).toBe("The record .. was deleted.");
    expect((await millrace(["record", "get", "..", "--data", data.path])).exitCode).toBe(1);
  });

  const refusals: [string, string[], string][] = [
    ["a record that is not there", ["get", "x"], "There is no record of this name."],
    ["deleting what is not there", ["delete", "x"], "There is no record of this name."],
    ["a name that is none", ["set", "a\n", "1"], "The record name is not valid."],
    ["half of a surrogate pair", ["set", "a", '"\\ud800"'], "surrogate"],
  ];
  test.each(refusals)("%s is refused in its own words", async (__, words, sentence) => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    const ended = await millrace(["record", ...words, "--data", data.path]);
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain(sentence);
  });
});

const wrong: [string, string[], RegExp][] = [
  ["no value", ["set", "a"], /^millrace: record set needs its JSON, as in: millrace record set/],
  ["no name", ["get"], /^millrace: record get needs its NAME/],
  ["a value that is no JSON", ["set", "a", "{x}"], /^millrace: The value is not JSON; quote it/],
  ["two values", ["set", "a", "1", "2"], /one NAME and one JSON only, not also "2"/],
  ["a version that is none", ["set", "a", "1", "--version", "x"], /--version must be a whole/],
  ["too late a version", ["set", "a", "1", "--version", "2147483648"], /from 0 to 2147483647/],
];
test.each(wrong)("%s is a mistake in typing", async (_, words, sentence) => {
  const ended: Ended = await millrace(["record", ...words, "--data", "/nonexistent"]);
  expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
  expect(ended.stderr).toMatch(sentence);
});
