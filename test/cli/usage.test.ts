// What is typed wrongly ends with one sentence that helps, and touches nothing.

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Ended, millrace, millraceProcess, temporaryDirectory } from "./millrace.ts";

const create = (...flags: string[]) => ["token", "create", ...flags];
const selected = (...flags: string[]) =>
  create("--cache", "c", "--topic", "t", "--role", "both", ...flags);

describe("wrong usage ends with 2", () => {
  const rows: [string, string[], RegExp][] = [
    ["an unknown command", ["sevre"], /no command "sevre"; did you mean millrace serve\?/],
    ["one that is near nothing", ["xyzzy"], /no command "xyzzy"; known: serve, cache create,/],
    ["a group alone", ["cache"], /cache is no whole command; known: cache create, cache list,/],
    ["a group with flags", ["token", "--admin"], /token is no whole command/],
    ["an unknown one of a group", ["token", "mint"], /no command "token mint"; known: token cr/],
    ["a near one of a group", ["cache", "lits"], /did you mean millrace cache list\?/],
    ["a flag before the command", ["--port", "1", "serve"], /command comes before its flags/],
    ["an unknown flag", ["serve", "--prot", "1"], /--prot is no flag of .*; did you mean --port\?/],
    ["an unknown flag with =", ["serve", "--prot=1"], /--prot is no flag .* did you mean --port\?/],
    ["one that is near nothing", ["serve", "--frobnicate"], /serve --help lists its flags/],
    ["a short flag", ["serve", "-p", "1"], /-p is no flag of millrace serve/],
    ["a name of objects as a flag", ["serve", "--constructor"], /--constructor is no flag/],
    ["that other one", ["serve", "--__proto__=1"], /--__proto__ is no flag/],
    ["control characters", ["serve", "--a\nb\u001b[0m"], /"--a\\nb\\u001b\[0m" is no flag/],
    ["a flag of another command", ["cache", "list", "--port", "1"], /--port is no flag of millr/],
    [
      "a setting for all caches as one for this cache",
      ["cache", "create", "c", "--caches-retention-seconds", "1"],
      /--caches-retention-seconds is no flag of millrace cache create/,
    ],
    ["a flag without its value", ["serve", "--port"], /--port needs a value\./],
    [
      "a flag with a flag as its value",
      ["serve", "--port", "--dev"],
      /--port needs a value before/,
    ],
    ["a negative value flag", ["serve", "--no-port"], /--no-port is no flag .* mean --port\?/],
    ["a switch with a value", ["serve", "--dev=yes"], /--dev is a switch/],
    ["an argument too many", ["serve", "now"], /serve takes no argument "now"\./],
    ["two names", ["cache", "create", "a", "b"], /takes one NAME only, not also "b"\./],
    ["no name", ["cache", "create"], /cache create needs its NAME, as in: millrace cache create m/],
    [
      "an id that is not for tokens",
      create("--admin", "--id", "command line"),
      /--id "command line" is not for tokens\./,
    ],
    ["no id", ["token", "revoke"], /token revoke needs its ID, as in:/],
    ["an empty name", ["cache", "create", ""], /"" cannot be the name of a cache \(allowed: 1 to/],
    ["a wildcard as a name", ["cache", "delete", "a*"], /"a\*" cannot be the name of a cache/],
    ["a name too long", ["cache", "create", "x".repeat(256)], /cannot be the name of a cache/],
    ["an id of dots", ["token", "revoke", ".."], /"\.\." cannot be the id of a token/],
    [
      "a figure that is none",
      ["cache", "create", "c", "--retention-seconds", "1h"],
      /--retention-seconds is "1h"; it must be a whole number from 0 \(no limit\)/,
    ],
    [
      "a figure below",
      ["cache", "create", "c", "--topics-max=-1"],
      /--topics-max is "-1"; it must/,
    ],
    ["one above", ["cache", "create", "c", "--waiters-max=9007199254740992"], /it must be a whole/],
    ["a token for nothing", create(), /token create needs --cache, --topic and --role, or --admin/],
    ["no topic, no role", create("--cache", "c"), /token create needs --topic and --role\./],
    ["no role", create("--cache", "c", "--topic", "t"), /token create needs --role\./],
    ["admin of a cache", create("--admin", "--cache", "c"), /leave --cache away, or --admin/],
    ["admin with a role", create("--admin", "--role", "both"), /leave --role away/],
    [
      "a near role",
      selected("--role", "publsh"),
      /one of publish, subscribe, both; did you mean p/,
    ],
    [
      "an unknown role",
      selected("--role", "owner"),
      /--role is "owner"; it must be one of publish/,
    ],
    [
      "an unknown form",
      selected("--format", "pem"),
      /--format is "pem"; it must be one of key, jw/,
    ],
    ["no unit", selected("--expires", "15"), /--expires is "15"; it must be never or a whole/],
    ["an unknown unit", selected("--expires", "2w"), /--expires is "2w"/],
    ["no time", selected("--expires", "0s"), /--expires is "0s"/],
    ["an age", selected("--expires", "36501d"), /from 1s to 36500d/],
    [
      "data without a user",
      create("--admin", "--client-data={}", "--server-data=1"),
      /--deepstream-user, or leave --client-data and --server-data away/,
    ],
    [
      "a user without an id",
      create("--deepstream-user", ""),
      /--deepstream-user is ""; it must be 1 to 250 bytes/,
    ],
    [
      "a user and half a permission",
      create("--deepstream-user", "a", "--cache", "c"),
      /token create needs --topic and --role\./,
    ],
    ["data that is no JSON", create("--deepstream-user", "a", "--server-data", "x"), /not JSON/],
    [
      "client data that is no object",
      create("--deepstream-user", "a", "--client-data", "[]"),
      /--client-data must be a JSON object/,
    ],
    ["no address", ["user", "add"], /user add needs its EMAIL, as in: millrace user add a/],
    ["what is no address", ["user", "remove", "alice"], /"alice" is no email address/],
    ["a password as an argument", ["user", "add", "a@b", "secret"], /takes one EMAIL only/],
    ["a password as a flag", ["user", "add", "a@b", "--password", "x"], /--password is no flag/],
    ["no password", ["user", "password", "a@b", "--data", "."], /A password is needed/],
    ["nothing to hash", ["user", "hash"], /A password is needed: typed on a terminal, or as/],
    ["a fraction", selected("--expires", "1.5h"), /--expires is "1\.5h"/],
    ["an empty id", selected("--id", ""), /"" cannot be the name of a token/],
    ["an id with a wildcard", selected("--id", "a*"), /"a\*" cannot be the name of a token/],
    ["a pattern as a cache", selected("--cache", "c*"), /--cache is "c\*"; it must be '\*' or a/],
    ["a wildcard inside", selected("--topic", "a*b"), /--topic is "a\*b"; it must be '\*', a name/],
    ["two wildcards", selected("--topic", "a**"), /--topic is "a\*\*"/],
    ["an empty topic", selected("--topic="), /--topic is ""/],
    ["a * that the shell expanded", selected("a.txt", "b.txt"), /quote that, as '\*'/],
    ["help on nothing that is", ["help", "srve"], /no command "srve"; did you mean millrace serve/],
    ["help on nothing in a group", ["cache", "show", "--help"], /no command "cache show"/],
  ];
  test.each(rows)("%s", async (_, words, sentence) => {
    using directory = temporaryDirectory();
    const ended = await millrace(words, { cwd: directory.path });
    expect(ended.stderr).toMatch(sentence);
    expectOneSentence(ended, 2);
    expect(readdirSync(directory.path)).toEqual([]);
  });
});

describe("work that cannot be done ends with 1", () => {
  const rows: [string, string[], RegExp][] = [
    [
      "caches of no directory",
      ["cache", "list", "--data", "none"],
      /There is no data directory no/,
    ],
    [
      "deleting there",
      ["cache", "delete", "c", "--data", "none"],
      /There is no data directory none/,
    ],
    [
      "revoking there",
      ["token", "revoke", "i", "--data", "none"],
      /There is no data directory none/,
    ],
    [
      "rotating there",
      ["key", "rotate", "--data", "none"],
      /There is no data directory none; --data/,
    ],
    [
      "a file as the directory",
      ["cache", "create", "c", "--data", "file"],
      /data directory file ca/,
    ],
    [
      "a file there for a server",
      ["serve", "--data", "file", "--port", "0"],
      /data directory file/,
    ],
    ["keys that are damaged", create("--admin", "--data", "damaged"), /keys\.json is damaged/],
    [
      "a file of users that is not there",
      ["check-config", "--deepstream-auth", "file"],
      /file of users .*users\.yml cannot be read/,
    ],
    [
      "a file for the metrics' token that is not there",
      ["check-config", "--metrics-token-file", "none"],
      /token of the metrics cannot be read: .*none/,
    ],
    [
      "a token for the metrics that is too short to be one",
      ["serve", "--port", "0", "--metrics-token-file", "file"],
      /^millrace: The file file does not hold a token for the metrics: it must be one line of 16/,
    ],
    [
      "an audit file that cannot be made",
      ["serve", "--port", "0", "--log-audit-file", "file/none"],
      /audit file cannot be written to: .*file\/none/,
    ],
  ];
  test.each(rows)("%s", async (_, words, sentence) => {
    using directory = temporaryDirectory();
    await Bun.write(join(directory.path, "file"), "");
    await Bun.write(join(directory.path, "damaged/keys.json"), "{");
    const ended = await millrace(words, { cwd: directory.path });
    expect(ended.stderr).toMatch(sentence);
    expectOneSentence(ended, 1);
    expect(existsSync(join(directory.path, "none"))).toBe(false);
  });
});

describe("a wrong configuration ends with 78 and names every problem in a line of its own", () => {
  const file = '[http]\nport = "x"\nprot = 1\n';
  const rows: [string, string[], Record<string, string>, RegExp[]][] = [
    ["a flag", ["serve", "--port", "70000"], {}, [/--port is 70000; it must be a whole number/]],
    ["a variable", ["check-config"], { MILLRACE_HTTP_PORT: "x" }, [/MILLRACE_HTTP_PORT is "x"/]],
    [
      "all sources at once",
      ["serve", "--config", "a.toml", "--region", "No"],
      { MILLRACE_LOG_LEVEL: "loud" },
      [/port in a\.toml is "x"/, /prot in a\.toml is unknown/, /MILLRACE_LOG_LEVEL/, /--region is/],
    ],
    ["a file that is not there", ["serve", "--config", "b.toml"], {}, [/b\.toml cannot be read/]],
    ["a file that is a directory", ["cache", "list", "--config", "."], {}, [/file \. cannot be r/]],
    [
      "a file that is no TOML",
      ["token", "create", "--admin", "--config=c.toml"],
      {},
      [/c\.toml is/],
    ],
    [
      "an address that others can reach, and nothing about who may log in",
      ["serve", "--host", "0.0.0.0"],
      {},
      [/others can reach, so \[deepstream\] auth has to be written down/],
    ],
    [
      "the same, without a server",
      ["check-config"],
      { MILLRACE_HTTP_HOST: "::" },
      [/others can reach, so \[deepstream\] auth has to be written down/],
    ],
    ["two names of one setting", ["serve", "--port=1", "--http-port=2"], {}, [/are the same sett/]],
  ];
  test.each(rows)("%s", async (_, words, env, problems) => {
    using directory = temporaryDirectory();
    await Bun.write(join(directory.path, "a.toml"), file);
    await Bun.write(join(directory.path, "c.toml"), "= 1");
    const { exitCode, stdout, stderr } = await millrace(words, { cwd: directory.path, env });
    const lines = stderr.trimEnd().split("\n");
    for (const [place, problem] of problems.entries()) expect(lines[place]).toMatch(problem);
    expect({ exitCode, stdout, lines: lines.length }).toEqual({
      exitCode: 78,
      stdout: "",
      lines: problems.length,
    });
    expect(existsSync(join(directory.path, "millrace-data"))).toBe(false);
  });
});

test("a process ends with the code, and its complaint is on standard error", async () => {
  const ended = await millraceProcess(["sevre"]);
  expect(ended.stderr).toMatch(/did you mean millrace serve\?/);
  expectOneSentence(ended, 2);
});

function expectOneSentence({ exitCode, stdout, stderr }: Ended, expected: number): void {
  expect(stderr).toMatch(/^millrace: [^\n]+[.?]?\n$/);
  expect({ exitCode, stdout }).toEqual({ exitCode: expected, stdout: "" });
}
