// Rules are checked before the server starts, tested from the command line, and taken up while it runs.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { millrace, printed, serving, temporaryDirectory } from "./millrace.ts";

setDefaultTimeout(180_000);

const ALL = {
  record: { "*": { create: true, read: true, write: true } },
  event: { "*": { publish: true } },
  rpc: { "*": { request: true } },
  presence: { "*": { allow: false } },
};

const RULES = {
  ...ALL,
  record: {
    ...ALL.record,
    "users/$id": { write: "user.id === $id && data.age > 10", delete: "oldData.age === 3" },
    "own/*": { read: "_('owners/' + name).of === user.id" },
    "wrong/*": { read: "name.a.b" },
  },
  event: { "*": { publish: "user.isAuthenticated", listen: true } },
};

const WRONG = `record:
  "*": { read: "user.id ===", fly: true }
event:
  "*": { publish: "data.a = 1" }
  "/x": { publish: true }
rpc:
  "a/*": { request: true }
`;

describe("millrace permissions test", () => {
  const alice = ["--user", '{"id":"alice"}'];
  const answers: readonly [string, string[], number, RegExp][] = [
    [
      "yes",
      [...alice, "--action", "write", "--name", "users/alice", "--value", '{"age":11}'],
      0,
      /^yes: record "users\/\$id" write: user\.id === \$id && data\.age > 10$/,
    ],
    [
      "no",
      [...alice, "--action", "record.write", "--name", "users/bob", "--value", '{"age":11}'],
      1,
      /^no: record "users\/\$id" write: /,
    ],
    [
      "what is there",
      [...alice, "--action", "delete", "--name", "users/x", "--old-value", '{"age":3}'],
      0,
      /^yes/,
    ],
    [
      "nobody in particular",
      ["--action", "publish", "--name", "e"],
      1,
      /^no: event "\*" publish: user\.isAuthenticated$/,
    ],
    ["no rule", ["--action", "notify", "--name", "r"], 1, /^no: no rule is about it$/],
    ["no name", ["--action", "allow"], 1, /^no: presence "\*" allow: false$/],
    [
      "a rule that fails",
      ["--action", "read", "--name", "wrong/r"],
      1,
      /^no, because the rule failed \(.+\): record "wrong/,
    ],
    [
      "a record that is not there",
      [...alice, "--action", "read", "--name", "own/x"],
      1,
      /^no, because the rule failed/,
    ],
  ];
  test.each(answers)("%s", async (_, words, exitCode, line) => {
    using directory = temporaryDirectory();
    const rules = await write(directory.path, RULES);
    const ended = await run("permissions", "test", ...rules, "--data", directory.path, ...words);
    expect([ended.exitCode, ended.complaints]).toEqual([exitCode, []]);
    expect(ended.lines.join("\n")).toMatch(line);
  });

  test("what a rule asks of other records is what the store holds", async () => {
    using directory = temporaryDirectory();
    const rules = await write(directory.path, RULES);
    const data = ["--data", join(directory.path, "data")];
    await run("record", "set", "owners/own/x", '{"of":"alice"}', ...data);
    const ask = (...more: string[]) =>
      run(
        "permissions",
        "test",
        ...rules,
        ...data,
        ...alice,
        "--action",
        "read",
        "--name",
        "own/x",
        ...more,
      );
    expect(await ask()).toMatchObject({ exitCode: 0, complaints: [] });
    await using _server = await serving(...data);
    await printed("record", "set", "owners/own/x", '{"of":"bob"}', ...data);
    expect(await ask()).toMatchObject({ exitCode: 1, complaints: [] });
  });

  const mistakes: readonly [string, string[], RegExp][] = [
    ["no action", ["--name", "r"], /--action is missing: allowed are record\.create, /],
    ["no such action", ["--action", "fly", "--name", "r"], /--action "fly" is none: allowed are /],
    [
      "one of two",
      ["--action", "listen", "--name", "r"],
      /--action "listen" is not clear: allowed are record\.listen,event\.listen/,
    ],
    ["no name", ["--action", "read"], /--name must say which record/],
    [
      "a user without an id",
      ["--action", "allow", "--user", '{"data":1}'],
      /--user must be an object with id/,
    ],
    ["no JSON", ["--action", "allow", "--user", "alice"], /--user is not JSON/],
  ];
  test.each(mistakes)("%s is a mistake in typing", async (_, words, sentence) => {
    const ended = await run("permissions", "test", ...words);
    expect([ended.exitCode, ended.lines]).toEqual([2, []]);
    expect(ended.complaints.join("\n")).toMatch(sentence);
  });

  test("without rules there is nothing to test", async () => {
    const ended = await run("permissions", "test", "--action", "allow");
    expect(ended).toMatchObject({ exitCode: 1, lines: [] });
    expect(ended.complaints.join()).toContain("[deepstream] permissions names no file");
  });
});

