// Users are administered alike with the server stopped and with it running.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { WireClient } from "../conformance/deepstream-ws/wire-client.ts";
import {
  type Ended,
  millrace,
  printed,
  printedAfter,
  serving,
  temporaryDirectory,
} from "./millrace.ts";

setDefaultTimeout(180_000);

const both: [string, (data: string) => Promise<AsyncDisposable>][] = [
  ["stopped", async () => ({ async [Symbol.asyncDispose]() {} })],
  ["running", (data) => serving("--data", data)],
];

describe.each(both)("with the server %s", (_, start) => {
  test("users are added, shown, changed and removed", async () => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    const user = (...words: string[]) => printed("user", ...words, "--data", data.path);
    const typing = (stdin: string, ...words: string[]) =>
      printedAfter({ stdin }, "user", ...words, "--data", data.path);
    expect(await user("list")).toBe("");
    expect(await user("list", "--json")).toBe('{"users":[]}');
    expect(await typing("s3cret\n", "add", " Bob@Example.com", "--server-data", '["x"]')).toMatch(
      /^The user bob@example\.com is there now, with the id [0-9a-f-]{36}\.$/,
    );
    await typing("s3cret", "add", "a/ü?&@example.com", "--client-data", '{"name":"Ü"}');
    const { users } = JSON.parse(await user("list", "--json"));
    expect(users).toEqual([
      {
        email: "a/ü?&@example.com",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        client_data: { name: "Ü" },
        created_at: expect.any(Number),
      },
      {
        email: "bob@example.com",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        server_data: ["x"],
        created_at: expect.any(Number),
      },
    ]);
    const list = await user("list");
    expect(list).toMatch(/^a\/ü\?&@example\.com {2}[0-9a-f-]{36} {2}created \d{4}-\S+Z\nbob@ex/);
    expect(list).not.toMatch(/argon|s3cret/);
    expect(await typing("other", "password", "BOB@example.com")).toContain("another password");
    expect(await user("remove", "a/ü?&@example.com")).toContain("was removed");
    expect(await user("list")).toMatch(/^bob@example\.com .*$/);
  });

  const refusals: [string, (data: string) => Promise<Ended>, string][] = [
    [
      "an address that is there",
      (data) => millrace(["user", "add", "A@B", "--data", data], { stdin: "x" }),
      "There is a user with this email address already.",
    ],
    [
      "removing nobody",
      (data) => millrace(["user", "remove", "c@d", "--data", data]),
      "There is no user with this email address.",
    ],
    [
      "a password for nobody",
      (data) => millrace(["user", "password", "c@d", "--data", data], { stdin: "x" }),
      "There is no user with this email address.",
    ],
  ];
  test.each(refusals)("%s is refused in its own words", async (__, run, sentence) => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    await printedAfter({ stdin: "x" }, "user", "add", "a@b", "--data", data.path);
    const ended = await run(data.path);
    expect(ended).toEqual({ exitCode: 1, stdout: "", stderr: `millrace: ${sentence}\n` });
  });
});

test("the connections of a user are ended while the server runs, and there are none without", async () => {
  using data = temporaryDirectory();
  const disconnect = (id: string) => printed("user", "disconnect", id, "--data", data.path);
  {
    await using server = await serving("--data", data.path);
    // An id that a path could not hold.
    const [first, second] = [
      await WireClient.login(server.url, ".."),
      await WireClient.login(server.url, ".."),
    ];
    expect(await disconnect("..")).toBe("2 connections of the user .. were ended.");
    await Promise.all([first.closed(), second.closed()]);
    expect(await disconnect("..")).toBe("The user .. has no connection.");
  }
  expect(await disconnect("..")).toBe("The user .. has no connection.");
  const ended = await millrace(["user", "disconnect", "a*", "--data", data.path]);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toStartWith(`millrace: "a*" cannot be the id of a user (allowed: `);
});

test("a user is in nobody's list as a hash, and in the database as nothing else", async () => {
  using data = temporaryDirectory();
  await printedAfter({ stdin: "s3cret passw0rd" }, "user", "add", "a@b", "--data", data.path);
  const file = await Bun.file(`${data.path}/millrace.db`).bytes();
  expect(Buffer.from(file).includes("$argon2id$v=19$m=19456,t=2,p=1$")).toBe(true);
  expect(Buffer.from(file).includes("s3cret passw0rd")).toBe(false);
});

test("hash prints what a file of users takes, and nothing else", async () => {
  const hash = await printedAfter({ stdin: "s3cret\n" }, "user", "hash");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$\S+$/);
  expect(await Bun.password.verify("s3cret", hash)).toBe(true);
});

describe("a file of users", () => {
  const bad: [string, string | undefined, RegExp][] = [
    ["that is not there", undefined, /^millrace: The file of users \S+ cannot be read: .*\n$/],
    [
      "with a password in clear text",
      "alice: {password: hunter2}",
      /^millrace: The file of users \S+ cannot be used: the user "alice" has a password that is no hash: .*millrace user hash.*\n$/,
    ],
  ];
  test.each(bad)("%s keeps the server from starting", async (_, text, sentence) => {
    using data = temporaryDirectory();
    const path = `${data.path}/people.yml`;
    if (text !== undefined) await Bun.write(path, text);
    const flags = ["--deepstream-auth", "file", "--deepstream-file-path", path];
    const ended = await millrace(["serve", "--port", "0", "--data", data.path, ...flags]);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).not.toContain("hunter2");
  });

  test("that is good is taken", async () => {
    using data = temporaryDirectory();
    const hash = await printedAfter({ stdin: "x" }, "user", "hash");
    const path = `${data.path}/people.yml`;
    await Bun.write(path, `alice: {password: "${hash}"}\n`);
    const flags = ["--deepstream-auth", "file", "--deepstream-file-path", path];
    await using server = await serving("--data", data.path, ...flags);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});
