// Caches, tokens and keys are administered alike with the server stopped and with it running.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { adminSocketPath } from "../../src/cli/admin-socket.ts";
import { openAdministration } from "../../src/cli/administration.ts";
import { loadSettings } from "../../src/config/load.ts";
import { lockDirectory } from "../../src/engine/sqlite/directory-lock.ts";
import {
  millrace,
  millraceProcess,
  poll,
  printed,
  serving,
  temporaryDirectory,
  waiters,
} from "./millrace.ts";

setDefaultTimeout(180_000);

const both: [string, (data: string) => Promise<AsyncDisposable>][] = [
  ["stopped", async () => ({ async [Symbol.asyncDispose]() {} })],
  ["running", (data) => serving("--data", data)],
];

describe.each(both)("with the server %s", (_, start) => {
  test("a cache is made, shown, changed and deleted", async () => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    const cache = (...words: string[]) => printed("cache", ...words, "--data", data.path);
    expect(await cache("list")).toBe("");
    expect(await cache("list", "--json")).toBe('{"caches":[]}');
    expect(await cache("create", "b")).toBe("The cache b is there now.");
    expect(await cache("create", "b")).toBe("The cache b exists already.");
    expect(await cache("create", "long name/é", "--topics-max=3")).toContain("is there now");
    expect(await cache("create", "b", "--retention-seconds", "5", "--waiters-max=0")).toBe(
      "The cache b exists already; it was changed.",
    );
    expect(await cache("list")).toMatch(
      /^b {12}0 topics {2}0 bytes {2}0 waiters {2}created \d{4}-\d\d-\d\dT\S+Z\nlong name\/é {2}0 topics .*$/,
    );
    const { caches } = JSON.parse(await cache("list", "--json"));
    expect(caches).toMatchObject([
      { name: "b", retention: { seconds: 5 }, limits: { topics: 1_000_000, waiters: 0 } },
      { name: "long name/é", retention: { seconds: 604_800 }, limits: { topics: 3 } },
    ]);
    await cache("create", "b", "--retention-seconds", "default");
    const [b] = JSON.parse(await cache("list", "--json")).caches;
    expect(b.retention.seconds).toBe(604_800);
    expect(await cache("delete", "long name/é")).toBe("The cache long name/é was deleted.");
    expect(await millrace(["cache", "delete", "long name/é", "--data", data.path])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "millrace: Cache not found\n",
    });
    expect(await cache("list")).toMatch(/^b .*$/);
  });

  test("every figure of a cache can be set", async () => {
    using data = temporaryDirectory();
    await using _server = await start(data.path);
    const flags = [
      ...["--retention-seconds=1", "--retention-bytes=2", "--retention-topic-items=3"],
      ...["--topics-max=4", "--stored-bytes-max=5", "--publishes-per-second=6"],
      ...["--bytes-per-second=7", "--waiters-max=8"],
    ];
    await printed("cache", "create", "c", "--data", data.path, ...flags);
    const { caches } = JSON.parse(await printed("cache", "list", "--json", "--data", data.path));
    expect(caches).toEqual([
      {
        name: "c",
        created_at: expect.any(Number),
        retention: { seconds: 1, bytes: 2, topic_items: 3 },
        limits: {
          topics: 4,
          stored_bytes: 5,
          publishes_per_second: 6,
          bytes_per_second: 7,
          waiters: 8,
        },
        topics: 0,
        bytes: 0,
        waiters: 0,
      },
    ]);
  });

  test("a refusal is told in its own words", async () => {
    using data = temporaryDirectory();
    await Bun.write(join(data.path, "one.toml"), "[caches]\ncaches_max = 1\n");
    const config = ["--data", data.path, "--config", join(data.path, "one.toml")];
    await using _server = await serving(...config);
    await printed("cache", "create", "a", ...config);
    const { exitCode, stderr } = await millrace(["cache", "create", "b", ...config]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^millrace: .*\b1\b.*\n$/);
  });

  test("the key is rotated, and older tokens stay good unless they are ended", async () => {
    using data = temporaryDirectory();
    const token = await printed("token", "create", "--admin", "--data", data.path);
    {
      await using _server = await start(data.path);
      const rotated = await printed("key", "rotate", "--data", data.path);
      expect(rotated).toMatch(/^Tokens are signed with the key \w+ from now on; older tokens stay/);
    }
    expect(await statusWith(data.path, token)).toBe(200);
    {
      await using _server = await start(data.path);
      const rotated = await printed("key", "rotate", "--revoke-old", "--data", data.path);
      expect(rotated).toMatch(/every token made until now has ended\.$/);
    }
    expect(await statusWith(data.path, token)).toBe(401);
  });

  test("an id that only another identity provider can give is revoked as well", async () => {
    using data = temporaryDirectory();
    await printed("token", "create", "--admin", "--data", data.path);
    await using _server = await start(data.path);
    const revoked = await printed("token", "revoke", "oauth|*", "--data", data.path);
    expect(revoked).toContain("oauth|*");
  });

  test("a token is revoked by its id, and one that is made later is good", async () => {
    using data = temporaryDirectory();
    const create = ["token", "create", "--admin", "--data", data.path, "--id", "a/b ü"];
    const token = await printed(...create);
    {
      await using _server = await start(data.path);
      expect(await printed("token", "revoke", "a/b ü", "--data", data.path)).toContain("a/b ü");
    }
    expect(await statusWith(data.path, token)).toBe(401);
    expect(await statusWith(data.path, await printed(...create))).toBe(200);
  });
});