describe("a file of rules", () => {
  test("has each problem named with its place", async () => {
    using directory = temporaryDirectory();
    const rules = await write(directory.path, WRONG);
    const { exitCode, complaints } = await run("check-config", ...rules);
    expect(exitCode).toBe(78);
    const places = complaints.map(
      (line) => /^millrace: permissions\.yml: line (\d+), /.exec(line)?.[1],
    );
    expect(places.toSorted()).toEqual(["1", "2", "2", "4", "5", "6"]);
    expect(complaints.join("\n")).toContain('missing configuration section "presence"');
  });

  const unusable: readonly [string, (directory: string) => Promise<string>, RegExp][] = [
    [
      "missing",
      async (directory) => join(directory, "none.yml"),
      /none\.yml cannot be read: ENOENT/,
    ],
    ["a directory", async (directory) => directory, /cannot be read: EISDIR/],
    [
      "empty",
      async (directory) => {
        await Bun.write(join(directory, "empty.yml"), "");
        return join(directory, "empty.yml");
      },
      /empty\.yml: line 1, column 1: /,
    ],
  ];
  test.each(unusable)("that is %s keeps the server from starting", async (_, make, sentence) => {
    using directory = temporaryDirectory();
    const path = await make(directory.path);
    for (const words of [
      ["check-config"],
      ["serve", "--data", join(directory.path, "data"), "--port", "0"],
    ]) {
      const ended = await run(...words, "--deepstream-permissions", path);
      expect([ended.exitCode, ended.lines]).toEqual([78, []]);
      expect(ended.complaints.join("\n")).toMatch(sentence);
    }
  });

  test("is warned of where a rule may answer something else than true or false", async () => {
    using directory = temporaryDirectory();
    const rules = await write(directory.path, { ...ALL, event: { "*": { publish: "user.data" } } });
    const { exitCode, lines, complaints } = await run("check-config", ...rules);
    expect([exitCode, lines]).toEqual([0, ["The configuration is good."]]);
    expect(complaints).toEqual([
      expect.stringMatching(
        /^millrace: warning: permissions\.yml: line 1, column \d+: event "\*" publish: /,
      ),
    ]);
  });

  test("is taken up while the server runs, and a bad one leaves the old in force", async () => {
    using directory = temporaryDirectory();
    const [flag, path] = await write(directory.path, ALL);
    await using server = await serving("--data", join(directory.path, "data"), flag, path);
    const emit = async () => {
      const body = JSON.stringify({ body: [{ topic: "event", action: "emit", eventName: "e" }] });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server.url}/api`, { method: "POST", headers, body });
      return ((await answer.json()) as { readonly result: string }).result;
    };
    expect(await emit()).toBe("SUCCESS");
    const reloadTo = async (rules: unknown, line: RegExp) => {
      await write(directory.path, rules);
      server.kill("SIGHUP");
      await until("the log says so", () => line.test(server.stderr()));
    };
    await reloadTo(RULES, /Reloaded/);
    expect(await emit()).toBe("FAILURE");
    expect(await emit()).toBe("FAILURE");
    const denials = server.stderr().match(/Denied by a rule.*/g);
    expect(denials).toEqual([
      expect.stringMatching(
        /section=event action=publish operation=EMIT user="open" name="e" pattern="\*" rule="user\.isAuthenticated"/,
      ),
    ]);
    await reloadTo(WRONG, /ERROR Reload of permission rules failed; the old stay in force.*line 2/);
    expect(await emit()).toBe("FAILURE");
    await reloadTo(ALL, /the old stay in force(?:.*\n)+.*Reloaded(?:.*\n)+.*Reloaded/);
    expect(await emit()).toBe("SUCCESS");
  });
});

/** The flag that names the file. Text as it is, anything else as JSON. */
async function write(directory: string, rules: unknown): Promise<[string, string]> {
  const path = join(directory, "permissions.yml");
  await Bun.write(path, typeof rules === "string" ? rules : JSON.stringify(rules));
  return ["--deepstream-permissions", path];
}

/** By line. */
async function run(...words: string[]) {
  const { exitCode, stdout, stderr } = await millrace(words);
  return { exitCode, lines: linesOf(stdout), complaints: linesOf(stderr) };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").slice(0, -1);
}