describe("on a running server at once", () => {
  test("a cache is there, and is gone for who waits on it", async () => {
    using data = temporaryDirectory();
    await using server = await serving("--data", data.path);
    const token = await printed("token", "create", "--admin", "--data", data.path);
    expect((await poll(server, token)).status).toBe(404);
    await printed("cache", "create", "c", "--data", data.path);
    const waiting = poll(server, token);
    await waiters(data.path, 1);
    await printed("cache", "delete", "c", "--data", data.path);
    expect((await waiting).status).toBe(404);
  });

  test("a revoked token is refused, and who waits on it as well", async () => {
    using data = temporaryDirectory();
    await using server = await serving("--data", data.path);
    const create = [
      "token",
      "create",
      "--data",
      data.path,
      "--cache=c",
      "--topic=*",
      "--role=both",
    ];
    const [token, other] = [await printed(...create, "--id", "a"), await printed(...create)];
    await printed("cache", "create", "c", "--data", data.path);
    const waiting = poll(server, token);
    const staying = poll(server, other);
    await waiters(data.path, 2);
    await printed("token", "revoke", "a", "--data", data.path);
    expect((await waiting).status).toBe(401);
    expect((await poll(server, token)).status).toBe(401);
    const published = await fetch(`${server.url}/topics/c/t`, {
      method: "POST",
      body: "x",
      headers: { authorization: other },
    });
    expect(published.status).toBe(204);
    expect((await staying).status).toBe(200);
  });

  test("old keys end, and who waits on a token of theirs as well", async () => {
    using data = temporaryDirectory();
    await using server = await serving("--data", data.path);
    const token = await printed("token", "create", "--admin", "--data", data.path);
    await printed("cache", "create", "c", "--data", data.path);
    const waiting = poll(server, token);
    await waiters(data.path, 1);
    await printed("key", "rotate", "--revoke-old", "--data", data.path);
    expect((await waiting).status).toBe(401);
    const next = await printed("token", "create", "--admin", "--data", data.path);
    const answer = await fetch(`${server.url}/caches`, { headers: { authorization: next } });
    expect(answer.status).toBe(200);
  });
});

describe("a directory that is held", () => {
  test("by another command is waited for", async () => {
    using data = temporaryDirectory();
    const lock = lockDirectory(data.path, 0);
    const created = millraceProcess(["cache", "create", "c", "--data", data.path]);
    // The command may come before or after this: it must do either way.
    await millraceProcess(["version"]);
    lock?.[Symbol.dispose]();
    expect((await created).stdout).toBe("The cache c is there now.\n");
  });

  test("by a process that does not answer is said to be", async () => {
    using data = temporaryDirectory();
    using _lock = lockDirectory(data.path, 0);
    const loaded = loadSettings({ environment: {}, flags: { data: data.path } });
    if ("problems" in loaded) throw new Error(loaded.problems.join());
    await expect(openAdministration(loaded.settings, 100)).rejects.toThrow(
      `The data directory ${data.path} is in use by a process that does not answer.`,
    );
  });

  test("by many commands at once loses nothing", async () => {
    using data = temporaryDirectory();
    const names = ["a", "b", "c", "d", "e", "f"];
    const created = names.map((name) =>
      millraceProcess(["cache", "create", name, "--data", data.path]),
    );
    for (const { exitCode } of await Promise.all(created)) expect(exitCode).toBe(0);
    const { caches } = JSON.parse(await printed("cache", "list", "--json", "--data", data.path));
    expect(caches.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  test("by a server that was killed is free again", async () => {
    using data = temporaryDirectory();
    const server = await serving("--data", data.path);
    await printed("cache", "create", "c", "--data", data.path);
    server.kill("SIGKILL");
    await server.ended;
    expect(await printed("cache", "list", "--data", data.path)).toMatch(/^c /);
  });
});

test("a directory whose path is too long for a socket is administered as well", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "x".repeat(120));
  mkdirSync(data);
  expect(Buffer.byteLength(adminSocketPath(data))).toBeLessThanOrEqual(100);
  await using _server = await serving("--data", data);
  expect(await printed("cache", "create", "c", "--data", data)).toBe("The cache c is there now.");
});

async function statusWith(data: string, token: string): Promise<number> {
  await using server = await serving("--data", data);
  const answer = await fetch(`${server.url}/caches`, { headers: { authorization: token } });
  return answer.status;
}
